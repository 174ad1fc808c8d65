package org.datdot.udx;

import java.net.InetSocketAddress;

/** A UDP socket as {@link Udx} uses it; for its thread alone. Packets put into it may go out as late as {@link #flush()}. */
interface DatagramPort extends PacketSink {
    InetSocketAddress local();

    /** Hands out what has arrived, up to a limit of the port's own. Returns whether there may be more. */
    boolean receive(DatagramListener listener);

    /** Sends what was put in. */
    void flush();

    void close();
}
