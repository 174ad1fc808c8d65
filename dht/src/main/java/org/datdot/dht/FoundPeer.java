package org.datdot.dht;

/**
 * A node that passes on handshakes to a peer.
 *
 * @param from the node
 * @param peer what the peer announced there; not proven in any way: a handshake with its key is the proof
 */
public record FoundPeer(PeerAddress from, PeerRecord peer) {}
