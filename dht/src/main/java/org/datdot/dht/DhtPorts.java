package org.datdot.dht;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;

/** The two UDP ports of a node; see {@link LocalSocket}. */
record DhtPorts(DatagramPort server, DatagramPort client) {
    private static final System.Logger LOG = System.getLogger(DhtPorts.class.getName());
    private static final int TRIED = 5;

    /** Hears the datagrams of both. */
    @FunctionalInterface
    interface Listener {
        void received(LocalSocket socket, byte[] datagram, InetSocketAddress from);
    }

    /** A way to bind a port. */
    @FunctionalInterface
    interface Binder<P extends DatagramPort> {
        P bind(InetSocketAddress address) throws IOException;
    }

    static DatagramPort bindServer(InetSocketAddress address) throws IOException {
        return bindServer(address, UdpPort::bind);
    }

    /** Binds an address; when its port is taken, one of the next four, else any, as stock nodes do. */
    static <P extends DatagramPort> P bindServer(InetSocketAddress address, Binder<P> binder) throws IOException {
        for (int i = 0; address.getPort() != 0 && i < TRIED; i++) {
            int port = address.getPort() + i;
            try {
                if (port <= 65_535) return binder.bind(new InetSocketAddress(address.getAddress(), port));
            } catch (BindException e) {
                LOG.log(Level.DEBUG, () -> "port " + port + " is taken", e);
            }
        }
        return binder.bind(new InetSocketAddress(address.getAddress(), 0));
    }

    void listen(Listener listener) {
        server.listen((datagram, from) -> listener.received(LocalSocket.SERVER, datagram, from));
        client.listen((datagram, from) -> listener.received(LocalSocket.CLIENT, datagram, from));
    }

    void send(Outgoing datagram) {
        DatagramPort port = datagram.socket() == LocalSocket.SERVER ? server : client;
        port.send(datagram.datagram(), datagram.to().toSocketAddress());
    }

    void unbind() {
        server.unbind();
        client.unbind();
    }

    /**
     * Binds both again, or none.
     *
     * @param anyPort whether the server may take another port
     */
    void rebind(boolean anyPort) {
        try {
            server.rebind(anyPort);
            client.rebind(true);
        } catch (IOException e) {
            unbind();
            throw new UncheckedIOException("cannot listen again at " + server.localAddress(), e);
        }
    }

    void close() {
        server.close();
        client.close();
    }
}
