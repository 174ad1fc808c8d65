package org.datdot.dht;

import java.util.Comparator;
import java.util.PriorityQueue;

/** What is to happen at which time. Entries of one time run in the order they were set. */
final class Timers {
    /** Nothing is to happen. */
    static final long NEVER = Long.MAX_VALUE;

    static final class Timer {
        private final long atMs;
        private final long sequence;
        private final Runnable action;
        private boolean cancelled;

        private Timer(long atMs, long sequence, Runnable action) {
            this.atMs = atMs;
            this.sequence = sequence;
            this.action = action;
        }

        void cancel() {
            cancelled = true;
        }
    }

    private final PriorityQueue<Timer> queue = new PriorityQueue<>(
            Comparator.<Timer>comparingLong(timer -> timer.atMs).thenComparingLong(timer -> timer.sequence));
    private long sequence;

    Timer at(long atMs, Runnable action) {
        Timer timer = new Timer(atMs, sequence++, action);
        queue.add(timer);
        return timer;
    }

    /** Runs what is due. */
    void run(long nowMs) {
        while (nextMs() <= nowMs) queue.remove().action.run();
    }

    /** When the next entry is due. */
    long nextMs() {
        while (!queue.isEmpty() && queue.peek().cancelled) queue.remove();
        return queue.isEmpty() ? NEVER : queue.peek().atMs;
    }

    void clear() {
        queue.clear();
    }
}
