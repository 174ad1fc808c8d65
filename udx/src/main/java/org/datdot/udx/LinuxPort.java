package org.datdot.udx;

import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A UDP socket of {@link LinuxEngine}. */
final class LinuxPort implements DatagramPort {
    private static final System.Logger LOG = System.getLogger(LinuxPort.class.getName());

    private final LinuxEngine engine;
    private final int fd;
    private final boolean ipv6;
    private final InetSocketAddress local;
    /** Whether the system cuts up long messages. */
    private boolean segments;

    private boolean readable;
    private boolean blocked;
    private boolean closed;
    private @Nullable SendBatch batch;

    LinuxPort(LinuxEngine engine, int fd, boolean ipv6, boolean segments, InetSocketAddress local) {
        this.engine = engine;
        this.fd = fd;
        this.ipv6 = ipv6;
        this.segments = segments;
        this.local = local;
    }

    int fd() {
        return fd;
    }

    @Override
    public InetSocketAddress local() {
        return local;
    }

    /** Something has arrived, or there is room to send. */
    void mayReceive() {
        readable = true;
    }

    @Override
    public boolean receive(DatagramListener listener) {
        if (!readable || closed) {
            return false;
        }
        ReceiveBatch received = engine.received();
        received.reset(ReceiveBatch.MESSAGES);
        int count = engine.calls().receive(fd, received.headers(), ReceiveBatch.MESSAGES);
        readable = count == ReceiveBatch.MESSAGES;
        if (count < 0 && engine.calls().errno() != LinuxCalls.EAGAIN) {
            LOG.log(
                    Level.DEBUG,
                    "receiving failed with error {0}",
                    engine.calls().errno());
        }
        for (int i = 0; i < count; i++) {
            ByteBuffer buffer = received.buffer(i);
            InetSocketAddress from = received.from(i);
            int bytes = received.bytes(i);
            int each = received.packetBytes(i);
            for (int at = 0; each <= NioEngine.MAX_DATAGRAM_BYTES && (at < bytes || at == 0); at += each) {
                buffer.limit(Math.min(bytes, at + each)).position(at);
                listener.onDatagram(buffer, from);
            }
        }
        return readable;
    }

    @Override
    public boolean ready() {
        return !blocked;
    }

    @Override
    public ByteBuffer begin(InetSocketAddress to, int maxBytes) {
        SendBatch waiting = batch;
        if (waiting == null) {
            waiting = engine.takeBatch();
            batch = waiting;
        }
        return waiting.begin(to, maxBytes);
    }

    @Override
    public void end() {
        SendBatch waiting = batch;
        if (waiting != null) {
            waiting.end(segments);
            if (!waiting.hasRoom(NioEngine.MAX_DATAGRAM_BYTES)) {
                transmit(waiting);
            }
        }
    }

    @Override
    public void flush() {
        SendBatch waiting = batch;
        if (waiting != null) {
            transmit(waiting);
            if (waiting.isEmpty()) {
                engine.giveBack(waiting);
                batch = null;
            }
        }
    }

    private void transmit(SendBatch waiting) {
        blocked = false;
        while (!waiting.isEmpty() && !blocked) {
            int count = waiting.prepare(ipv6);
            int sent = engine.calls().send(fd, waiting.messages(), count);
            if (sent > 0) {
                waiting.advance(sent);
            } else {
                onError(waiting, engine.calls().errno());
            }
        }
    }

    /** The first run did not go. */
    private void onError(SendBatch waiting, int error) {
        if (error == LinuxCalls.EAGAIN) {
            blocked = true;
        } else if (error != LinuxCalls.EINTR) {
            if (waiting.packets() > 1) {
                // The way has no such cutting up, or does not take the length: each packet for itself then.
                segments &= error != LinuxCalls.EIO;
                for (int i = 0; i < waiting.packets(); i++) {
                    waiting.single(i);
                    if (engine.calls().send(fd, waiting.messages(), 1) < 0) {
                        lost();
                    }
                }
            } else {
                lost();
            }
            waiting.advance(1);
        }
    }

    /** No route, too long, forbidden: the packet is as lost as if the network had dropped it. */
    private void lost() {
        LOG.log(Level.DEBUG, "sending failed with error {0}", engine.calls().errno());
    }

    @Override
    public void close() {
        closed = true;
        engine.close(this);
    }
}
