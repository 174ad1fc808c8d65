package org.datdot.dht;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.datdot.udx.Udx;
import org.datdot.udx.UdxSocket;
import org.jspecify.annotations.Nullable;

/** The part of a UDP port that is not UDX: the DHT's share of a port it has in common with streams. */
final class SharedPort implements DatagramPort {
    private final UdxSocket socket;
    private volatile @Nullable Listener listener;

    /** Binds a port; the listener of the socket needs this object, so both are made here. */
    @SuppressWarnings("this-escape")
    private SharedPort(Udx udx, InetSocketAddress local) throws IOException {
        socket = udx.bind(local, this::received);
    }

    static SharedPort bind(Udx udx, InetSocketAddress local) throws IOException {
        return new SharedPort(udx, local);
    }

    /** What streams are connected through. */
    UdxSocket socket() {
        return socket;
    }

    private void received(ByteBuffer buffer, InetSocketAddress from) {
        Listener hears = listener;
        if (hears == null) return;
        byte[] datagram = new byte[buffer.remaining()];
        buffer.get(datagram);
        hears.received(datagram, from);
    }

    @Override
    public InetSocketAddress localAddress() {
        return socket.local();
    }

    @Override
    public void send(byte[] datagram, InetSocketAddress to) {
        if (to.getPort() != 0 && !socket.isClosed()) socket.send(ByteBuffer.wrap(datagram), to);
    }

    @Override
    public void listen(Listener newListener) {
        listener = newListener;
    }

    @Override
    public void close() {
        socket.close();
    }
}
