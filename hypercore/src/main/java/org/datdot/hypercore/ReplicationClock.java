package org.datdot.hypercore;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The time as replication sees it: only to notice that a peer is slow. Tests hand in their own. */
interface ReplicationClock {

    /** Nanoseconds since some moment. */
    long nanoTime();

    /** Runs a task once, after a while, on any thread. */
    void schedule(Runnable task, long delayMs);

    /** The machine's monotonic clock. */
    static ReplicationClock system() {
        return new ReplicationClock() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void schedule(Runnable task, long delayMs) {
                CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS)
                        .execute(task);
            }
        };
    }
}
