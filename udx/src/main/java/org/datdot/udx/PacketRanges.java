package org.datdot.udx;

import java.util.Arrays;

/**
 * Which packets came early, as ranges in order: what acknowledgements tell. Each packet costs a search, not a walk over all that
 * may be missing. Packet numbers are 64 bit here and never wrap.
 */
final class PacketRanges {
    /** So many of the ranges told are the oldest; the others are the newest. */
    private static final int OLDEST = 10;

    private static final int FIRST_RANGES = 4;

    private long[] starts = new long[FIRST_RANGES];
    /** The packet after each range. */
    private long[] ends = new long[FIRST_RANGES];

    private int first;
    private int next;

    boolean isEmpty() {
        return first == next;
    }

    void clear() {
        first = 0;
        next = 0;
        if (starts.length > FIRST_RANGES) {
            starts = new long[FIRST_RANGES];
            ends = new long[FIRST_RANGES];
        }
    }

    /** Adds a packet that is in none of the ranges. */
    void add(long seq) {
        int after = next;
        if (first < next && seq < ends[next - 1]) {
            int found = Arrays.binarySearch(starts, first, next, seq);
            after = -found - 1;
        }
        boolean follows = after > first && ends[after - 1] == seq;
        boolean precedes = after < next && starts[after] == seq + 1;
        if (follows && precedes) {
            ends[after - 1] = ends[after];
            remove(after);
        } else if (follows) {
            ends[after - 1] = seq + 1;
        } else if (precedes) {
            starts[after] = seq;
        } else {
            insert(after, seq);
        }
    }

    private void insert(int before, long seq) {
        int at = before;
        if (next == starts.length) {
            int size = next - first;
            int length = size * 2 > starts.length ? starts.length * 2 : starts.length;
            long[] newStarts = new long[length];
            long[] newEnds = new long[length];
            System.arraycopy(starts, first, newStarts, 0, size);
            System.arraycopy(ends, first, newEnds, 0, size);
            starts = newStarts;
            ends = newEnds;
            at -= first;
            first = 0;
            next = size;
        }
        System.arraycopy(starts, at, starts, at + 1, next - at);
        System.arraycopy(ends, at, ends, at + 1, next - at);
        starts[at] = seq;
        ends[at] = seq + 1;
        next++;
    }

    private void remove(int at) {
        System.arraycopy(starts, at + 1, starts, at, next - at - 1);
        System.arraycopy(ends, at + 1, ends, at, next - at - 1);
        next--;
    }

    /** Takes out the first packet of the first range. */
    void removeFirst(long seq) {
        if (isEmpty() || starts[first] != seq) {
            throw new IllegalStateException(seq + " is not the first");
        }
        if (++starts[first] == ends[first] && ++first == next) {
            first = 0;
            next = 0;
        }
    }

    /** How many ranges are told. */
    int told() {
        return Math.min(next - first, UdxPacket.MAX_SACK_RANGES);
    }

    private int index(int range) {
        return next - first <= UdxPacket.MAX_SACK_RANGES || range < OLDEST
                ? first + range
                : next - UdxPacket.MAX_SACK_RANGES + range;
    }

    /**
     * The first packet of a range that is told. When there are too many for a packet those in the middle are left out: they were
     * told when they were new, and what is new says best how the network does. (libudx leaves out the newest, and both sides
     * then believe less arrived than did.)
     */
    long start(int range) {
        return starts[index(range)];
    }

    /** The packet after a range that is told. */
    long end(int range) {
        return ends[index(range)];
    }
}
