package org.datdot.hypercore;

import java.util.OptionalLong;

/**
 * How many requests a peer may owe us at a time. On a stream that measures its round trips: {@code min}, times the round
 * trip in units of 50 ms, shared with the other peers, up to {@code max}; on others three times {@code min}. Source:
 * getMaxInflight in npm hypercore lib/replicator.js. Beyond stock, small blocks may be asked for up to {@value #WINDOW_BYTES}
 * bytes, and of blocks so large that the window would hold more than {@value #MAX_WINDOW_BYTES} bytes only {@code min}.
 *
 * @param min requests to a near peer
 * @param max requests at most
 */
record InflightWindow(int min, int max) {
    /** What may always be under way from one peer, bytes. */
    static final long WINDOW_BYTES = 8L << 20;

    /** What may be under way from one peer unless that is fewer than {@link #min} blocks, bytes. */
    static final long MAX_WINDOW_BYTES = 64L << 20;

    /** Stock's range. */
    static final InflightWindow DEFAULT = new InflightWindow(16, 512);

    private static final double SCALE_NANOS = 50_000_000;

    InflightWindow {
        if (min < 1 || max < min) throw new IllegalArgumentException("a window of " + min + " to " + max);
    }

    /** Requests, by the peer's round trip, the number of peers and the core's average block. */
    int requests(OptionalLong roundTripNanos, int peers, long averageBlockBytes) {
        long average = Math.max(1, averageBlockBytes);
        long small = Math.min(max, WINDOW_BYTES / average);
        long large = Math.max(min, MAX_WINDOW_BYTES / average);
        return (int) Math.max(small, Math.min(large, byRoundTrip(roundTripNanos, peers)));
    }

    private int byRoundTrip(OptionalLong roundTripNanos, int peers) {
        if (roundTripNanos.isEmpty()) return Math.min(max, min * 3);
        double roundTrips = roundTripNanos.getAsLong() / SCALE_NANOS;
        double scale = roundTrips <= 1 ? 1 : roundTrips * Math.min(1, 2.0 / Math.max(1, peers));
        return (int) Math.max(min, Math.round(Math.min(max, min * scale)));
    }
}
