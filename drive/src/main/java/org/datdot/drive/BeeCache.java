package org.datdot.drive;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The decoded blocks used last, up to a number of bytes. Emptied when the core's fork changes. */
final class BeeCache {

    /** What a decoded block costs on the heap besides its own bytes, roughly. */
    private static final int OVERHEAD_BYTES = 256;

    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Long, BeeNode> nodes = new LinkedHashMap<>(64, 0.75f, true);
    private long bytes;
    private long fork;

    BeeCache(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    @Nullable
    BeeNode get(long seq, long currentFork) {
        lock.lock();
        try {
            moveTo(currentFork);
            return nodes.get(seq);
        } finally {
            lock.unlock();
        }
    }

    /** Keeps a node that was read while the core was at {@code readFork}; one of an older fork is not kept. */
    void put(BeeNode node, long readFork, long currentFork) {
        if (readFork != currentFork) {
            return;
        }
        lock.lock();
        try {
            moveTo(currentFork);
            if (nodes.put(node.seq, node) == null) {
                bytes += cost(node);
            }
            var eldest = nodes.entrySet().iterator();
            while (bytes > maxBytes && eldest.hasNext()) {
                bytes -= cost(eldest.next().getValue());
                eldest.remove();
            }
        } finally {
            lock.unlock();
        }
    }

    private void moveTo(long currentFork) {
        if (fork != currentFork) {
            fork = currentFork;
            nodes.clear();
            bytes = 0;
        }
    }

    private static long cost(BeeNode node) {
        return OVERHEAD_BYTES + 2L * node.byteLength;
    }
}
