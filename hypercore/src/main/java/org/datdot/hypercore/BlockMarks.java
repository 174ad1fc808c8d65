package org.datdot.hypercore;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The blocks of a core that are to be kept when the others are dropped: mark, then sweep. Marks are stored with the core,
 * in the stock layout, so that another process can go on with them; they become durable with the next commit, at the
 * latest with the sweep. Thread-safe. Source of the rules: startMarking and sweep of npm hypercore, lib/mark-bitfield.js.
 */
public final class BlockMarks {
    private final CoreState core;
    private final ReentrantLock lock = new ReentrantLock();
    private final Bitfield marks = new Bitfield();

    BlockMarks(CoreState core) {
        this.core = core;
        long data = core.pointers().dataPointer();
        core.storage()
                .scan(
                        StorageKeys.mark(data, 0),
                        StorageKeys.marksEnd(data),
                        (key, page) -> marks.loadPage(StorageKeys.pageOf(key), page));
    }

    /** Whether a block is marked. */
    public boolean marked(long index) {
        lock.lock();
        try {
            return marks.get(index);
        } finally {
            lock.unlock();
        }
    }

    /** Marks a block. */
    public void mark(long index) {
        mark(index, index + 1);
    }

    /** Marks the blocks {@code [start, end)}; they need not be here, nor exist. */
    public void mark(long start, long end) {
        if (start < 0 || end < start) throw new IllegalArgumentException("blocks " + start + " to " + end);
        long data = core.pointers().dataPointer();
        lock.lock();
        try {
            if (marks.countSet(start, end) == end - start) return;
            marks.setRange(start, end, true);
            CoreChange stored = CoreChange.barrier(core);
            long first = Bitfield.pageNumber(start);
            long last = Bitfield.pageNumber(end - 1);
            byte[][] pages = new byte[(int) (last - first + 1)][];
            for (int i = 0; i < pages.length; i++) pages[i] = marks.pageBytes(first + i);
            core.submit(stored.with(out -> {
                for (int i = 0; i < pages.length; i++) out.put(StorageKeys.mark(data, first + i), pages[i]);
            }));
        } finally {
            lock.unlock();
        }
    }

    /** Removes all marks; durable when it returns. */
    public void clear() {
        long data = core.pointers().dataPointer();
        lock.lock();
        try {
            marks.setRange(0, marks.end(), false);
            core.tip()
                    .commit(CoreChange.barrier(core)
                            .with(out -> out.deleteRange(StorageKeys.mark(data, 0), StorageKeys.marksEnd(data))));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Drops all blocks here that are not marked, and then the marks. The hashes of the blocks stay, and peers may supply
     * them again.
     *
     * @return how many blocks were dropped
     */
    public long sweep() {
        long length = core.length();
        long cleared = 0;
        long start = 0;
        while (start < length) {
            long kept;
            long end;
            lock.lock();
            try {
                kept = marks.firstSet(start);
                end = kept < 0 ? length : Math.min(kept, length);
                kept = kept < 0 ? length : marks.firstUnset(end);
            } finally {
                lock.unlock();
            }
            if (end > start) cleared += core.writer().clear(start, end);
            start = kept;
        }
        clear();
        return cleared;
    }
}
