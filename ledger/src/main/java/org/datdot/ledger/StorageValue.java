package org.datdot.ledger;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A single typed value inside the state. */
public final class StorageValue<V> {
    private final byte[] key;
    private final Codec<V> values;

    /** The value {@code item} of {@code pallet}. */
    public StorageValue(String pallet, String item, Codec<V> values) {
        this.key = StorageKeys.item(pallet, item);
        this.values = values;
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
}
