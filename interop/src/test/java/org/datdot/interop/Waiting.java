package org.datdot.interop;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Waiting for what another process or thread will do, with an end. */
final class Waiting {
    /** Longer than anything takes on a busy machine. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private Waiting() {}

    /** Returns as soon as the condition holds, for conditions nobody announces. */
    static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) throw new AssertionError("waited " + PATIENCE + " until " + what);
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** The next element of a queue. */
    static <T> T next(BlockingQueue<T> queue) {
        @Nullable T element;
        try {
            element = queue.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        if (element == null) throw new AssertionError("nothing came for " + PATIENCE);
        return element;
    }
}
