package org.datdot.drive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The blocks of many blobs, joined into as few runs as they make, to be asked for all at once. */
final class BlobRanges {

    /** More runs than this are left to be asked for when their blob is read. */
    private static final int MAX_RUNS = 1024;

    private long[] bounds = new long[64];
    private int count;

    void add(BlobId id) {
        add(id.blockOffset(), id.blockEnd());
    }

    void add(long start, long end) {
        if (start == end) {
            return;
        }
        if (2 * count == bounds.length) {
            bounds = Arrays.copyOf(bounds, bounds.length * 2);
        }
        bounds[2 * count] = start;
        bounds[2 * count + 1] = end;
        count++;
    }

    /** A run of blocks {@code [start, end)}. */
    record Run(long start, long end) {}

    /** In ascending order; none touches another. */
    List<Run> runs() {
        List<Run> sorted = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            sorted.add(new Run(bounds[2 * i], bounds[2 * i + 1]));
        }
        sorted.sort(Comparator.comparingLong(Run::start));
        List<Run> joined = new ArrayList<>();
        for (Run run : sorted) {
            Run last = joined.isEmpty() ? null : joined.getLast();
            if (last != null && run.start <= last.end) {
                joined.set(joined.size() - 1, new Run(last.start, Math.max(last.end, run.end)));
            } else {
                joined.add(run);
            }
        }
        return joined;
    }

    /** Asks for them; what is here already costs nothing. */
    BlockLog.Prefetch prefetch(BlockLog log) {
        if (log.writable()) {
            return BlockLog.Prefetch.NONE;
        }
        List<BlockLog.Prefetch> asked = new ArrayList<>();
        for (Run run : runs()) {
            if (asked.size() == MAX_RUNS) {
                break;
            }
            asked.add(log.prefetch(run.start, run.end));
        }
        return () -> asked.forEach(BlockLog.Prefetch::close);
    }
}
