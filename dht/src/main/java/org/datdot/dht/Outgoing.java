package org.datdot.dht;

/**
 * A datagram to send.
 *
 * @param near whether it is meant to open this side's own address translation only, and should die on the way: it may travel a
 *     few hops
 */
@SuppressWarnings("ArrayRecordComponent") // Read only, inside this package.
record Outgoing(LocalSocket socket, PeerAddress to, byte[] datagram, boolean near) {
    /** How far such a datagram travels (npm {@code hyperdht}, {@code lib/holepuncher.js}). */
    static final int NEAR_HOPS = 5;

    Outgoing(LocalSocket socket, PeerAddress to, byte[] datagram) {
        this(socket, to, datagram, false);
    }
}
