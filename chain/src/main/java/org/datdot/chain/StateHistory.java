package org.datdot.chain;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The states after the last blocks. Bounded in blocks and bytes, and not kept over a restart. States share what did not change, so each costs what its block changed. Guarded by
 * its owner.
 */
final class StateHistory {
    private static final int MAX_BLOCKS = 256;
    private static final long MAX_BYTES = 64L << 20;
    /** About what the nodes on the way to a changed entry take. */
    private static final int BYTES_PER_CHANGE = 1_000;

    private record Past(long number, StateTrie state, long bytes) {}

    /** Oldest first, without gaps. */
    private final ArrayDeque<Past> states = new ArrayDeque<>();

    private long bytes;

    /**
     * Keeps the state after a block that is about to be replaced.
     *
     * @param changes what replaces it
     */
    void keep(long number, StateTrie state, StateChanges changes) {
        long size = 0;
        for (StateChanges.Change change : changes.list()) {
            byte[] old = state.get(change.key());
            size += BYTES_PER_CHANGE + change.key().length + (old == null ? 0 : old.length);
        }
        states.addLast(new Past(number, state, size));
        bytes += size;
        while (states.size() > MAX_BLOCKS || bytes > MAX_BYTES) {
            bytes -= states.removeFirst().bytes;
        }
    }

    /** The state after a block, or null when it is not kept. */
    @Nullable
    StateTrie after(long number) {
        if (states.isEmpty()) {
            return null;
        }
        long fromLast = states.getLast().number - number;
        if (fromLast < 0 || fromLast >= states.size()) {
            return null;
        }
        for (Past past : states) {
            if (past.number == number) {
                return past.state;
            }
        }
        return null;
    }
}
