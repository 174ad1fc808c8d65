package org.datdot.ledger;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A typed map inside the state by two keys (crate {@code frame-support}, {@code storage/types/double_map.rs}), both hashed with {@code blake2_128_concat}: all entries
 * of one first key lie together. For relations without a bound: adding a member costs the same however many there are.
 */
public final class StorageDoubleMap<K1, K2, V> implements StorageItem {
    private final PalletId pallet;
    private final String item;
    private final byte[] prefix;
    private final Codec<K1> firstKeys;
    private final Codec<K2> secondKeys;
    private final Codec<V> values;

    /** The map {@code item} of {@code pallet}. */
    public StorageDoubleMap(PalletId pallet, String item, Codec<K1> firstKeys, Codec<K2> secondKeys, Codec<V> values) {
        this.pallet = pallet;
        this.item = item;
        this.prefix = StorageKeys.item(pallet.palletName(), item);
        this.firstKeys = firstKeys;
        this.secondKeys = secondKeys;
        this.values = values;
    }

    /** What the keys of all entries of one first key begin with. */
    public byte[] prefix(K1 first) {
        return StorageKeys.entry(prefix, firstKeys.encode(first));
    }

    /** The state's key of an entry. */
    public byte[] key(K1 first, K2 second) {
        return StorageKeys.entry(prefix(first), secondKeys.encode(second));
    }

    /** The value under two keys. */
    public Optional<V> get(StateReader state, K1 first, K2 second) {
        byte @Nullable [] bytes = state.get(key(first, second));
        return bytes == null ? Optional.empty() : Optional.of(values.decode(bytes));
    }

    /** Puts a value. */
    public void put(State state, K1 first, K2 second, V value) {
        state.put(key(first, second), values.encode(value));
    }

    /** Takes a value out. */
    public void remove(State state, K1 first, K2 second) {
        state.delete(key(first, second));
    }

    /** Shows every entry of one first key, in the order of the hashed second keys. */
    public void forEach(StateReader state, K1 first, BiConsumer<K2, V> visitor) {
        byte[] own = prefix(first);
        state.forEach(own, (key, value) -> {
            byte[] second = Arrays.copyOfRange(key, own.length + StorageKeys.BLAKE2_128_BYTES, key.length);
            visitor.accept(secondKeys.decode(second), values.decode(value));
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
        return List.of(firstKeys.shape(), secondKeys.shape());
    }

    @Override
    public Shape valueShape() {
        return values.shape();
    }

    @Override
    public Optional<byte[]> fallback() {
        return Optional.empty();
    }
}
