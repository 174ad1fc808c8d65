package org.datdot.dht;

import java.util.List;

/**
 * What one node says about a topic.
 *
 * @param from the node
 * @param peers who is announced there; not proven in any way: a handshake with a peer's key is the proof
 * @param bump when an announcer last asked others to come back, in milliseconds since 1970; 0 for never
 */
public record LookupResult(PeerAddress from, List<PeerRecord> peers, long bump) {
    /** Copies the list. */
    public LookupResult {
        peers = List.copyOf(peers);
    }
}
