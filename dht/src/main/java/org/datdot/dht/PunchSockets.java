package org.datdot.dht;

import org.jspecify.annotations.Nullable;

/** Opens sockets to punch holes with, on ports nobody has sent anything from yet. */
interface PunchSockets {
    /** Hears the datagrams of one byte that come to a socket; what else comes is the DHT's or a stream's. */
    @FunctionalInterface
    interface Listener {
        void probed(LocalSocket socket, PeerAddress from);
    }

    /** A new socket; null when there are too many. */
    @Nullable
    LocalSocket open(Listener listener);

    /** A socket is no longer needed. When a stream goes through it, it stays open for as long as that stream. */
    void close(LocalSocket socket);
}
