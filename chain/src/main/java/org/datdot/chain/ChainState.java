package org.datdot.chain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;

/**
 * The state after the newest block, with its checksum. All of it is in memory, in the order of keys; this class is where that
 * can change. Guarded by its owner.
 */
final class ChainState implements StateReader {
    private final TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    private StateCheck check = StateCheck.EMPTY;

    /** The state a store has. */
    static ChainState load(ChainStore store) {
        ChainState state = new ChainState();
        state.check = store.loadState(state.entries::put);
        return state;
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return entries.get(key);
    }

    @Override
    public void forEach(byte[] prefix, Visitor visitor) {
        for (Map.Entry<byte[], byte[]> entry : entries.tailMap(prefix, true).entrySet()) {
            if (!startsWith(entry.getKey(), prefix) || !visitor.visit(entry.getKey(), entry.getValue())) {
                return;
            }
        }
    }

    /** At most {@code count} keys that begin with {@code prefix} and come after the key {@code after}. */
    List<byte[]> keys(byte[] prefix, byte[] after, int count) {
        List<byte[]> keys = new ArrayList<>();
        boolean resumes = Arrays.compareUnsigned(after, prefix) >= 0;
        for (byte[] key : entries.tailMap(resumes ? after : prefix, !resumes).keySet()) {
            if (keys.size() >= count || !startsWith(key, prefix)) {
                break;
            }
            keys.add(key);
        }
        return keys;
    }

    static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    StateCheck check() {
        return check;
    }

    /** The checksum there will be after some changes. */
    StateCheck checkAfter(StateChanges changes) {
        StateCheck after = check;
        for (StateChanges.Change change : changes.list()) {
            after = after.changed(change.key(), entries.get(change.key()), change.value());
        }
        return after;
    }

    /** Makes the changes; {@code after} is their {@link #checkAfter}. */
    void apply(StateChanges changes, StateCheck after) {
        for (StateChanges.Change change : changes.list()) {
            byte[] value = change.value();
            if (value == null) {
                entries.remove(change.key());
            } else {
                entries.put(change.key(), value);
            }
        }
        check = after;
    }
}
