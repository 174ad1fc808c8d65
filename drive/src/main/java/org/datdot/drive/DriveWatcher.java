package org.datdot.drive;

import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Waits for changes of the entries below a folder of a drive. Several changes between two questions are one. Nothing runs in
 * the background: who asks does the work. Ask from one thread; close from any.
 */
public final class DriveWatcher implements AutoCloseable {

    private final BeeWatcher watcher;
    private final Function<Hyperbee, Hyperdrive> drives;

    /** The drive after a change and before it, both for reading. */
    public record Change(Hyperdrive current, Hyperdrive previous) {}

    DriveWatcher(BeeWatcher watcher, Function<Hyperbee, Hyperdrive> drives) {
        this.watcher = watcher;
        this.drives = drives;
    }

    /**
     * Waits for the next change.
     *
     * @return null when there was none in the time given, or the watcher was closed or the thread interrupted meanwhile
     */
    public @Nullable Change next(Duration timeout) {
        BeeWatcher.Change change = watcher.next(timeout);
        return change == null ? null : new Change(drives.apply(change.current()), drives.apply(change.previous()));
    }

    @Override
    public void close() {
        watcher.close();
    }
}
