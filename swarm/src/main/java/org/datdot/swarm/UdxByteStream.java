package org.datdot.swarm;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.util.ArrayDeque;
import java.util.Deque;
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
 * A connected {@link UdxStream} for threads that wait. At most about {@value #HIGH_BYTES} bytes that came in wait to be read,
 * then the stream is paused, and the other side finds its window closed; writing waits while the stream has no room.
 */
public final class UdxByteStream implements ByteStream, StreamListener {
    static final int HIGH_BYTES = 256 << 10;
    private static final int LOW_BYTES = HIGH_BYTES / 2;
    /** A peer that has not ended its side so long after this one is not waited for. */
    private static final long LINGER_S = 15;

    private final UdxStream stream;
    private final InetSocketAddress remote;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition readable = lock.newCondition();
    private final Condition writable = lock.newCondition();
    private final Deque<ByteBuffer> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private boolean paused;
    private boolean full;
    private boolean ended;
    private boolean closed;
    private @Nullable CloseReason over;

    /**
     * Over a stream whose listener is this object, from its first byte on.
     *
     * @param remote where the peer is
     */
    public UdxByteStream(UdxStream stream, InetSocketAddress remote) {
        this.stream = stream;
        this.remote = remote;
    }

    UdxStream stream() {
        return stream;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        lock.lock();
        try {
            while (waiting.isEmpty() || closed) {
                if (closed) throw new AsynchronousCloseException();
                if (ended) return -1;
                if (over != null) throw broken(over);
                readable.awaitUninterruptibly();
            }
            int count = 0;
            for (ByteBuffer next = waiting.peek(); next != null && target.hasRemaining(); next = waiting.peek()) {
                int length = Math.min(next.remaining(), target.remaining());
                target.put(next.slice(next.position(), length));
                next.position(next.position() + length);
                count += length;
                if (!next.hasRemaining()) waiting.remove();
            }
            waitingBytes -= count;
            if (paused && waitingBytes <= LOW_BYTES) {
                paused = false;
                stream.resume();
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return waitingBytes;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        lock.lock();
        try {
            int before = source.remaining();
            while (true) {
                while (full && !closed && over == null) writable.awaitUninterruptibly();
                if (closed) throw new AsynchronousCloseException();
                if (over != null) throw broken(over);
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
        lock.lock();
        try {
            if (closed) return;
            closed = true;
            waiting.clear();
            waitingBytes = 0;
            readable.signalAll();
            writable.signalAll();
            // What comes from now on is dropped, so that the other side can end, too.
            if (paused) stream.resume();
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
            case SOCKET_CLOSED -> new IOException("the UDP socket was closed");
            case FAILED -> new IOException("the stream failed");
        };
    }

    @Override
    public void onData(ByteBuffer data) {
        lock.lock();
        try {
            if (closed) return;
            ByteBuffer copy = ByteBuffer.allocate(data.remaining()).put(data).flip();
            waitingBytes += copy.remaining();
            waiting.add(copy);
            if (!paused && waitingBytes >= HIGH_BYTES) {
                paused = true;
                stream.pause();
            }
            readable.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onEnd() {
        lock.lock();
        try {
            ended = true;
            readable.signalAll();
        } finally {
            lock.unlock();
        }
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
        lock.lock();
        try {
            over = reason;
            readable.signalAll();
            writable.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
