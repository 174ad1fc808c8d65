package org.datdot.ledger;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A typed map inside the state. Its keys can be computed by anyone, so remote readers ask for the same bytes.
 */
public final class StorageMap<K, V> {
    private final byte[] prefix;
    private final Codec<K> keys;
    private final Codec<V> values;

    /** The map {@code item} of {@code pallet}. */
    public StorageMap(String pallet, String item, Codec<K> keys, Codec<V> values) {
        this.prefix = StorageKeys.item(pallet, item);
        this.keys = keys;
        this.values = values;
    }

    /** The state's key of an entry. */
    public byte[] key(K key) {
        return StorageKeys.entry(prefix, keys.encode(key));
    }

    /** The value under a key. */
    public Optional<V> get(StateReader state, K key) {
        byte @Nullable [] bytes = state.get(key(key));
        return bytes == null ? Optional.empty() : Optional.of(values.decode(bytes));
    }

    /** Puts a value. */
    public void put(State state, K key, V value) {
        state.put(key(key), values.encode(value));
    }

    /** Takes a value out. */
    public void remove(State state, K key) {
        state.delete(key(key));
    }

    /** Shows every entry, in the order of the hashed keys. */
    public void forEach(StateReader state, java.util.function.BiConsumer<K, V> visitor) {
        state.forEach(prefix, (key, value) -> {
            visitor.accept(keys.decode(StorageKeys.mapKey(key)), values.decode(value));
            return true;
        });
    }
}
