package org.datdot.dht;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A UDP socket of its own, over IPv4, read by a virtual thread. */
public final class UdpPort implements DatagramPort {
    private static final System.Logger LOG = System.getLogger(UdpPort.class.getName());
    private static final int MAX_BYTES = 65_536;

    private final ReentrantLock lock = new ReentrantLock();
    private volatile DatagramChannel channel;
    private volatile InetSocketAddress local;
    private @Nullable Listener listener;
    private @Nullable Thread reader;
    private boolean closed;

    private UdpPort(DatagramChannel channel) throws IOException {
        this.channel = channel;
        this.local = (InetSocketAddress) channel.getLocalAddress();
    }

    /**
     * Binds a socket.
     *
     * @param address port 0 for any free port
     * @throws BindException when another program has the port, or the address is not one of this machine
     */
    public static UdpPort bind(InetSocketAddress address) throws IOException {
        return new UdpPort(bound(address));
    }

    private static DatagramChannel bound(InetSocketAddress address) throws IOException {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        try {
            return channel.bind(address);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public void send(byte[] datagram, InetSocketAddress to) {
        try {
            channel.send(ByteBuffer.wrap(datagram), to);
        } catch (IOException e) {
            // As if it were lost on the way: no route, no memory, closed meanwhile.
            LOG.log(Level.DEBUG, () -> "cannot send to " + to, e);
        }
    }

    @Override
    public void listen(Listener newListener) {
        lock.lock();
        try {
            listener = newListener;
            startReading();
        } finally {
            lock.unlock();
        }
    }

    /** With the lock. */
    private void startReading() {
        Listener hears = listener;
        DatagramChannel from = channel;
        if (hears == null || !from.isOpen()) return;
        reader = Thread.ofVirtual().name("udp " + local).start(() -> read(from, hears));
    }

    private void read(DatagramChannel source, Listener hears) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_BYTES);
        try {
            while (true) {
                buffer.clear();
                if (!(source.receive(buffer) instanceof InetSocketAddress from)) continue;
                buffer.flip();
                byte[] datagram = new byte[buffer.remaining()];
                buffer.get(datagram);
                hears.received(datagram, from);
            }
        } catch (ClosedChannelException e) {
            LOG.log(Level.DEBUG, () -> local + " was closed");
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "nothing can be received at " + local + " any more", e);
        }
    }

    @Override
    public void unbind() {
        Thread reading;
        lock.lock();
        try {
            closeChannel();
            reading = reader;
        } finally {
            lock.unlock();
        }
        if (reading == null) return;
        // The system gives the port to others only when nobody waits at it any more.
        try {
            reading.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void rebind(boolean anyPort) throws IOException {
        lock.lock();
        try {
            if (closed || channel.isOpen()) return;
            DatagramChannel fresh = boundAgain(local, anyPort);
            channel = fresh;
            local = (InetSocketAddress) fresh.getLocalAddress();
            startReading();
        } finally {
            lock.unlock();
        }
    }

    private static DatagramChannel boundAgain(InetSocketAddress address, boolean anyPort) throws IOException {
        try {
            return bound(address);
        } catch (BindException e) {
            if (!anyPort) throw e;
            LOG.log(Level.DEBUG, () -> address + " is taken", e);
            return bound(new InetSocketAddress(address.getAddress(), 0));
        }
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + local, e);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            closeChannel();
        } finally {
            lock.unlock();
        }
    }
}
