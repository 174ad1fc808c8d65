package org.datdot.ledger;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A typed map inside the state. Its keys can be computed by anyone, so remote readers ask for the same bytes.
 */
public final class StorageMap<K, V> implements StorageItem {
    /** A ledger's users and what goes on at a time, where there are some ten thousand of them. */
    private static final int RECENT = 1 << 16;

    private final PalletId pallet;
    private final String item;
    private final byte[] prefix;
    private final Codec<K> keys;
    private final Codec<V> values;
    private final Optional<V> fallback;
    private final Recent<K, V> recent = new Recent<>(RECENT);

    /** The map {@code item} of {@code pallet}. */
    public StorageMap(PalletId pallet, String item, Codec<K> keys, Codec<V> values) {
        this(pallet, item, keys, values, Optional.empty());
    }

    /** A map whose keys without a value have one all the same, for those who read it remotely. */
    public StorageMap(PalletId pallet, String item, Codec<K> keys, Codec<V> values, V fallback) {
        this(pallet, item, keys, values, Optional.of(fallback));
    }

    private StorageMap(PalletId pallet, String item, Codec<K> keys, Codec<V> values, Optional<V> fallback) {
        this.pallet = pallet;
        this.item = item;
        this.prefix = StorageKeys.item(pallet.palletName(), item);
        this.keys = keys;
        this.values = values;
        this.fallback = fallback;
    }

    /** The state's key of an entry. */
    public byte[] key(K key) {
        return entry(key).stateKey().clone();
    }

    private Recent.Entry<K, V> entry(K key) {
        Recent.Entry<K, V> known = recent.of(key);
        return known != null
                ? known
                : recent.remember(new Recent.Entry<>(key, StorageKeys.entry(prefix, keys.encode(key)), null, null));
    }

    /** The value under a key. */
    @SuppressWarnings("ReferenceEquality") // the same array has the same bytes; another one is read again
    public Optional<V> get(StateReader state, K key) {
        Recent.Entry<K, V> entry = entry(key);
        byte @Nullable [] bytes = state.get(entry.stateKey());
        if (bytes == null) {
            return Optional.empty();
        }
        V known = entry.value();
        if (known != null && bytes == entry.bytes()) {
            return Optional.of(known);
        }
        V value = values.decode(bytes);
        recent.remember(new Recent.Entry<>(key, entry.stateKey(), bytes, value));
        return Optional.of(value);
    }

    /** Puts a value. */
    public void put(State state, K key, V value) {
        state.put(entry(key).stateKey(), values.encode(value));
    }

    /** Takes a value out. */
    public void remove(State state, K key) {
        state.delete(entry(key).stateKey());
    }

    /** Shows every entry, in the order of the hashed keys. */
    public void forEach(StateReader state, BiConsumer<K, V> visitor) {
        state.forEach(prefix, (key, value) -> {
            visitor.accept(keys.decode(StorageKeys.mapKey(key)), values.decode(value));
            return true;
        });
    }

    @Override
    public PalletId pallet() {
        return pallet;
    }

    @Override
    public String item() {
        return item;
    }

    @Override
    public List<Shape> keyShapes() {
        return List.of(keys.shape());
    }

    @Override
    public Shape valueShape() {
        return values.shape();
    }

    @Override
    public Optional<byte[]> fallback() {
        return fallback.map(values::encode);
    }
}
