package org.datdot.hypercore;

/**
 * Blocks {@code [start, end)}.
 *
 * @param start first block
 * @param end one behind the last block
 */
public record BlockRange(long start, long end) {

    /** Checks the order. */
    public BlockRange {
        if (start < 0 || end < start) throw new IllegalArgumentException("a block range from " + start + " to " + end);
    }

    /** How many blocks. */
    public long lengthBlocks() {
        return end - start;
    }
}
