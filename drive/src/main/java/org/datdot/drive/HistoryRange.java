package org.datdot.drive;

/**
 * Which blocks of a bee's history are returned, and how (npm hyperbee iterators/history.js). Immutable; start from
 * {@link #all()}. Numbers are blocks, the first write is 1; a negative one is counted back from the version, -1 being the
 * newest write. Setting a bound replaces the one on the same side.
 */
public final class HistoryRange {

    private static final HistoryRange ALL =
            new HistoryRange(1, false, Long.MAX_VALUE, false, false, false, Long.MAX_VALUE);

    private final long lower;
    private final boolean lowerExcluded;
    private final long upper;
    private final boolean upperIncluded;
    final boolean reversed;
    final boolean live;
    final long limit;

    private HistoryRange(
            long lower,
            boolean lowerExcluded,
            long upper,
            boolean upperIncluded,
            boolean reversed,
            boolean live,
            long limit) {
        if (live && reversed) {
            throw new IllegalArgumentException("a live history cannot be reversed: it has no last write to start at");
        }
        this.lower = lower;
        this.lowerExcluded = lowerExcluded;
        this.upper = upper;
        this.upperIncluded = upperIncluded;
        this.reversed = reversed;
        this.live = live;
        this.limit = limit;
    }

    /** The whole history up to the version of now. */
    public static HistoryRange all() {
        return ALL;
    }

    /** This block and later ones only. */
    public HistoryRange gte(long block) {
        return new HistoryRange(block, false, upper, upperIncluded, reversed, live, limit);
    }

    /** Later blocks than this one only. */
    public HistoryRange gt(long block) {
        return new HistoryRange(block, true, upper, upperIncluded, reversed, live, limit);
    }

    /** Earlier blocks than this one only. */
    public HistoryRange lt(long block) {
        return new HistoryRange(lower, lowerExcluded, block, false, reversed, live, limit);
    }

    /** This block and earlier ones only. */
    public HistoryRange lte(long block) {
        return new HistoryRange(lower, lowerExcluded, block, true, reversed, live, limit);
    }

    /** Newest first. */
    public HistoryRange reverse() {
        return new HistoryRange(lower, lowerExcluded, upper, upperIncluded, true, live, limit);
    }

    /** Does not end at the version of now but waits for what is written later; an upper bound is not looked at. */
    public HistoryRange live() {
        return new HistoryRange(lower, lowerExcluded, upper, upperIncluded, reversed, true, limit);
    }

    /** At most this many writes; 0 gives none. */
    public HistoryRange limit(long writes) {
        if (writes < 0) {
            throw new IllegalArgumentException("limit must not be negative: " + writes);
        }
        return new HistoryRange(lower, lowerExcluded, upper, upperIncluded, reversed, live, writes);
    }

    /** The first block, when the bee has this version. */
    long start(long version) {
        return Math.max(1, (lower < 0 ? lower + version : lower) + (lowerExcluded ? 1 : 0));
    }

    /** The block after the last one, when the bee has this version. */
    long end(long version) {
        if (live) {
            return Long.MAX_VALUE;
        }
        long bound = Math.min(upper < 0 ? upper + version : upper, version);
        return Math.min(version, bound + (upperIncluded ? 1 : 0));
    }
}
