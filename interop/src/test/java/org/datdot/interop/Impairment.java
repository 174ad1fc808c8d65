package org.datdot.interop;

/**
 * What a network does to datagrams.
 *
 * @param loss share that gets lost
 * @param duplication share that comes twice
 * @param delayMs how long each takes, one way
 * @param jitterMs up to how much longer, each for itself: later ones overtake earlier ones then
 * @param mtu the longest IP packet that passes
 * @param megabytesPerSecond how fast they pass one behind the other, 0 for no limit
 * @param queueBytes what waits at most where they pass one behind the other
 */
record Impairment(
        double loss,
        double duplication,
        double delayMs,
        double jitterMs,
        int mtu,
        double megabytesPerSecond,
        int queueBytes) {
    static Impairment none() {
        return new Impairment(0, 0, 0, 0, 1500, 0, 0);
    }

    Impairment withLoss(double value) {
        return new Impairment(value, duplication, delayMs, jitterMs, mtu, megabytesPerSecond, queueBytes);
    }

    Impairment withDuplication(double value) {
        return new Impairment(loss, value, delayMs, jitterMs, mtu, megabytesPerSecond, queueBytes);
    }

    Impairment withDelayMs(double value) {
        return new Impairment(loss, duplication, value, jitterMs, mtu, megabytesPerSecond, queueBytes);
    }

    Impairment withJitterMs(double value) {
        return new Impairment(loss, duplication, delayMs, value, mtu, megabytesPerSecond, queueBytes);
    }

    Impairment withMtu(int value) {
        return new Impairment(loss, duplication, delayMs, jitterMs, value, megabytesPerSecond, queueBytes);
    }

    Impairment withRate(double megabytes, int queue) {
        return new Impairment(loss, duplication, delayMs, jitterMs, mtu, megabytes, queue);
    }
}
