package org.datdot.drive;

import java.time.Duration;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Waits for changes of the keys in a range (npm hyperbee index.js, Watcher). Several writes between two questions are one
 * change. Nothing runs in the background: who asks does the work. Ask from one thread; close from any.
 */
public final class BeeWatcher implements AutoCloseable {

    private final Hyperbee bee;
    private final BeeRange range;
    private final LogWatch watch;
    private Hyperbee seen;
    private long seenFork;

    /** The bee after a change and before it, both for reading; they differ in the range that is watched. */
    public record Change(Hyperbee current, Hyperbee previous) {

        /** What differs, in the range. */
        public Iterator<BeeDiff> diff(BeeRange range) {
            return current.diff(previous, range);
        }
    }

    BeeWatcher(Hyperbee bee, BeeRange range, LogWatch watch, Hyperbee seen) {
        this.bee = bee;
        this.range = range;
        this.watch = watch;
        this.seen = seen;
        this.seenFork = bee.fork();
    }

    /**
     * Waits for the next change.
     *
     * @return null when there was none in the time given, or the watcher was closed or the thread interrupted meanwhile
     */
    public @Nullable Change next(Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        while (watch.await(
                () -> bee.version() != seen.version() || bee.fork() != seenFork,
                Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
            Hyperbee previous = seen;
            boolean forked = bee.fork() != seenFork;
            seenFork = bee.fork();
            seen = bee.snapshot();
            // After a truncation the two cannot be compared: the older one is gone.
            if (forked || seen.diff(previous, range).hasNext()) {
                return new Change(seen, previous);
            }
        }
        return null;
    }

    /** Whether {@link #close} was called. */
    public boolean closed() {
        return watch.closed();
    }

    @Override
    public void close() {
        watch.close();
    }
}
