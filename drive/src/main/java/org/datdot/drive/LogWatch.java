package org.datdot.drive;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Waits for changes of a log's length or fork. Closing it, from any thread, ends the waiting. */
final class LogWatch implements AutoCloseable {

    /** For what never needs to wait. */
    static final LogWatch NONE = new LogWatch(null);

    private static final Duration FOREVER = Duration.ofDays(10_000);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final @Nullable BlockLog log;
    private BlockLog.@Nullable Subscription subscription;
    private boolean closed;

    private LogWatch(@Nullable BlockLog log) {
        this.log = log;
    }

    static LogWatch of(BlockLog log) {
        LogWatch watch = new LogWatch(log);
        watch.subscription = log.onChange(watch::wake);
        return watch;
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the log has a length; false when this was closed or the thread interrupted before. */
    boolean awaitLength(long length) {
        BlockLog watched = log;
        return watched == null || await(() -> watched.length() >= length, FOREVER);
    }

    /** Waits until a condition on the log holds; false when the time is over, this was closed or the thread interrupted. */
    boolean await(BooleanSupplier condition, Duration timeout) {
        lock.lock();
        try {
            long nanos = timeout.toNanos();
            while (!closed) {
                if (condition.getAsBoolean()) {
                    return true;
                }
                if (nanos <= 0) {
                    return false;
                }
                nanos = changed.awaitNanos(Math.min(nanos, TimeUnit.DAYS.toNanos(1)))
                        + Math.max(0, nanos - TimeUnit.DAYS.toNanos(1));
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    boolean closed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        BlockLog.Subscription open;
        lock.lock();
        try {
            closed = true;
            open = subscription;
            subscription = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (open != null) {
            open.close();
        }
    }
}
