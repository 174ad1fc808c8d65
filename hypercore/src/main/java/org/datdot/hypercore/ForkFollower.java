package org.datdot.hypercore;

import java.util.Collection;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Follows the core to newer forks: asks the peers that have one for its head, then for hashes until the common history is
 * known, and has the core cut and continued there. Guarded by the core's lock, which the caller holds unless a method says
 * otherwise. Source of the rules: _updateFork, _requestForkRange and _onreorgdata in npm hypercore lib/replicator.js.
 */
final class ForkFollower {
    private final CoreState state;
    private final Replicator replicator;
    private final Executor executor;
    private final Collection<ReplicatorPeer> peers;
    /** By fork number; one for each peer at most. */
    private final TreeMap<Long, ReorgWork> works = new TreeMap<>();

    private boolean applying;
    private boolean following = true;

    ForkFollower(CoreState state, Replicator replicator, Executor executor, Collection<ReplicatorPeer> peers) {
        this.state = state;
        this.replicator = replicator;
        this.executor = executor;
        this.peers = peers;
    }

    /** Whether the core is being cut: requests made now would be about a tree that goes. */
    boolean applying() {
        return applying;
    }

    /** Whether a peer was asked and may still bring a newer fork. */
    boolean undecided() {
        if (applying) return true;
        for (ReorgWork work : works.values()) if (work.asked != null) return true;
        return false;
    }

    /** Whether other forks are looked at. */
    void follow(boolean value) {
        following = value;
        if (!value) works.clear();
    }

    /** Whether a peer has a newer fork it has not failed to prove. */
    boolean offers(ReplicatorPeer peer) {
        if (!following || !peer.hasNewerFork()) return false;
        ReorgWork work = works.get(peer.fork());
        return work == null || !work.refusedBy.contains(peer);
    }

    /** Sends a peer with a newer fork what there is to be asked, newest fork first and nothing about older ones. */
    void ask(ReplicatorPeer peer) {
        if (applying || !offers(peer)) return;
        Long newest = newestVerified();
        if (newest != null && newest > peer.fork()) return;
        ReorgWork work = works.computeIfAbsent(peer.fork(), ReorgWork::new);
        if (work.asked != null) return;
        ProofRequest request = work.batch == null ? peer.wholeTree() : hashes(peer, work.batch);
        if (request == null) return;
        work.asked = peer;
        peer.request(request, work);
    }

    private @Nullable Long newestVerified() {
        for (ReorgWork work : works.descendingMap().values()) if (work.batch != null) return work.fork;
        return null;
    }

    private static @Nullable ProofRequest hashes(ReplicatorPeer peer, ReorgBatch batch) {
        ReorgBatch.Want want = batch.want();
        if (want == null) return null;
        long block = peer.nextHeld(want.start(), Math.min(want.end(), peer.length()));
        if (block < 0) {
            peer.want(want.start(), want.end());
            return null;
        }
        ProofRequest.HashRequest hash = new ProofRequest.HashRequest(2 * block, want.nodes());
        return new ProofRequest(null, hash, null, null, false);
    }

    /**
     * Takes an answer; takes the lock itself.
     *
     * @return whether it helped
     * @throws InvalidProofException when it does not verify
     */
    boolean received(ReorgWork work, PreparedProof prepared) {
        state.lock().lock();
        try {
            if (applying || works.get(work.fork) != work || prepared.proof().fork() != work.fork) return false;
            ReorgBatch batch = work.batch;
            if (batch == null) {
                if (prepared.proof().upgrade() == null) return false;
                batch = state.intake().verifyReorg(prepared);
                work.batch = batch;
                works.headMap(work.fork, false).clear();
            } else {
                ReorgBatch.Want before = batch.want();
                batch.update(prepared);
                if (!batch.finished() && Objects.equals(before, batch.want())) return false;
            }
            if (batch.finished()) apply(work, batch);
            return true;
        } finally {
            state.lock().unlock();
        }
    }

    private void apply(ReorgWork work, ReorgBatch batch) {
        applying = true;
        executor.execute(() -> {
            try {
                boolean done = state.intake().reorg(batch);
                applied(work, done);
            } catch (StorageException e) {
                replicator.failed(e);
            }
        });
    }

    /** The core was cut, or has changed since and was not: then it starts over. */
    private void applied(ReorgWork work, boolean done) {
        state.lock().lock();
        try {
            applying = false;
            works.remove(work.fork, work);
            if (done) works.headMap(state.fork(), true).clear();
            // Answers about other forks that came meanwhile were not looked at.
            for (ReorgWork other : works.values()) other.refusedBy.clear();
            replicator.changed(null);
        } finally {
            state.lock().unlock();
        }
    }

    /** The core was cut by its writer here, or by us: what was verified against its old tree is void. */
    void truncated() {
        for (ReorgWork work : works.values()) {
            ReplicatorPeer asked = work.asked;
            if (asked != null) asked.cancel(work);
        }
        works.clear();
    }

    /** A peer did not bring what it was asked for, or has. */
    void released(ReorgWork work, ReplicatorPeer peer, boolean refused) {
        if (work.asked == peer) work.asked = null;
        if (refused) work.refusedBy.add(peer);
    }

    /** A peer is gone, and no longer one of the peers. */
    void forget(ReplicatorPeer peer) {
        for (ReorgWork work : works.values()) {
            work.refusedBy.remove(peer);
            if (work.asked == peer) work.asked = null;
        }
        prune();
    }

    /** A peer has another fork now, or is gone: forks that nobody has any more are forgotten. */
    void prune() {
        if (works.isEmpty()) return;
        works.values().removeIf(work -> {
            if (peers.stream().anyMatch(peer -> peer.fork() == work.fork)) return false;
            ReplicatorPeer asked = work.asked;
            if (asked != null) asked.cancel(work);
            return true;
        });
    }

    int count() {
        return works.size();
    }
}
