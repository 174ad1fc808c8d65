package org.datdot.udx;

import java.io.IOException;
import java.net.InetSocketAddress;

/** What makes UDP sockets and waits for them. */
interface DatagramEngine {
    /** The system property that says which to use: {@code nio} or {@code linux}; else the fastest that works here. */
    String CHOICE = "org.datdot.udx.engine";

    /** The fastest for this machine. */
    static DatagramEngine open() throws IOException {
        String choice = System.getProperty(CHOICE, "");
        boolean fit = LinuxCalls.fit(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
        if (choice.equals("nio") || (!fit && !choice.equals("linux"))) {
            return new NioEngine();
        }
        try {
            return new LinuxEngine();
        } catch (LinkageError | UnsupportedOperationException | IllegalCallerException e) {
            System.getLogger(DatagramEngine.class.getName())
                    .log(System.Logger.Level.INFO, "no batched system calls here", e);
            return new NioEngine();
        }
    }

    /** Opens a socket. May be called by any thread. */
    DatagramPort bind(InetSocketAddress local) throws IOException;

    /** Waits until a socket has something, somebody calls {@link #wakeUp()}, or the time is over; not at all for 0. */
    void await(long timeoutUs) throws IOException;

    /** Ends the waiting, the next one if there is none now. Any thread. */
    void wakeUp();

    void close();
}
