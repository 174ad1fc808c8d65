package org.datdot.ledger;

import org.jspecify.annotations.Nullable;

/**
 * Entries of a map that were looked at lately: their keys in the state, which cost a hash, and their values as long as the state holds the very same array. What is remembered is a
 * function of bytes and nothing else, so that who remembers and who does not see the same. Safe for concurrent use: an entry is immutable, and one that got lost is made again.
 */
final class Recent<K, V> {
    private static final int FIRST = 64;

    private final int most;
    private @Nullable Entry<K, V>[] entries = made(FIRST);
    private int misses;

    /** Remembers so many entries at most, a power of two; few as long as few are asked for. */
    Recent(int most) {
        this.most = most;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <K, V> @Nullable Entry<K, V>[] made(int length) {
        return new Entry[length];
    }

    /** An entry: the map's key, the state's, and the value with the bytes it was read from, if it was. The arrays are the state's, and never changed. */
    static final class Entry<K, V> {
        private final K key;
        private final byte[] stateKey;
        private final byte @Nullable [] bytes;
        private final @Nullable V value;

        Entry(K key, byte[] stateKey, byte @Nullable [] bytes, @Nullable V value) {
            this.key = key;
            this.stateKey = stateKey;
            this.bytes = bytes;
            this.value = value;
        }

        K key() {
            return key;
        }

        byte[] stateKey() {
            return stateKey;
        }

        byte @Nullable [] bytes() {
            return bytes;
        }

        @Nullable
        V value() {
            return value;
        }
    }

    private static int place(Object key, int length) {
        int hash = key.hashCode();
        return (hash ^ hash >>> 16) & (length - 1);
    }

    @Nullable
    Entry<K, V> of(K key) {
        @Nullable Entry<K, V>[] now = entries;
        Entry<K, V> entry = now[place(key, now.length)];
        return entry != null && entry.key().equals(key) ? entry : null;
    }

    Entry<K, V> remember(Entry<K, V> entry) {
        @Nullable Entry<K, V>[] now = entries;
        // Threads may count past each other: then there is room a little sooner or later.
        if (now.length < most && ++misses > 2 * now.length) {
            misses = 0;
            now = made(4 * now.length);
            entries = now;
        }
        now[place(entry.key(), now.length)] = entry;
        return entry;
    }
}
