package org.datdot.udx;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import jdk.net.ExtendedSocketOptions;

/** UDP by the JDK's channels: everywhere, one system call a packet. */
final class NioEngine implements DatagramEngine {
    static final int SEND_BUFFER_BYTES = 212_992;
    static final int RECEIVE_BUFFER_BYTES = 4 << 20;
    static final int MAX_DATAGRAM_BYTES = 2048;

    private static final System.Logger LOG = System.getLogger(NioEngine.class.getName());
    private static final int RECEIVE_BATCH = 64;

    private final Selector selector;

    NioEngine() throws IOException {
        selector = Selector.open();
    }

    @Override
    public DatagramPort bind(InetSocketAddress local) throws IOException {
        DatagramChannel channel = DatagramChannel.open(
                local.getAddress() instanceof Inet6Address
                        ? StandardProtocolFamily.INET6
                        : StandardProtocolFamily.INET);
        try {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
            if (channel.supportedOptions().contains(ExtendedSocketOptions.IP_DONTFRAGMENT)) {
                channel.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, true);
            }
            channel.bind(local);
            channel.configureBlocking(false);
            Port port = new Port(channel, (InetSocketAddress) channel.getLocalAddress());
            port.key = channel.register(selector, SelectionKey.OP_READ);
            return port;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void await(long timeoutUs) throws IOException {
        if (timeoutUs <= 0) {
            selector.selectNow();
        } else {
            selector.select(Math.max(1, (timeoutUs + 999) / 1_000));
        }
        selector.selectedKeys().clear();
    }

    @Override
    public void wakeUp() {
        selector.wakeup();
    }

    @Override
    public void close() {
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot close a selector", e);
        }
    }

    private static final class Port implements DatagramPort {
        private final DatagramChannel channel;
        private final InetSocketAddress local;
        private final ByteBuffer incoming = ByteBuffer.allocateDirect(MAX_DATAGRAM_BYTES);
        private final ByteBuffer outgoing = ByteBuffer.allocateDirect(MAX_DATAGRAM_BYTES);
        private InetSocketAddress to;
        private SelectionKey key;
        /** A datagram which the system had no room for waits in {@link #outgoing}. */
        private boolean blocked;

        @SuppressWarnings("NullAway.Init") // The key comes with the registration that follows.
        Port(DatagramChannel channel, InetSocketAddress local) {
            this.channel = channel;
            this.local = local;
            to = local;
        }

        @Override
        public InetSocketAddress local() {
            return local;
        }

        @Override
        public boolean receive(DatagramListener listener) {
            try {
                for (int i = 0; i < RECEIVE_BATCH; i++) {
                    incoming.clear();
                    InetSocketAddress from = (InetSocketAddress) channel.receive(incoming);
                    if (from == null) {
                        return false;
                    }
                    incoming.flip();
                    listener.onDatagram(incoming, from);
                }
                return true;
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "receiving failed", e);
                return false;
            }
        }

        @Override
        public boolean ready() {
            return !blocked;
        }

        @Override
        public ByteBuffer begin(InetSocketAddress target, int maxBytes) {
            to = target;
            return outgoing.clear().limit(maxBytes);
        }

        @Override
        public void end() {
            outgoing.flip();
            transmit();
        }

        private void transmit() {
            try {
                boolean full = outgoing.hasRemaining() && channel.send(outgoing, to) == 0;
                if (full != blocked) {
                    blocked = full;
                    key.interestOps(full ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
                }
            } catch (IOException e) {
                // No route, too long, forbidden: the packet is as lost as if the network had dropped it.
                blocked = false;
                LOG.log(Level.DEBUG, "sending failed", e);
            }
        }

        @Override
        public void flush() {
            if (blocked) {
                transmit();
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "cannot close a socket", e);
            }
        }
    }
}
