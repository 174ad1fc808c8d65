package org.datdot.dht;

import java.io.Closeable;
import java.net.InetSocketAddress;

/**
 * A bound UDP socket, or a part of one which several protocols share: it passes on the datagrams that are the DHT's, and maybe
 * others, which the DHT ignores.
 */
public interface DatagramPort extends Closeable {
    /** Where it is bound. */
    InetSocketAddress localAddress();

    /**
     * Sends a datagram, or loses it: the DHT sends again what matters. Does not wait for the network.
     *
     * @param datagram not changed by anybody afterwards
     */
    void send(byte[] datagram, InetSocketAddress to);

    /**
     * From now on the listener hears every datagram that comes in. Called once.
     *
     * @param listener called by one thread at a time, without locks that {@link #send} takes
     */
    void listen(Listener listener);

    /** Ends it; the listener hears nothing more soon afterwards. Closing twice does nothing. */
    @Override
    void close();

    /** Hears datagrams. */
    @FunctionalInterface
    interface Listener {
        /**
         * A datagram came in.
         *
         * @param datagram the listener's own
         */
        void received(byte[] datagram, InetSocketAddress from);
    }
}
