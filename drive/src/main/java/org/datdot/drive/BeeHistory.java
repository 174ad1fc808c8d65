package org.datdot.drive;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The writes of a bee in the order they were made, or the reverse. A live one waits in {@link #hasNext} for the next write
 * and ends when it is closed, by whichever thread, or when the waiting thread is interrupted. Otherwise for one thread.
 */
public final class BeeHistory implements Iterator<BeeChange>, AutoCloseable {

    private final BeeBlocks blocks;
    private final BeePrefix prefix;
    private final boolean reversed;
    private final LogWatch watch;
    private long start;
    private long end;
    private long remaining;
    private @Nullable BeeChange next;

    BeeHistory(BeeBlocks blocks, BeePrefix prefix, long version, HistoryRange range) {
        this.blocks = blocks;
        this.prefix = prefix;
        this.reversed = range.reversed;
        this.start = range.start(version);
        this.end = range.end(version);
        this.remaining = range.limit;
        this.watch = range.live ? LogWatch.of(blocks.log()) : LogWatch.NONE;
    }

    @Override
    public boolean hasNext() {
        if (next == null) {
            next = advance();
        }
        return next != null;
    }

    @Override
    public BeeChange next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no more writes in the range");
        }
        BeeChange change = next;
        if (change == null) {
            throw new IllegalStateException("a change was there and is not any more");
        }
        next = null;
        return change;
    }

    private @Nullable BeeChange advance() {
        while (remaining > 0 && start < end) {
            long seq = reversed ? --end : start++;
            if (!watch.awaitLength(seq + 1)) {
                remaining = 0;
                return null;
            }
            BeeNode node = blocks.node(seq);
            if (prefix.covers(node.key)) {
                remaining--;
                return new BeeChange(
                        node.deletion() ? BeeChange.Type.DEL : BeeChange.Type.PUT, prefix.remove(node.entry()));
            }
        }
        return null;
    }

    /** Ends a live history. */
    @Override
    public void close() {
        watch.close();
    }
}
