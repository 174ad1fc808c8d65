package org.datdot.hosting;

import java.util.Set;
import org.datdot.crypto.PublicKey;

/**
 * What a {@link BlindPeer} keeps.
 *
 * @param maxBytes of all cores together
 * @param maxCores of all apps together
 * @param maxCoresPerPeer of one app, as far as its key tells
 * @param trusted may have their cores announced, and delete them
 */
public record BlindPeerOptions(long maxBytes, int maxCores, int maxCoresPerPeer, Set<PublicKey> trusted) {
    /** Copies the set; refuses what cannot work. */
    public BlindPeerOptions {
        trusted = Set.copyOf(trusted);
        if (maxBytes < 0 || maxCores < 0 || maxCoresPerPeer < 0) {
            throw new IllegalArgumentException("limits are not negative");
        }
    }

    /** Up to so many bytes in 10,000 cores, 1,000 of one app. */
    public static BlindPeerOptions upTo(long maxBytes) {
        return new BlindPeerOptions(maxBytes, 10_000, 1_000, Set.of());
    }

    /** These with others who are trusted. */
    public BlindPeerOptions withTrusted(Set<PublicKey> peers) {
        return new BlindPeerOptions(maxBytes, maxCores, maxCoresPerPeer, peers);
    }
}
