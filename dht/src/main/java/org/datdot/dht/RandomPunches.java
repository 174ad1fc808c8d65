package org.datdot.dht;

/**
 * Keeps a node from sending probes to random ports too often (npm {@code hyperdht}, {@code index.js}): one peer at a time, and
 * then none for 20 seconds. Routers take it for a port scan otherwise.
 */
final class RandomPunches {
    static final long INTERVAL_MS = 20_000;

    private int running;
    private boolean ever;
    private long endedMs;

    /** Whether one may begin. */
    boolean allowed(long nowMs) {
        return running == 0 && (!ever || nowMs - endedMs >= INTERVAL_MS);
    }

    void began() {
        running++;
    }

    /** It was not to be: the next one need not wait. */
    void calledOff() {
        running--;
    }

    void ended(long nowMs) {
        running--;
        ever = true;
        endedMs = nowMs;
    }
}
