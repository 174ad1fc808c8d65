package org.datdot.ledger;

/**
 * What performance challenges found of a hoster: moving averages, in which the newest counts a quarter.
 *
 * @param samples challenges settled
 * @param availabilityPermille attempts of a thousand that found it
 * @param latencyMs time to the first byte
 * @param bytesPerSecond throughput
 */
public record Measured(long samples, long availabilityPermille, long latencyMs, long bytesPerSecond) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Measured> CODEC = Codec.of(Measured.class);

    /** Never measured. */
    public static final Measured NEVER = new Measured(0, 0, 0, 0);

    private static final long WHOLE = 1000;

    Measured reached(long newLatencyMs, long newBytesPerSecond) {
        boolean first = latencyMs == 0 && bytesPerSecond == 0;
        return new Measured(
                samples + 1,
                samples == 0 ? WHOLE : average(availabilityPermille, WHOLE),
                first ? newLatencyMs : average(latencyMs, newLatencyMs),
                first ? newBytesPerSecond : average(bytesPerSecond, newBytesPerSecond));
    }

    Measured unreachable() {
        return new Measured(
                samples + 1, samples == 0 ? 0 : average(availabilityPermille, 0), latencyMs, bytesPerSecond);
    }

    private static long average(long old, long now) {
        return (3 * old + now + (now > old ? 3 : 0)) / 4;
    }

    /** Whether a provider may be drawn for a plan that asks for this; nobody is excluded before it was measured. */
    boolean meets(ServiceLevel level) {
        return score(level) == WHOLE;
    }

    /** How much of a service level is met, in thousandths: the product of what is met of each. */
    long score(ServiceLevel level) {
        if (samples == 0) {
            return WHOLE;
        }
        long score = part(availabilityPermille, level.availabilityPermille(), WHOLE);
        if (latencyMs > 0) {
            score = part(level.latencyMs() == 0 ? latencyMs : level.latencyMs(), latencyMs, score);
        }
        return part(level.bytesPerSecond() == 0 ? 1 : bytesPerSecond, Math.max(1, level.bytesPerSecond()), score);
    }

    private static long part(long has, long asked, long of) {
        return asked == 0 || has >= asked ? of : of * Math.min(has, 1L << 40) / Math.min(asked, 1L << 40);
    }
}
