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
    private static final long LEAST_LIKELY = 10;

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
        return met(level) == WHOLE;
    }

    /**
     * What is paid of the share for serving, in thousandths: how much of the service level is met. Where it asks for no availability, it asks for half: who
     * serves nobody is not paid for serving.
     */
    long score(ServiceLevel level) {
        return level.availabilityPermille() > 0
                ? met(level)
                : met(new ServiceLevel(level.latencyMs(), level.bytesPerSecond(), WHOLE / 2));
    }

    /** How likely it is drawn for serving, in thousandths: as often as it was found, and a little more, so that it may mend. */
    long likely() {
        return samples == 0 ? WHOLE : Math.max(availabilityPermille, LEAST_LIKELY);
    }

    /** The product of what is met of each. */
    private long met(ServiceLevel level) {
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
