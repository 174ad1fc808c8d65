package org.datdot.udx;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Takes the datagrams of a socket which are not UDX, on the thread of {@link Udx}. Must not block. */
@FunctionalInterface
public interface DatagramListener {
    /** Drops everything. */
    DatagramListener NONE = (datagram, from) -> {};

    /** A datagram came. The buffer is used again after the call. */
    void onDatagram(ByteBuffer datagram, InetSocketAddress from);
}
