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

/** A UDP socket of its own, over IPv4, read by a virtual thread. */
public final class UdpPort implements DatagramPort {
    private static final System.Logger LOG = System.getLogger(UdpPort.class.getName());
    private static final int MAX_BYTES = 65_536;

    private final DatagramChannel channel;
    private final InetSocketAddress local;

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
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        try {
            channel.bind(address);
            return new UdpPort(channel);
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
    public void listen(Listener listener) {
        Thread.ofVirtual().name("udp " + local).start(() -> read(listener));
    }

    private void read(Listener listener) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_BYTES);
        try {
            while (true) {
                buffer.clear();
                if (!(channel.receive(buffer) instanceof InetSocketAddress from)) continue;
                buffer.flip();
                byte[] datagram = new byte[buffer.remaining()];
                buffer.get(datagram);
                listener.received(datagram, from);
            }
        } catch (ClosedChannelException e) {
            LOG.log(Level.DEBUG, () -> local + " was closed");
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "nothing can be received at " + local + " any more", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + local, e);
        }
    }
}
