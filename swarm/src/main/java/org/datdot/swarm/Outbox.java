package org.datdot.swarm;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.wire.OutgoingMessage;
import org.datdot.wire.SecretStream;
import org.jspecify.annotations.Nullable;

/**
 * Messages on their way out of one connection: put in by any thread, taken by the connection's writer, which is there only while
 * there is something to write. Its lock is the last in the lock order.
 */
final class Outbox {
    /** There is and will be nothing to write. */
    static final int OVER = -1;

    /** What a message is counted as on top of its bytes, so that many small ones have a limit too. */
    static final int MESSAGE_OVERHEAD_BYTES = 64;

    /** What happened to a message that was put in. */
    enum Added {
        QUEUED,
        CLOSED,
        OVERFLOW
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<OutgoingMessage> queue = new ArrayDeque<>();
    private final int softBytes;
    private final int hardBytes;
    /** Changed under the lock, read without it. */
    private final AtomicLong queuedBytes = new AtomicLong();

    /** Starts a writer; null before anything may be written. */
    private @Nullable Runnable writer;

    private boolean writing;
    private boolean full;
    private boolean ending;
    private boolean closed;

    Outbox(int softBytes, int hardBytes) {
        this.softBytes = softBytes;
        this.hardBytes = hardBytes;
    }

    boolean writable() {
        return queuedBytes.get() < softBytes;
    }

    /** What waits, with an overhead for each message. */
    long queuedBytes() {
        return queuedBytes.get();
    }

    /** Whether all was written. */
    boolean isEmpty() {
        return queuedBytes.get() == 0;
    }

    Added add(OutgoingMessage message) {
        lock.lock();
        try {
            if (closed || ending) {
                return Added.CLOSED;
            }
            if (queuedBytes.get() > hardBytes) {
                return Added.OVERFLOW;
            }
            queue.add(message);
            full |= queuedBytes.addAndGet(cost(message)) >= softBytes;
            write();
            return Added.QUEUED;
        } finally {
            lock.unlock();
        }
    }

    /**
     * From now on a writer is started when there is something to write, or when there will be no more: one at a time, which
     * {@linkplain #take takes} until there is nothing left.
     *
     * @param newWriter starts a thread
     */
    void writeWith(Runnable newWriter) {
        lock.lock();
        try {
            writer = newWriter;
            if (!queue.isEmpty() || ending || closed) {
                write();
            }
        } finally {
            lock.unlock();
        }
    }

    private void write() {
        if (writer != null && !writing) {
            writing = true;
            writer.run();
        }
    }

    /** The writer is gone without having found nothing to {@link #take}. */
    void writerEnded() {
        lock.lock();
        try {
            writing = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no writer is at work; none begins once this is closed. */
    void awaitWriter() {
        lock.lock();
        try {
            writer = null;
            while (writing) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Moves as many messages as fit into {@code maxFrameBytes} of frames, at least one, into {@code target}.
     *
     * @return how many bytes their frames take; 0 when there are none: the next one starts another writer; {@link #OVER} when there
     *     will be no more
     */
    int take(List<OutgoingMessage> target, int maxFrameBytes) {
        lock.lock();
        try {
            int frameBytes = 0;
            for (OutgoingMessage next = queue.peek(); next != null && !closed; next = queue.peek()) {
                int nextBytes = next.byteLength() + SecretStream.OVERHEAD_BYTES;
                if (frameBytes > 0 && frameBytes + nextBytes > maxFrameBytes) {
                    break;
                }
                frameBytes += nextBytes;
                target.add(queue.remove());
            }
            if (frameBytes == 0) {
                writing = false;
                changed.signalAll();
                return closed || ending ? OVER : 0;
            }
            return frameBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Tells that messages which were taken are written. Returns whether that made the outbox writable after it was full. */
    boolean written(List<OutgoingMessage> messages) {
        lock.lock();
        try {
            long bytes = 0;
            for (OutgoingMessage message : messages) {
                bytes += cost(message);
            }
            boolean drained = queuedBytes.addAndGet(-bytes) <= softBytes / 2 && full;
            full &= !drained;
            return drained;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more messages; those in it are still written. */
    void end() {
        lock.lock();
        try {
            ending = true;
            write();
        } finally {
            lock.unlock();
        }
    }

    /** Drops what is in it and takes no more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            queue.clear();
        } finally {
            lock.unlock();
        }
    }

    private static long cost(OutgoingMessage message) {
        return (long) message.byteLength() + MESSAGE_OVERHEAD_BYTES;
    }
}
