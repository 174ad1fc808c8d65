package org.datdot.udx;

import java.net.InetSocketAddress;

/**
 * Decides about packets for a stream which is not connected, or connected on another socket; asked on the thread of {@link
 * Udx} for each of them. It may connect the stream, which is how the first packet tells where the other side is.
 */
@FunctionalInterface
public interface Firewall {
    /** Takes nothing. */
    Firewall CLOSED = (socket, from) -> false;

    /** Whether the stream takes the packet. */
    boolean admits(UdxSocket socket, InetSocketAddress from);
}
