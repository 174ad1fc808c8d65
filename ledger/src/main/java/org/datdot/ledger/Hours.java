package org.datdot.ledger;

/**
 * Hours of the week, in UTC; hour 0 is Monday, 0 to 1 o'clock. Three numbers hold 56 hours each, the first hour in the lowest bit.
 *
 * @param first hours 0 to 55
 * @param second hours 56 to 111
 * @param third hours 112 to 167
 */
public record Hours(long first, long second, long third) {
    private static final int BITS = 56;
    private static final int HOURS = 168;
    private static final long HOUR_MS = 3_600_000;
    private static final long ALL = (1L << BITS) - 1;
    /** 1970 began on a Thursday. */
    private static final long EPOCH_HOUR = 72;

    /** SCALE: the fields in declaration order. */
    public static final Codec<Hours> CODEC = Codec.of(Hours.class);

    /** All of them. */
    public static final Hours ALWAYS = new Hours(ALL, ALL, ALL);

    /** From an hour of each day to another, the latter excluded; past midnight where it is smaller. */
    public static Hours daily(int from, int to) {
        long[] bits = new long[3];
        for (int hour = 0; hour < HOURS; hour++) {
            int ofDay = hour % 24;
            if (from <= to ? ofDay >= from && ofDay < to : ofDay >= from || ofDay < to) {
                bits[hour / BITS] |= 1L << hour % BITS;
            }
        }
        return new Hours(bits[0], bits[1], bits[2]);
    }

    /** Whether there is an hour in it and none that a week does not have. */
    boolean valid() {
        return (first | second | third) != 0 && (first | second | third) >>> BITS == 0;
    }

    /** Whether all hours of others are in it. */
    public boolean contains(Hours other) {
        return (other.first & ~first) == 0 && (other.second & ~second) == 0 && (other.third & ~third) == 0;
    }

    /** Whether all of {@code [beginMs, endMs]} is in it. */
    public boolean covers(long beginMs, long endMs) {
        if (equals(ALWAYS)) {
            return true;
        }
        long begin = Math.floorDiv(beginMs, HOUR_MS);
        long end = Math.min(Math.floorDiv(endMs, HOUR_MS), begin + HOURS - 1);
        for (long hour = begin; hour <= end; hour++) {
            if (!has((int) Math.floorMod(hour + EPOCH_HOUR, (long) HOURS))) {
                return false;
            }
        }
        return true;
    }

    private boolean has(int hour) {
        long bits = hour < BITS ? first : hour < 2 * BITS ? second : third;
        return (bits >>> hour % BITS & 1) == 1;
    }
}
