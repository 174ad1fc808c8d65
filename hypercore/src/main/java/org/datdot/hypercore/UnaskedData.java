package org.datdot.hypercore;

import java.util.Objects;

/**
 * What a peer sends without being asked: blocks it pushes, taken only when the application allows that, and proofs that the
 * core's signer has signed two histories. Each costs a peer some of a fixed budget when it is wrong. Runs on the
 * connection's thread. Source: _handleData and _checkIfConflict in npm hypercore lib/replicator.js.
 */
final class UnaskedData {
    /** Wrong or needless messages after which no more are looked at. */
    static final int MAX_WRONG = 32;

    private static final System.Logger LOG = System.getLogger(UnaskedData.class.getName());

    private final Replicator replicator;
    private final ReplicatorPeer peer;
    private final BlockScheduler scheduler;
    private final CoreState state;
    private int wrong;

    UnaskedData(Replicator replicator, ReplicatorPeer peer, BlockScheduler scheduler) {
        this.replicator = replicator;
        this.peer = peer;
        this.scheduler = scheduler;
        this.state = replicator.state();
    }

    /** The peer sent something that contradicts what is known here: asks it for its history. The caller holds the lock. */
    void probe() {
        peer.requestHistory();
    }

    /** Takes a message with request number 0. */
    void receive(Proof proof) {
        if (wrong >= MAX_WRONG) return;
        try {
            Proof.DataUpgrade upgrade = proof.upgrade();
            boolean history = upgrade != null && upgrade.start() == 0 && proof.block() == null;
            boolean useful = history ? compare(proof) : replicator.allowsPush() && take(proof);
            if (!useful) wrong++;
        } catch (InvalidProofException e) {
            wrong++;
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "{0} sent wrong data for core {1}: {2}",
                    peer.mux().remotePublicKey(),
                    state.key(),
                    e.getMessage());
        } catch (StorageException e) {
            replicator.failed(e);
        }
    }

    private boolean compare(Proof proof) {
        if (!state.intake().contradicts(PreparedProof.of(proof))) return false;
        long length = Objects.requireNonNull(proof.upgrade()).length();
        replicator.conflict(new CoreConflict(state.key(), proof.fork(), length));
        return true;
    }

    private boolean take(Proof proof) {
        Proof.DataBlock block = proof.block();
        BlockWork work = null;
        if (block != null) {
            work = scheduler.takePushed(block.index(), block.value());
            if (work == null && proof.upgrade() == null) return state.hasBlock(block.index());
        }
        boolean applied = false;
        try {
            applied = state.intake().apply(PreparedProof.of(proof));
            if (applied && block != null) replicator.received(block, peer);
            return applied;
        } finally {
            if (work != null && !applied) scheduler.pushFailed(work);
        }
    }

    /** How many siblings a reader of a length needs at most to check a block; 0 when it is behind its end. */
    static long levels(long index, long length) {
        long head = 2 * length;
        FlatIterator at = new FlatIterator(2 * index);
        if (at.rightSpan() >= head) return 0;
        FlatIterator root = new FlatIterator(0);
        for (; root.fullRoot(head); root.nextTree()) if (root.index() == 2 * index) return 0;
        long levels = 0;
        for (at.parent(); !at.contains(head); at.parent()) levels++;
        return levels;
    }
}
