package org.datdot.udx;

import java.io.Closeable;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * A UDP port of {@link Udx}: what streams are connected through, and shared with whatever else speaks on it (npm {@code
 * udx-native}'s {@code UDXSocket}). Any thread may call.
 */
public final class UdxSocket implements Closeable {
    private final Udx udx;
    private final DatagramPort port;
    private final DatagramListener listener;
    private final CompletableFuture<Boolean> released = new CompletableFuture<>();
    private volatile boolean closed;

    /** For {@link Udx}: whether it is in the list of what is flushed next. */
    boolean touched;

    UdxSocket(Udx udx, DatagramPort port, DatagramListener listener) {
        this.udx = udx;
        this.port = port;
        this.listener = listener;
    }

    /** Where it is bound. */
    public InetSocketAddress local() {
        return port.local();
    }

    /** Sends a datagram that is not UDX; its bytes are copied. Like any datagram it may get lost. */
    public void send(ByteBuffer datagram, InetSocketAddress to) {
        check(to);
        if (datagram.remaining() > NioEngine.MAX_DATAGRAM_BYTES) {
            throw new IllegalArgumentException("a datagram of " + datagram.remaining() + " bytes; at most "
                    + NioEngine.MAX_DATAGRAM_BYTES + " are sent");
        }
        byte[] copy = new byte[datagram.remaining()];
        datagram.get(copy);
        udx.execute(() -> {
            if (!closed && port.ready()) {
                port.begin(to, copy.length).put(copy);
                port.end();
                udx.touch(this);
            }
        });
    }

    /** Closes the port and destroys every stream that is connected through it, which their peers are told. */
    @Override
    public void close() {
        udx.execute(() -> udx.closeSocket(this));
    }

    /** As {@link #close}, and waits until others can have the port; not on the thread that drives it. */
    public void closeAndWait() {
        close();
        released.join();
    }

    /** Whether it is closed. */
    public boolean isClosed() {
        return closed;
    }

    void check(InetSocketAddress remote) {
        if (remote.isUnresolved() || remote.getPort() == 0) {
            throw new IllegalArgumentException("an address without a host or a port: " + remote);
        }
        if (remote.getAddress() instanceof Inet6Address && !(local().getAddress() instanceof Inet6Address)) {
            throw new IllegalArgumentException("an IPv4 socket cannot reach " + remote);
        }
    }

    // What follows is for the thread of Udx.

    DatagramPort port() {
        return port;
    }

    DatagramListener listener() {
        return listener;
    }

    void release() {
        closed = true;
        port.close();
        released.complete(true);
    }
}
