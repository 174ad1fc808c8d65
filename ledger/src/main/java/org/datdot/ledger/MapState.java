package org.datdot.ledger;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A {@link State} in memory. Not thread-safe. */
public final class MapState implements State {
    /** Not a sorted map: one of many entries is many steps deep, each of them somewhere else in memory. */
    private final Map<Key, byte[]> entries = new HashMap<>();
    /** For walks. */
    private final TreeSet<byte[]> keys = new TreeSet<>(Arrays::compareUnsigned);

    /** A key's bytes, which nobody changes. */
    private static final class Key {
        private final byte[] bytes;

        Key(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && Arrays.equals(bytes, key.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    /** Entries held. */
    public int size() {
        return entries.size();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return entries.get(new Key(key));
    }

    @Override
    public void forEach(byte[] prefix, Visitor visitor) {
        for (byte[] key : keys.tailSet(prefix, true)) {
            if (!StorageKeys.startsWith(key, prefix)
                    || !visitor.visit(key, Objects.requireNonNull(entries.get(new Key(key))))) {
                return;
            }
        }
    }

    @Override
    public void put(byte[] key, byte[] value) {
        if (entries.put(new Key(key), value) == null) {
            keys.add(key);
        }
    }

    @Override
    public void delete(byte[] key) {
        if (entries.remove(new Key(key)) != null) {
            keys.remove(key);
        }
    }
}
