package org.datdot.chain;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The nodes of states that were used last, by their numbers, in a bounded number of bytes. Thread-safe. */
final class NodeCache {
    private static final int SHARDS = 16;

    private final Shard[] shards = new Shard[SHARDS];

    /** At most about so many bytes of memory. */
    NodeCache(long maxBytes) {
        for (int i = 0; i < SHARDS; i++) {
            shards[i] = new Shard(maxBytes / SHARDS);
        }
    }

    @Nullable
    TrieNode get(long id) {
        return shard(id).get(id);
    }

    void put(long id, TrieNode node) {
        shard(id).put(id, node);
    }

    void remove(long id) {
        shard(id).remove(id);
    }

    /** About the bytes in use. */
    long bytes() {
        long sum = 0;
        for (Shard shard : shards) {
            sum += shard.bytes();
        }
        return sum;
    }

    private Shard shard(long id) {
        return shards[(int) (id % SHARDS)];
    }

    private static final class Shard {
        private final long maxBytes;
        private final ReentrantLock lock = new ReentrantLock();
        /** Those used last at the end. Guarded by the lock, as the count. */
        private final Map<Long, TrieNode> nodes = new LinkedHashMap<>(64, 0.75f, true);

        private long bytes;

        Shard(long maxBytes) {
            this.maxBytes = maxBytes;
        }

        @Nullable
        TrieNode get(long id) {
            lock.lock();
            try {
                return nodes.get(id);
            } finally {
                lock.unlock();
            }
        }

        void put(long id, TrieNode node) {
            lock.lock();
            try {
                if (nodes.putIfAbsent(id, node) == null) {
                    bytes += node.heapBytes();
                }
                Iterator<TrieNode> oldest = nodes.values().iterator();
                while (bytes > maxBytes && oldest.hasNext()) {
                    bytes -= oldest.next().heapBytes();
                    oldest.remove();
                }
            } finally {
                lock.unlock();
            }
        }

        void remove(long id) {
            lock.lock();
            try {
                TrieNode removed = nodes.remove(id);
                if (removed != null) {
                    bytes -= removed.heapBytes();
                }
            } finally {
                lock.unlock();
            }
        }

        long bytes() {
            lock.lock();
            try {
                return bytes;
            } finally {
                lock.unlock();
            }
        }
    }
}
