package org.datdot.hypercore;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * What changes a core from outside: proofs of its blocks and heads, once they are verified against what is known of it.
 * Thread-safe. Source of the rules: verify, reorg and checkConflict in npm hypercore lib/core.js.
 */
final class ProofIntake {
    private final CoreState core;
    private final ReentrantLock lock;
    private final CoreTip tip;
    private final CoreKeys keys;
    private final CommitQueue commits;

    ProofIntake(CoreState core, CoreTip tip, CommitQueue commits) {
        this.core = core;
        this.lock = core.lock();
        this.tip = tip;
        this.keys = core.keys();
        this.commits = commits;
    }

    /**
     * Compares a prepared proof with the core and, when it holds, has it stored with the next commit; listeners hear of
     * it then.
     *
     * @return false when the proof is stale (its upgrade starts elsewhere than the core ends, or it is of another fork)
     *     and was ignored
     * @throws InvalidProofException when it does not verify
     * @throws StorageException when the core takes no more writes
     */
    boolean apply(PreparedProof prepared) {
        return apply(prepared, true);
    }

    /**
     * As {@link #apply(PreparedProof)}.
     *
     * @param hurried whether somebody waits for it, or nothing will follow; else it may be stored together with what does
     */
    boolean apply(PreparedProof prepared, boolean hurried) {
        Proof proof = prepared.proof();
        Proof.DataUpgrade upgrade = proof.upgrade();
        lock.lock();
        try {
            tip.requireWritable();
            if (tip.held() || proof.fork() != tip.head().fork()) return false;
            if (upgrade != null && upgrade.start() != tip.head().length() && !restartsForPrologue(upgrade))
                return false;
            MerkleTreeBatch batch = new MerkleTreeBatch(tip.head());
            batch.add(prepared.nodes());
            TreeNode unverified = prepared.root();
            TreeHead upgraded = null;
            Manifest learnt = keys.manifest() == null && proof.manifest() != null ? keys.manifestFor(proof) : null;
            if (upgrade != null) {
                Manifest rules = keys.manifestFor(proof);
                Verifier signatures = new Verifier(keys.key(), rules);
                if (batch.verifyUpgrade(proof.fork(), upgrade, unverified, signatures.prologue())) unverified = null;
                byte[] signature = upgrade.signature() == null ? new byte[0] : upgrade.signature();
                if (!batch.upgraded()) return false;
                if (!signatures.verify(batch, signature)) {
                    throw new InvalidProofException("the signature of length " + batch.length() + " is not valid");
                }
                upgraded = batch.head(signature);
                if (keys.manifest() == null) learnt = rules;
            }
            if (unverified != null) requireSame(unverified);
            enqueue(proof, batch.nodes(), upgraded, learnt, hurried);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A core with a prologue answers an upgrade from inside it with one from the start. */
    private boolean restartsForPrologue(Proof.DataUpgrade upgrade) {
        return upgrade.start() == 0 && tip.head().length() == 0;
    }

    private void enqueue(
            Proof proof,
            List<TreeNode> nodes,
            @Nullable TreeHead upgraded,
            @Nullable Manifest learnt,
            boolean hurried) {
        Proof.DataBlock block = proof.block();
        List<byte[]> values = block == null ? List.of() : List.of(block.value());
        long start = block == null ? 0 : block.index();
        CoreChange change = CoreChange.store(core, nodes, start, values, upgraded, learnt != null, false);
        tip.submit(change);
        if (learnt != null) keys.learn(learnt);
        tip.keep(nodes);
        if (hurried || upgraded != null || learnt != null) commits.wake();
        else commits.gather();
    }

    private void requireSame(TreeNode unverified) {
        TreeNode known = core.verifiedNodes().node(unverified.index());
        if (known == null) {
            throw new InvalidProofException("the proof ends at tree node " + unverified.index() + ", unknown here");
        }
        if (!known.equals(unverified)) {
            throw new InvalidProofException("the hash of tree node " + unverified.index() + " is another one");
        }
    }

    /**
     * Begins to follow a rewritten core: verifies the proof of the whole tree of another fork. The core is not changed.
     *
     * @throws InvalidProofException when it does not verify
     */
    ReorgBatch verifyReorg(PreparedProof prepared) {
        lock.lock();
        try {
            return ReorgBatch.verify(prepared, keys, tip.head(), core.verifiedNodes());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Replaces the core's tree by that of another fork, dropping the blocks behind their common history; durable when it
     * returns. Called without the core's lock.
     *
     * @return false when the core has changed since the batch began: nothing was done
     * @throws IllegalArgumentException when the batch is not finished
     * @throws StorageException when it cannot be stored
     */
    boolean reorg(ReorgBatch batch) {
        if (!batch.finished()) throw new IllegalArgumentException("the common history is not known yet");
        return tip.alone(true, () -> {
            TreeHead from = tip.head();
            if (!batch.startsAt(from)) return null;
            Manifest learnt = keys.manifest() == null ? batch.learnt() : null;
            if (learnt != null) keys.learn(learnt);
            return CoreChange.truncate(
                    core, batch.nodes(), batch.ancestors(), from.length(), batch.head(), learnt != null, false);
        });
    }

    /** Whether a peer's proof of a whole tree shows another signed history of this fork; see {@link ConflictCheck}. */
    boolean contradicts(PreparedProof prepared) {
        Verifier signatures = keys.verifier();
        return signatures != null && ConflictCheck.contradicts(prepared, core.head(), core.nodes(), signatures);
    }
}
