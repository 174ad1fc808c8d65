package org.datdot.udx;

/** Spreads packets over time: tokens which come at the rate given, in debt after a packet that was too long for them. */
final class Pacer {
    /** What may be saved up, in microseconds: timers are no finer than a millisecond, and come late. */
    private static final long SAVED_US = 2_000;

    private static final double MIN_SAVED_BYTES = 10 * 1500;

    private double bytesPerUs;
    private double tokens = MIN_SAVED_BYTES;
    private long filledAt;

    Pacer(long now) {
        filledAt = now;
    }

    void rate(double newBytesPerUs) {
        bytesPerUs = newBytesPerUs;
    }

    double bytesPerUs() {
        return bytesPerUs;
    }

    /** Whether a packet may go now. */
    boolean allows(long now) {
        if (now > filledAt) {
            double most = Math.max(MIN_SAVED_BYTES, SAVED_US * bytesPerUs);
            tokens = Math.min(most, tokens + (now - filledAt) * bytesPerUs);
            filledAt = now;
        }
        return tokens > 0;
    }

    void onSent(int bytes) {
        tokens -= bytes;
    }

    /** When a packet may go again, at least a little later so that several go then. */
    long nextAt(long now) {
        if (tokens > 0) {
            return now;
        }
        return now + Math.max(500, (long) Math.ceil(-tokens / bytesPerUs) + 1);
    }
}
