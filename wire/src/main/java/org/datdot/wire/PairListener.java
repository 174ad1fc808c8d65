package org.datdot.wire;

import org.jspecify.annotations.Nullable;

/**
 * Told about a channel which the peer opened and this side did not. Runs outside of all locks on a thread of its own, so it
 * may take its time (load a core from disk, ask the ledger); what the peer sends for the channel meanwhile is kept, up to a
 * limit, after which the connection is not read. If it returns without having opened the channel, the peer's open is rejected.
 */
@FunctionalInterface
public interface PairListener {
    /**
     * Opens the other end, or does not.
     *
     * @param mux the connection it came by
     * @param id which of the protocol's channels: for hypercore the discovery key
     */
    void onPair(Protomux mux, byte @Nullable [] id);
}
