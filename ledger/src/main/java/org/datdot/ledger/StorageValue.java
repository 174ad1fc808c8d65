package org.datdot.ledger;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A single typed value inside the state. */
public final class StorageValue<V> implements StorageItem {
    private final PalletId pallet;
    private final String item;
    private final byte[] key;
    private final Codec<V> values;
    private final Optional<V> fallback;

    /** The value {@code item} of {@code pallet}. */
    public StorageValue(PalletId pallet, String item, Codec<V> values) {
        this(pallet, item, values, Optional.empty());
    }

    /** A value which has one, for those who read it remotely, before it is put. */
    public StorageValue(PalletId pallet, String item, Codec<V> values, V fallback) {
        this(pallet, item, values, Optional.of(fallback));
    }

    private StorageValue(PalletId pallet, String item, Codec<V> values, Optional<V> fallback) {
        this.pallet = pallet;
        this.item = item;
        this.key = StorageKeys.item(pallet.palletName(), item);
        this.values = values;
        this.fallback = fallback;
    }

    /** The state's key of it. */
    public byte[] key() {
        return key.clone();
    }

    /** The value, if it was ever put. */
    public Optional<V> get(StateReader state) {
        byte @Nullable [] bytes = state.get(key);
        return bytes == null ? Optional.empty() : Optional.of(values.decode(bytes));
    }

    /** Puts the value. */
    public void put(State state, V value) {
        state.put(key, values.encode(value));
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
        return List.of();
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
