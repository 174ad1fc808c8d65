package org.datdot.swarm;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.udx.CloseReason;
import org.datdot.udx.StreamListener;
import org.datdot.udx.UdxStream;
import org.jspecify.annotations.Nullable;

/**
 * A connected {@link UdxStream} for threads that wait. At most about {@value Arrivals#HIGH_BYTES} bytes that came in wait to be read,
 * then the stream is paused, and the other side finds its window closed; writing waits while the stream has no room.
 */
public final class UdxByteStream implements ByteStream, StreamListener {
    /** A peer that has not ended its side so long after this one is not waited for. */
    private static final long LINGER_S = 15;

    private final UdxStream stream;
    private final InetSocketAddress remote;
    private final Arrivals arrivals;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition writable = lock.newCondition();
    private boolean full;
    private @Nullable CloseReason over;

    /**
     * Over a stream whose listener is this object, from its first byte on.
     *
     * @param remote where the peer is
     */
    public UdxByteStream(UdxStream stream, InetSocketAddress remote) {
        this.stream = stream;
        this.remote = remote;
        arrivals = new Arrivals(new Arrivals.Source() {
            @Override
            public void stop() {
                stream.pause();
            }

            @Override
            public void goOn() {
                stream.resume();
            }
        });
    }

    UdxStream stream() {
        return stream;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return arrivals.read(target);
    }

    @Override
    public int available() {
        return arrivals.available();
    }

    @Override
    public boolean whenReadable(Runnable action) {
        return arrivals.whenReadable(action);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        lock.lock();
        try {
            int before = source.remaining();
            while (true) {
                arrivals.requireOpen();
                if (over != null) throw broken(over);
                if (full) {
                    writable.awaitUninterruptibly();
                    continue;
                }
                full = !stream.write(source);
                int count = before - source.remaining();
                if (count > 0 || before == 0) return count;
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public OptionalLong roundTripNanos() {
        long measured = stream.roundTripUs();
        return measured == 0 ? OptionalLong.empty() : OptionalLong.of(measured * 1_000);
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public void close() {
        if (!arrivals.close()) return;
        lock.lock();
        try {
            writable.signalAll();
            stream.end();
        } finally {
            lock.unlock();
        }
        CompletableFuture.delayedExecutor(LINGER_S, TimeUnit.SECONDS).execute(stream::destroy);
    }

    private static IOException broken(CloseReason reason) {
        return switch (reason) {
            case ENDED -> new EOFException("the stream has ended");
            case DESTROYED -> new AsynchronousCloseException();
            case RESET -> new IOException("the peer dropped the stream");
            case TIMED_OUT -> new IOException("the peer acknowledges nothing any more");
            case RELAY_LOST -> new IOException("the relay between both sides is gone, or the peer behind it");
            case SOCKET_CLOSED -> new IOException("the UDP socket was closed");
            case FAILED -> new IOException("the stream failed");
        };
    }

    @Override
    public void onData(ByteBuffer data) {
        arrivals.add(ByteBuffer.allocate(data.remaining()).put(data).flip());
    }

    @Override
    public void onEnd() {
        arrivals.end(null);
    }

    @Override
    public void onDrain() {
        lock.lock();
        try {
            full = false;
            writable.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onClose(CloseReason reason) {
        arrivals.end(broken(reason));
        lock.lock();
        try {
            over = reason;
            writable.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
