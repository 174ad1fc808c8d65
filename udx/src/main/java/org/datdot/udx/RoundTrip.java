package org.datdot.udx;

/** The round-trip time of a stream and what follows from it (RFC 6298 with libudx's bounds). All in microseconds. */
final class RoundTrip {
    static final long MIN_TIMEOUT = 1_000_000;
    private static final long MAX_TIMEOUT = 30_000_000;
    private static final long MAX_SAMPLE = 30_000_000;
    /** Longer than this and far from what was usual is a machine that slept, not the network. */
    private static final long SUSPICIOUS_SAMPLE = 5_000_000;

    private static final long MIN_WINDOW = 300_000_000;

    private final WindowedMax negatedMin;
    private boolean measured;
    private long smoothed;
    private long variation;
    private long timeout = MIN_TIMEOUT;

    RoundTrip(long now) {
        negatedMin = new WindowedMax(MIN_WINDOW, now, Double.NEGATIVE_INFINITY);
    }

    /** What a measured time counts as. */
    long clamp(long sample) {
        if (!measured) {
            return Math.min(sample, MAX_SAMPLE);
        }
        long usual = smoothed + 5 * variation;
        return sample > usual && sample > SUSPICIOUS_SAMPLE ? Math.min(usual, MAX_SAMPLE) : sample;
    }

    /** A packet that was sent once was acknowledged. */
    void add(long sample, long now) {
        negatedMin.add(now, -(double) sample);
        if (measured) {
            variation = (3 * variation + Math.abs(smoothed - sample)) / 4;
            smoothed = (7 * smoothed + sample) / 8;
        } else {
            measured = true;
            smoothed = sample;
            variation = sample / 2;
        }
        timeout = Math.clamp(smoothed + 4 * variation, MIN_TIMEOUT, MAX_TIMEOUT);
    }

    boolean isMeasured() {
        return measured;
    }

    long smoothed() {
        return smoothed;
    }

    /** The shortest of the last five minutes, 0 before the first. */
    long min() {
        return measured ? (long) -negatedMin.get() : 0;
    }

    /** When to give up waiting for an acknowledgement. */
    long timeout() {
        return timeout;
    }
}
