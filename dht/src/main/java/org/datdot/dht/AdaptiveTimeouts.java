package org.datdot.dht;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** How long to wait for each node, learnt from its earlier replies (npm {@code adaptive-timeout}). */
final class AdaptiveTimeouts {
    private static final long MIN_MS = 300;
    private static final long MAX_MS = 4_000;
    private static final int JITTER_MS = 256;
    private static final long[] UNKNOWN_MS = {250, 500, 1_000, 2_000, 4_000};
    private static final GenerationCache.Limits LIMITS =
            new GenerationCache.Limits(65_536, Long.MAX_VALUE, 10 * 60_000, true);

    private record RoundTrip(long averageMs, long varianceMs) {}

    private final GenerationCache<PeerAddress, RoundTrip> known;
    private final RandomGenerator random;

    AdaptiveTimeouts(RandomGenerator random, long nowMs) {
        this.random = random;
        this.known = new GenerationCache<>(LIMITS, roundTrip -> 0, nowMs);
    }

    void learn(PeerAddress from, long roundTripMs, long nowMs) {
        @Nullable RoundTrip before = known.get(from, nowMs);
        RoundTrip after = before == null
                ? new RoundTrip(roundTripMs, roundTripMs >> 1)
                : new RoundTrip(
                        before.averageMs + ((roundTripMs - before.averageMs) >> 3),
                        before.varianceMs + ((Math.abs(before.averageMs - roundTripMs) - before.varianceMs) >> 2));
        known.put(from, after, nowMs);
    }

    /**
     * @param attempt 1 for the first time the request is sent
     */
    long timeoutMs(PeerAddress to, int attempt, long nowMs) {
        long jitter = random.nextInt(JITTER_MS);
        @Nullable RoundTrip roundTrip = known.get(to, nowMs);
        if (roundTrip == null) return UNKNOWN_MS[Math.min(attempt, UNKNOWN_MS.length) - 1] + jitter;
        long wait = (roundTrip.averageMs + (roundTrip.varianceMs << 1)) * attempt + jitter;
        return Math.clamp(wait, MIN_MS, MAX_MS);
    }
}
