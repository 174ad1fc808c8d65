package org.datdot.ledger;

import java.util.List;

/**
 * A part of a plan's program: ranges of feeds, and where, when and how well they are to be served.
 *
 * @param segments the blocks, in order; empty once the part was dropped
 * @param follow whether what is appended to the feeds later is hosted too
 * @param regions where hosters may be; empty means anywhere
 * @param hours hours of the week in which it must be served
 * @param level how well
 */
public record Part(List<Segment> segments, boolean follow, List<String> regions, Hours hours, ServiceLevel level) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Part> CODEC = Codec.of(Part.class);

    /** Fixed blocks, anywhere, always, with no service level. */
    public static Part of(List<Segment> segments) {
        return new Part(segments, false, List.of(), Hours.ALWAYS, ServiceLevel.ANY);
    }

    Part with(List<Segment> newSegments) {
        return new Part(newSegments, follow, regions, hours, level);
    }
}
