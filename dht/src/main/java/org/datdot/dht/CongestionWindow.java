package org.datdot.dht;

/**
 * How many requests may be under way, so that a burst does not drown in its own losses (npm {@code dht-rpc}, {@code
 * lib/io.js}): {@code max} sent within 750 ms, twice as many within 3 s.
 */
final class CongestionWindow {
    static final long STEP_MS = 750;

    private final int max;
    private final int[] sent = new int[4];
    private int current;
    private int total;
    private long steppedMs;

    CongestionWindow(int max, long nowMs) {
        this.max = max;
        this.steppedMs = nowMs;
    }

    /** Forgets what was sent more than four steps ago. */
    void advance(long nowMs) {
        for (int i = 0; i < sent.length && nowMs - steppedMs >= STEP_MS; i++) {
            current = (current + 1) & 3;
            total -= sent[current];
            sent[current] = 0;
            steppedMs += STEP_MS;
        }
        if (nowMs - steppedMs >= STEP_MS) steppedMs = nowMs;
    }

    boolean isFull() {
        return total >= 2 * max || sent[current] >= max;
    }

    /** When there may be room again. */
    long nextStepMs() {
        return steppedMs + STEP_MS;
    }

    void send() {
        sent[current]++;
        total++;
    }

    void receive() {
        if (sent[current] > 0) {
            sent[current]--;
            total--;
        }
    }
}
