package org.datdot.udx;

import java.io.IOException;
import java.net.InetSocketAddress;

/** What makes UDP sockets and waits for them. */
interface DatagramEngine {
    /** Opens a socket. May be called by any thread. */
    DatagramPort bind(InetSocketAddress local) throws IOException;

    /** Waits until a socket has something, somebody calls {@link #wakeUp()}, or the time is over; not at all for 0. */
    void await(long timeoutUs) throws IOException;

    /** Ends the waiting, the next one if there is none now. Any thread. */
    void wakeUp();

    void close();
}
