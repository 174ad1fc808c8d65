package org.datdot.hypercore;

import org.datdot.crypto.PublicKey;

/**
 * What is known about a peer of a core at some moment.
 *
 * @param publicKey the peer's Noise key
 * @param lengthBlocks length the peer says it has
 * @param contiguousLengthBlocks how many blocks it says it has from the first on without a gap
 * @param inflightBlocks requests it has not answered yet
 * @param queuedRequests its requests which wait for the connection to drain
 * @param paused whether nothing more is asked from it because of wrong or missing answers
 */
public record PeerStatus(
        PublicKey publicKey,
        long lengthBlocks,
        long contiguousLengthBlocks,
        int inflightBlocks,
        int queuedRequests,
        boolean paused) {}
