package org.datdot.ledger;

/**
 * When a plan ends, besides running out of its budget: whichever comes first.
 *
 * @param timeMs milliseconds since 1970; 0 means when the budget is spent or the sponsor cancels
 * @param trafficBytes bytes served to readers; 0 means any number
 */
public record Until(long timeMs, long trafficBytes) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Until> CODEC = Codec.of(Until.class);

    /** A time and nothing else. */
    public static Until time(long timeMs) {
        return new Until(timeMs, 0);
    }

    /** The last millisecond, which is far away where no time was given. */
    public long endMs() {
        return timeMs == 0 ? Long.MAX_VALUE : timeMs;
    }
}
