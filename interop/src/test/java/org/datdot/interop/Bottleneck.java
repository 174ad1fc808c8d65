package org.datdot.interop;

/** Where datagrams pass one behind the other, at a rate, out of a queue that overflows. Several links may share one. */
final class Bottleneck {
    private final double bytesPerNano;
    private final int queueBytes;
    private long busyUntil;
    private long dropped;

    /** @param megabytesPerSecond 0 for no limit */
    Bottleneck(double megabytesPerSecond, int queueBytes) {
        this.bytesPerNano = megabytesPerSecond / 1_000;
        this.queueBytes = queueBytes;
    }

    /** When a packet that comes now is through, by {@link System#nanoTime()}; -1 when it finds no room. */
    synchronized long pass(int bytes, long now) {
        if (bytesPerNano == 0) {
            return now;
        }
        long start = Math.max(now, busyUntil);
        if ((start - now) * bytesPerNano > queueBytes) {
            dropped++;
            return -1;
        }
        busyUntil = start + (long) (bytes / bytesPerNano);
        return busyUntil;
    }

    synchronized long dropped() {
        return dropped;
    }
}
