package org.datdot.dht;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.datdot.udx.Udx;
import org.datdot.udx.UdxSocket;
import org.jspecify.annotations.Nullable;

/** The part of a UDP port that is not UDX: the DHT's share of a port it has in common with streams. */
final class SharedPort implements DatagramPort {
    private static final System.Logger LOG = System.getLogger(SharedPort.class.getName());

    private final Udx udx;
    private volatile UdxSocket socket;
    private volatile @Nullable Listener listener;
    private boolean closed;

    /** Binds a port; the listener of the socket needs this object, so both are made here. */
    @SuppressWarnings("this-escape")
    private SharedPort(Udx udx, InetSocketAddress local) throws IOException {
        this.udx = udx;
        socket = udx.bind(local, this::received);
    }

    static SharedPort bind(Udx udx, InetSocketAddress local) throws IOException {
        return new SharedPort(udx, local);
    }

    /** What streams are connected through, at present. */
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
        UdxSocket through = socket;
        if (to.getPort() != 0 && !through.isClosed()) through.send(ByteBuffer.wrap(datagram), to);
    }

    @Override
    public void listen(Listener newListener) {
        listener = newListener;
    }

    @Override
    public synchronized void unbind() {
        socket.closeAndWait();
    }

    @Override
    public synchronized void rebind(boolean anyPort) throws IOException {
        if (closed || !socket.isClosed()) return;
        InetSocketAddress before = socket.local();
        try {
            socket = udx.bind(before, this::received);
        } catch (BindException e) {
            if (!anyPort) throw e;
            LOG.log(Level.DEBUG, () -> before + " is taken", e);
            socket = udx.bind(new InetSocketAddress(before.getAddress(), 0), this::received);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        socket.close();
    }
}
