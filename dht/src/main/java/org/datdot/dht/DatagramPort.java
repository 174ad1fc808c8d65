package org.datdot.dht;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A bound UDP socket, or a part of one which several protocols share: it passes on the datagrams that are the DHT's, and maybe
 * others, which the DHT ignores.
 */
public interface DatagramPort extends Closeable {
    /** Where it is bound, or was last. */
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

    /**
     * Closes the socket until {@link #rebind}; what is sent meanwhile is lost. Waits until others can have the port; not for the
     * thread that calls the listener.
     */
    void unbind();

    /**
     * Binds a new socket, to the same address, for the same listener; a machine that slept may be in another network, where the
     * old one is dead. Does nothing when it is bound, or closed for good.
     *
     * @param anyPort whether another port will do when somebody has taken that one meanwhile
     * @throws IOException when the address is not one of this machine any more, or the port is taken; it stays unbound
     */
    void rebind(boolean anyPort) throws IOException;

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
