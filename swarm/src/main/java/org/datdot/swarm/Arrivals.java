package org.datdot.swarm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that came in on a stream and wait for the thread that reads them. At {@value #HIGH_BYTES} of them the sender is
 * asked to stop, at half of that to go on.
 */
final class Arrivals {
    static final int HIGH_BYTES = 256 << 10;
    private static final int LOW_BYTES = HIGH_BYTES / 2;

    /** Whoever brings the bytes; called under the lock of the arrivals. */
    interface Source {
        void stop();

        void goOn();
    }

    private final Source source;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<ByteBuffer> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private boolean stopped;
    private boolean ended;
    private boolean closed;
    private @Nullable IOException failure;
    private @Nullable Runnable waker;

    Arrivals(Source source) {
        this.source = source;
    }

    /**
     * Bytes came in, which from now on belong to this. They are dropped when it is closed.
     *
     * @return whether the sender may go on; if not, its source is told when it may
     */
    boolean add(ByteBuffer bytes) {
        lock.lock();
        try {
            if (closed || !bytes.hasRemaining()) return !stopped;
            waiting.add(bytes);
            waitingBytes += bytes.remaining();
            if (!stopped && waitingBytes >= HIGH_BYTES) {
                stopped = true;
                source.stop();
            }
            wake();
            return !stopped;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the sender may go on. */
    void awaitRoom() {
        lock.lock();
        try {
            while (stopped) changed.awaitUninterruptibly();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more comes: the stream has ended, or broke for that reason. What is said first counts. */
    void end(@Nullable IOException cause) {
        lock.lock();
        try {
            if (ended) return;
            ended = true;
            failure = cause;
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link ByteStream#read}. */
    int read(ByteBuffer target) throws IOException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed && !ended) changed.awaitUninterruptibly();
            if (closed) throw new AsynchronousCloseException();
            if (waiting.isEmpty()) {
                if (failure != null) throw new IOException(failure.getMessage(), failure);
                return -1;
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
            if (waitingBytes <= LOW_BYTES) goOn();
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** As {@link ByteStream#whenReadable}. */
    boolean whenReadable(Runnable action) {
        lock.lock();
        try {
            if (!waiting.isEmpty() || closed || ended) return false;
            waker = action;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        changed.signalAll();
        Runnable action = waker;
        waker = null;
        if (action != null) action.run();
    }

    /** How many bytes wait. */
    int available() {
        lock.lock();
        try {
            return waitingBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Throws out who reads, and drops what comes from now on, so that the other side can end, too. Returns whether it is news. */
    boolean close() {
        lock.lock();
        try {
            if (closed) return false;
            closed = true;
            waiting.clear();
            waitingBytes = 0;
            goOn();
            wake();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Throws when this is closed. */
    void requireOpen() throws AsynchronousCloseException {
        lock.lock();
        try {
            if (closed) throw new AsynchronousCloseException();
        } finally {
            lock.unlock();
        }
    }

    private void goOn() {
        if (!stopped) return;
        stopped = false;
        source.goOn();
        changed.signalAll();
    }
}
