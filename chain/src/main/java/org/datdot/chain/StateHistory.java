package org.datdot.chain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;

/**
 * How the state was after the blocks before the newest one: what each of the last blocks replaced. Bounded in blocks and bytes, and not kept
 * over a restart. Guarded by its owner.
 */
final class StateHistory {
    private static final int PAGE = 256;
    private static final int MAX_BLOCKS = 256;
    private static final long MAX_BYTES = 64L << 20;

    /** What the entries that a block changed were before it. */
    private record Undo(long number, TreeMap<byte[], Optional<byte[]>> before, long bytes) {}

    /** Oldest first, without gaps. */
    private final ArrayDeque<Undo> undos = new ArrayDeque<>();

    private long bytes;

    /** Takes down what a block is about to change. */
    void record(long number, StateChanges changes, ChainState state) {
        TreeMap<byte[], Optional<byte[]>> before = new TreeMap<>(Arrays::compareUnsigned);
        long size = 0;
        for (StateChanges.Change change : changes.list()) {
            byte[] old = state.get(change.key());
            before.put(change.key(), Optional.ofNullable(old));
            size += change.key().length + (old == null ? 0 : old.length);
        }
        undos.addLast(new Undo(number, before, size));
        bytes += size;
        while (undos.size() > MAX_BLOCKS || bytes > MAX_BYTES) {
            bytes -= undos.removeFirst().bytes;
        }
    }

    /** The state after the newest block. */
    static View newest(ChainState state) {
        return new View(state, List.of());
    }

    /** The state after a block, over the one after the newest; null when it is not kept. Valid while the state does not change. */
    @Nullable
    View after(long number, ChainState newest) {
        Iterator<Undo> latestFirst = undos.descendingIterator();
        List<Undo> since = new ArrayList<>();
        while (latestFirst.hasNext()) {
            Undo undo = latestFirst.next();
            if (undo.number == number) {
                break;
            }
            since.add(undo);
        }
        boolean kept = !undos.isEmpty() && number >= undos.getFirst().number - 1 && number <= undos.getLast().number;
        return kept ? new View(newest, List.copyOf(since)) : null;
    }

    /** A state that was. */
    static final class View implements StateReader {
        private final ChainState newest;
        /** Newest first: the oldest that knows a key says what it was. */
        private final List<Undo> since;

        private View(ChainState newest, List<Undo> since) {
            this.newest = newest;
            this.since = since;
        }

        @Override
        public byte @Nullable [] get(byte[] key) {
            for (Undo undo : since.reversed()) {
                Optional<byte[]> was = undo.before.get(key);
                if (was != null) {
                    return was.orElse(null);
                }
            }
            return newest.get(key);
        }

        @Override
        public void forEach(byte[] prefix, Visitor visitor) {
            byte[] after = new byte[0];
            while (true) {
                List<byte[]> keys = keys(prefix, after, PAGE);
                for (byte[] key : keys) {
                    byte[] value = get(key);
                    if (value != null && !visitor.visit(key, value)) {
                        return;
                    }
                }
                if (keys.size() < PAGE) {
                    return;
                }
                after = keys.getLast();
            }
        }

        /** At most {@code count} keys that begin with {@code prefix} and come after the key {@code after}. */
        List<byte[]> keys(byte[] prefix, byte[] after, int count) {
            TreeMap<byte[], Boolean> changed = new TreeMap<>(Arrays::compareUnsigned);
            for (Undo undo : since) {
                undo.before.tailMap(prefix, true).forEach((key, was) -> {
                    if (ChainState.startsWith(key, prefix) && Arrays.compareUnsigned(key, after) > 0) {
                        changed.put(key, was.isPresent());
                    }
                });
            }
            TreeMap<byte[], Boolean> found = new TreeMap<>(Arrays::compareUnsigned);
            newest.keys(prefix, after, count + changed.size()).forEach(key -> found.put(key, true));
            found.putAll(changed);
            return found.entrySet().stream()
                    .filter(entry -> entry.getValue())
                    .limit(count)
                    .map(entry -> entry.getKey())
                    .toList();
        }
    }
}
