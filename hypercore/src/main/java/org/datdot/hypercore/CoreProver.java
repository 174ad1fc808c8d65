package org.datdot.hypercore;

import org.jspecify.annotations.Nullable;

/**
 * Answers requests with proofs of what is committed of a core. Thread-safe; takes no lock while it reads. Source of the
 * rules: proof in npm hypercore lib/merkle-tree.js.
 */
final class CoreProver {
    private static final System.Logger LOG = System.getLogger(CoreProver.class.getName());

    private final CoreState core;

    CoreProver(CoreState core) {
        this.core = core;
    }

    /**
     * Answers a request.
     *
     * @return null when a part that is asked for is not held here
     * @throws InvalidRequestException when no honest reader asks this
     */
    @Nullable
    Proof prove(ProofRequest request) {
        return prove(request, core.head());
    }

    /** The same for a request about one fork: null when the core has another one, by now. */
    @Nullable
    Proof prove(ProofRequest request, long fork) {
        TreeHead at = core.head();
        return at.fork() == fork ? prove(request, at) : null;
    }

    private @Nullable Proof prove(ProofRequest request, TreeHead at) {
        Manifest attached = request.manifest() ? core.manifest() : null;
        boolean manifestOnly = request.block() == null
                && request.hash() == null
                && request.seek() == null
                && request.upgrade() == null;
        if (manifestOnly) {
            return attached == null ? null : new Proof(at.fork(), null, null, null, null, attached);
        }
        byte[] value = null;
        ProofRequest.BlockRequest block = request.block();
        if (block != null) {
            if (!core.hasBlock(block.index())) return null;
            value = core.readBlock(block.index());
            if (value == null) return null;
        }
        Verifier rules = core.keys().verifier();
        try {
            Proof proof = TreeProof.create(at, core.nodes(), request, rules == null ? null : rules.prologue(), value);
            if (cutSince(at)) return null;
            return new Proof(proof.fork(), proof.block(), proof.hash(), proof.seek(), proof.upgrade(), attached);
        } catch (MissingNodeException e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot prove {0}: {1}", request, e.getMessage());
            return null;
        }
    }

    /** Whether what was read since this head may be of two forks. */
    private boolean cutSince(TreeHead at) {
        core.lock().lock();
        try {
            return core.tip().cutting() || core.fork() != at.fork();
        } finally {
            core.lock().unlock();
        }
    }
}
