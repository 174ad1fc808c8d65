package org.datdot.hypercore;

import java.util.Arrays;

/**
 * Which blocks a {@link Download} fetches, and in which order. Source: addRange in npm hypercore lib/replicator.js.
 *
 * @param start first block
 * @param end one behind the last block, or {@link Download#LIVE}
 * @param blocks the only ones of them, ascending, or empty for all
 * @param linear lowest first; otherwise from random places, which spreads blocks among readers of the same core
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record BlockSelection(long start, long end, long[] blocks, boolean linear) {
    private static final long[] ALL = {};

    /** Checks the bounds and puts the blocks in order. */
    public BlockSelection {
        if (start < 0 || end < start) throw new IllegalArgumentException("blocks " + start + " to " + end);
        blocks = Arrays.stream(blocks).sorted().distinct().toArray();
        if (blocks.length > 0 && (blocks[0] < start || blocks[blocks.length - 1] >= end)) {
            throw new IllegalArgumentException("single blocks outside of " + start + " to " + end);
        }
    }

    /** The blocks {@code [start, end)}, lowest first. */
    public static BlockSelection linear(long start, long end) {
        return new BlockSelection(start, end, ALL, true);
    }

    /** The blocks {@code [start, end)} in random order. */
    public static BlockSelection random(long start, long end) {
        return new BlockSelection(start, end, ALL, false);
    }

    /** Single blocks, lowest first. */
    public static BlockSelection of(long... indexes) {
        long first = Arrays.stream(indexes).min().orElse(0);
        long last = Arrays.stream(indexes).max().orElse(-1);
        return new BlockSelection(first, last + 1, indexes, true);
    }

    /** The first selected block at or after an index, {@link Download#LIVE} when there is none. */
    long next(long from) {
        if (from >= end) return Download.LIVE;
        if (blocks.length == 0) return Math.max(start, from);
        int at = Arrays.binarySearch(blocks, from);
        int next = at >= 0 ? at : -at - 1;
        return next < blocks.length ? blocks[next] : Download.LIVE;
    }

    boolean contains(long index) {
        return index < end && next(index) == index;
    }

    /** Whether a block of {@code [from, to)} is selected. */
    boolean touches(long from, long to) {
        return next(from) < to;
    }

    /** The first selected block at or after an index that is not held, {@link Download#LIVE} when there is none. */
    long nextMissing(long from, Bitfield held) {
        long at = next(from);
        while (at < end) {
            long missing = held.firstUnset(at);
            if (missing == at) return at;
            at = next(missing);
        }
        return end == Download.LIVE ? at : Download.LIVE;
    }

    /** How many are selected below a length of the core. */
    long count(long length) {
        if (blocks.length > 0) return blocks.length;
        return Math.max(0, (end == Download.LIVE ? length : end) - start);
    }

    /** How many of them are held. */
    long countHeld(Bitfield held, long length) {
        if (blocks.length > 0) return Arrays.stream(blocks).filter(held::get).count();
        long to = Math.min(end, length);
        return to <= start ? 0 : held.countSet(start, to);
    }
}
