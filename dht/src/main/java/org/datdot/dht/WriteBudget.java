package org.datdot.dht;

import org.jspecify.annotations.Nullable;

/**
 * How much one host may have a node store: {@value #BURST} writes at once, {@value #PER_SECOND} a second for longer. It is asked
 * before a signature is looked at, and after the token has shown that the host is where it says.
 */
final class WriteBudget {
    static final int BURST = 4_096;
    static final int PER_SECOND = 128;
    private static final int MAX_HOSTS = 16_384;
    /** After this a budget is full again, so that it can be forgotten. */
    private static final long FULL_AFTER_MS = 1_000L * BURST / PER_SECOND;

    /**
     * What is left.
     *
     * @param atMs when that was so
     */
    private record Left(double writes, long atMs) {}

    private final GenerationCache<Integer, Left> hosts;

    WriteBudget(long nowMs) {
        GenerationCache.Limits limits =
                new GenerationCache.Limits(MAX_HOSTS, Long.MAX_VALUE, 3 * FULL_AFTER_MS / 2, false);
        hosts = new GenerationCache<>(limits, left -> 0, nowMs);
    }

    /** Whether a host may write once more; counts it. */
    boolean spend(PeerAddress from, long nowMs) {
        @Nullable Left before = hosts.get(from.host(), nowMs);
        double writes = before == null
                ? BURST
                : Math.min(BURST, before.writes() + (nowMs - before.atMs()) * PER_SECOND / 1_000.0);
        if (writes < 1) return false;
        hosts.put(from.host(), new Left(writes - 1, nowMs), nowMs);
        return true;
    }
}
