package org.datdot.udx;

import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The bytes of a stream from being written until they are acknowledged: a ring which grows to what is needed and is given up
 * when idle. Any thread writes; one thread, the stream's, reads and releases, without the lock. Positions count from the
 * stream's first byte.
 */
final class SendBuffer {
    /** What may wait beyond the window, as in libudx. */
    private static final int HIGH_WATER_BYTES = 262_144;

    /** The owner is called back when so much may be written at once. */
    private static final int DRAIN_BYTES = HIGH_WATER_BYTES / 2;

    private static final int FIRST_BYTES = 1 << 9;
    private static final byte[] NOTHING = new byte[0];

    private final int hardBytes;
    private final ReentrantLock lock = new ReentrantLock();
    /** Replaced by a writer under the lock; the former one keeps what it has, so the reader may still use it. */
    private volatile byte[] ring = NOTHING;
    /** Set by writers after the bytes are in place. */
    private volatile long tail;
    /** Set by the reader: bytes before are free to be overwritten. */
    private volatile long base;

    private volatile int limit;
    private volatile boolean drainWanted;
    private volatile boolean ended;
    private volatile boolean closed;

    SendBuffer(int hardBytes) {
        this.hardBytes = hardBytes;
        this.limit = Math.min(HIGH_WATER_BYTES, hardBytes);
    }

    /**
     * Takes what fits. Returns whether there is room for more; when not, {@link #drained()} becomes true later, unless the
     * buffer is closed, which swallows everything.
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // The lock is held.
    boolean write(ByteBuffer source) {
        lock.lock();
        try {
            if (closed) {
                source.position(source.limit());
                return false;
            }
            if (ended) {
                throw new IllegalStateException("write after end");
            }
            while (true) {
                int length = (int) Math.min(limit - (tail - base), source.remaining());
                if (length > 0) {
                    append(source, length);
                }
                if (tail - base < limit) {
                    return true;
                }
                drainWanted = true;
                // Either this sees what the reader released, or the reader sees the wish.
                if (!hasRoom()) {
                    return false;
                }
                drainWanted = false;
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom() {
        int most = limit;
        return tail - base <= most - Math.min(DRAIN_BYTES, most / 2);
    }

    private void append(ByteBuffer source, int length) {
        long start = tail;
        byte[] target = ring;
        if (start - base + length > target.length) {
            target = grown(start, (int) (start - base) + length);
        }
        int at = (int) start & target.length - 1;
        int first = Math.min(length, target.length - at);
        source.get(target, at, first);
        source.get(target, 0, length - first);
        tail = start + length;
    }

    private byte[] grown(long end, int bytes) {
        byte[] old = ring;
        int size = Math.max(FIRST_BYTES, Integer.highestOneBit(bytes - 1) << 1);
        byte[] bigger = new byte[size];
        for (long at = base; at < end; ) {
            int from = (int) at & old.length - 1;
            int to = (int) at & size - 1;
            int length = (int) Math.min(end - at, Math.min(old.length - from, size - to));
            System.arraycopy(old, from, bigger, to, length);
            at += length;
        }
        ring = bigger;
        return bigger;
    }

    /** No more writes. */
    void end() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@link #end()} was called; {@link #tail()} read after it is final. */
    boolean isEnded() {
        return ended;
    }

    /** Up to where was written. */
    long tail() {
        return tail;
    }

    /** Bytes which are not acknowledged, sent or not. */
    int bufferedBytes() {
        return (int) (tail - base);
    }

    /** Copies bytes between base and tail. For the reader alone. */
    void read(long position, int length, ByteBuffer target) {
        if (length == 0) {
            return; // the packet which ends a stream: the memory may have been given back already
        }
        byte[] source = ring;
        int at = (int) position & source.length - 1;
        int first = Math.min(length, source.length - at);
        target.put(source, at, first);
        target.put(source, 0, length - first);
    }

    /** Gives up what is before a position. For the reader alone. */
    void release(long position) {
        base = position;
    }

    /** How much the network takes in flight changes how much may wait. */
    void window(long bytes) {
        limit = (int) Math.min(hardBytes, HIGH_WATER_BYTES + bytes);
    }

    /** Whether a writer waits for the room which there is now; once for each wait. */
    boolean drained() {
        if (!drainWanted || !hasRoom()) {
            return false;
        }
        lock.lock();
        try {
            boolean wanted = drainWanted;
            drainWanted = false;
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    /** Whether it holds memory without holding bytes. */
    boolean isIdle() {
        return ring.length > 0 && tail == base;
    }

    /** Gives the memory back if there is nothing in it. */
    void trim() {
        lock.lock();
        try {
            if (isIdle()) {
                ring = NOTHING;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drops everything. */
    void close() {
        lock.lock();
        try {
            closed = true;
            base = tail;
            ring = NOTHING;
        } finally {
            lock.unlock();
        }
    }
}
