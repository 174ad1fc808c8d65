package org.datdot.drive;

import java.util.concurrent.TimeUnit;

/** How many bytes there were in the last five seconds, to a quarter of a second. Not thread-safe. */
final class RecentBytes {

    private static final long SLOT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int SLOTS = 20;
    private static final int SLOTS_PER_SECOND = 4;

    private final long[] slots = new long[SLOTS];
    private boolean started;
    private long first;
    private long newest;

    void add(long bytes, long nanoTime) {
        long slot = Math.floorDiv(nanoTime, SLOT_NANOS);
        if (!started) {
            started = true;
            first = slot;
            newest = slot;
        }
        forget(slot);
        slots[Math.floorMod(slot, SLOTS)] += bytes;
    }

    /** Bytes a second; until a second has passed, all there were. */
    long perSecond(long nanoTime) {
        if (!started) {
            return 0;
        }
        long slot = Math.floorDiv(nanoTime, SLOT_NANOS);
        forget(slot);
        long bytes = 0;
        for (long each : slots) {
            bytes += each;
        }
        long passed = Math.clamp(slot - first + 1, SLOTS_PER_SECOND, SLOTS);
        return bytes * SLOTS_PER_SECOND / passed;
    }

    private void forget(long slot) {
        for (long old = Math.max(newest + 1, slot - SLOTS + 1); old <= slot; old++) {
            slots[Math.floorMod(old, SLOTS)] = 0;
        }
        newest = Math.max(newest, slot);
    }
}
