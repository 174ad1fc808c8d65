package org.datdot.ledger;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Changes over a state that is left alone until they are committed: how a call applies fully or not at all. Not thread-safe. */
public final class OverlayState implements State {
    private final StateReader base;
    private final TreeMap<byte[], Optional<byte[]>> changes = new TreeMap<>(Arrays::compareUnsigned);

    /** Over {@code base}, without changes yet. */
    public OverlayState(StateReader base) {
        this.base = base;
    }

    /** What changed, sorted by key; an empty value means the key was deleted. A view, not to be changed. */
    public SortedMap<byte[], Optional<byte[]>> changes() {
        return Collections.unmodifiableSortedMap(changes);
    }

    /** Writes the changes to a state. */
    public void commitTo(State target) {
        changes.forEach((key, value) -> value.ifPresentOrElse(v -> target.put(key, v), () -> target.delete(key)));
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        Optional<byte[]> changed = changes.get(key);
        return changed == null ? base.get(key) : changed.orElse(null);
    }

    @Override
    public void forEach(byte[] prefix, Visitor visitor) {
        TreeMap<byte[], byte[]> merged = new TreeMap<>(Arrays::compareUnsigned);
        base.forEach(prefix, (key, value) -> {
            merged.put(key, value);
            return true;
        });
        changes.tailMap(prefix, true).forEach((key, value) -> {
            if (StorageKeys.startsWith(key, prefix)) {
                value.ifPresentOrElse(v -> merged.put(key, v), () -> merged.remove(key));
            }
        });
        for (Map.Entry<byte[], byte[]> entry : merged.entrySet()) {
            if (!visitor.visit(entry.getKey(), entry.getValue())) {
                return;
            }
        }
    }

    @Override
    public void put(byte[] key, byte[] value) {
        changes.put(key, Optional.of(value));
    }

    @Override
    public void delete(byte[] key) {
        changes.put(key, Optional.empty());
    }
}
