package org.datdot.hypercore;

import org.jspecify.annotations.Nullable;

/**
 * A request that a peer has not answered yet.
 *
 * @param id its number, of this peer's requests
 * @param request what was asked
 * @param errand what for
 */
record Inflight(long id, ProofRequest request, Errand errand) {

    @Nullable
    BlockWork block() {
        return errand instanceof BlockWork work ? work : null;
    }

    /** Whether an answer contains nothing that was not asked for; whether it is true is another question. */
    boolean matches(Proof proof) {
        ProofRequest.BlockRequest block = request.block();
        Proof.DataBlock gotBlock = proof.block();
        if (block == null ? gotBlock != null : gotBlock == null || gotBlock.index() != block.index()) return false;
        ProofRequest.HashRequest hash = request.hash();
        Proof.DataHash gotHash = proof.hash();
        if (hash == null ? gotHash != null : gotHash == null || gotHash.index() != hash.index()) return false;
        ProofRequest.SeekRequest seek = request.seek();
        Proof.DataSeek gotSeek = proof.seek();
        if (gotSeek != null && (seek == null || seek.bytes() != gotSeek.bytes())) return false;
        return (request.upgrade() == null) == (proof.upgrade() == null);
    }
}
