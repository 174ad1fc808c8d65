package org.datdot.node;

import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A {@link Progress} whose total is known only when the work has begun. */
final class ProgressBar implements AutoCloseable {
    private final Console console;
    private final String label;
    private final LongFunction<String> unit;
    private @Nullable Progress progress;

    ProgressBar(Console console, String label) {
        this(console, label, bytes -> new ByteSize(bytes).toString());
    }

    /**
     * @param unit how an amount of work is written
     */
    ProgressBar(Console console, String label, LongFunction<String> unit) {
        this.unit = unit;
        this.console = console;
        this.label = label;
    }

    synchronized void at(long done, long total) {
        Progress shown = progress;
        if (shown == null) {
            shown = console.progress(label, total, unit);
            progress = shown;
        }
        shown.update(done);
    }

    @Override
    public synchronized void close() {
        if (progress != null) {
            progress.close();
        }
    }
}
