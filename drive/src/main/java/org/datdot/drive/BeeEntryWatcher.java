package org.datdot.drive;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an eye on one key (npm hyperbee index.js, getAndWatch). Nothing runs in the background: who asks does the work. Ask
 * from one thread; close from any.
 */
public final class BeeEntryWatcher implements AutoCloseable {

    private final Hyperbee bee;
    private final byte[] key;
    private final LogWatch watch;
    private @Nullable BeeEntry entry;
    private long seenVersion;
    private long seenFork;

    BeeEntryWatcher(Hyperbee bee, byte[] key, LogWatch watch) {
        this.bee = bee;
        this.key = key.clone();
        this.watch = watch;
        look();
    }

    /** The entry as of the last look; null when there is none. */
    public @Nullable BeeEntry entry() {
        return entry;
    }

    /**
     * Waits until another write to the key is seen; then {@link #entry} is what it left.
     *
     * @return false when there was none in the time given, or the watcher was closed or the thread interrupted meanwhile
     */
    public boolean update(Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        while (watch.await(
                () -> bee.version() != seenVersion || bee.fork() != seenFork,
                Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
            boolean forked = bee.fork() != seenFork;
            BeeEntry before = entry;
            look();
            BeeEntry now = entry;
            if (forked || (before == null ? 0 : before.seq()) != (now == null ? 0 : now.seq())) {
                return true;
            }
        }
        return false;
    }

    private void look() {
        seenFork = bee.fork();
        Hyperbee snapshot = bee.snapshot();
        seenVersion = snapshot.version();
        entry = snapshot.get(key);
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
