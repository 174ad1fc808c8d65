package org.datdot.swarm;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.wire.WireException;
import org.datdot.wire.WireException.Reason;

/**
 * Buffers which the connections of a swarm share: one has a big buffer only while bytes flow. Also bounds what all connections
 * together may set aside for frames which do not fit an ordinary buffer.
 */
final class BufferPool {
    /** The size of an ordinary buffer: room for a few 64 KiB blocks, so that one system call moves several. */
    static final int BUFFER_BYTES = 256 * 1024;

    private static final int MAX_KEPT = 32;
    private static final long MAX_OVERSIZE_BYTES = 512L << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<byte[]> free = new ArrayDeque<>();
    private long oversizeBytes;

    byte[] take() {
        lock.lock();
        try {
            byte[] buffer = free.poll();
            return buffer == null ? new byte[BUFFER_BYTES] : buffer;
        } finally {
            lock.unlock();
        }
    }

    /** A buffer for a frame that does not fit an ordinary one. */
    byte[] takeOversize(int lengthBytes) {
        lock.lock();
        try {
            if (oversizeBytes + lengthBytes > MAX_OVERSIZE_BYTES) {
                throw new WireException(
                        Reason.LIMIT_EXCEEDED,
                        "too many peers send very long messages at the same time; this one was given up");
            }
            oversizeBytes += lengthBytes;
        } finally {
            lock.unlock();
        }
        return new byte[lengthBytes];
    }

    void release(byte[] buffer) {
        lock.lock();
        try {
            if (buffer.length > BUFFER_BYTES) {
                oversizeBytes -= buffer.length;
            } else if (buffer.length == BUFFER_BYTES && free.size() < MAX_KEPT) {
                free.push(buffer);
            }
        } finally {
            lock.unlock();
        }
    }
}
