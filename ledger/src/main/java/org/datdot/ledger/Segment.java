package org.datdot.ledger;

/**
 * Blocks {@code start} to {@code end}, the latter excluded, of a feed as it was at a signed length.
 *
 * @param feed the feed's number
 * @param length the length of the tree head, in blocks
 * @param start first block
 * @param end the block after the last
 */
public record Segment(long feed, long length, long start, long end) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Segment> CODEC = Codec.of(Segment.class);

    /** How many blocks. */
    public long blocks() {
        return end - start;
    }
}
