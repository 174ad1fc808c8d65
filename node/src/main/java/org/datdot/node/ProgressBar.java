package org.datdot.node;

import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A {@link Progress} whose total is known only when the work has begun. */
final class ProgressBar implements AutoCloseable {
    /** What is shorter is not worth a line in somebody's log. */
    private static final long LEAST_BYTES = 1 << 20;

    private final Console console;
    private final String label;
    private final LongFunction<String> unit;
    private final long least;
    private @Nullable Progress progress;

    ProgressBar(Console console, String label) {
        this(console, label, bytes -> new ByteSize(bytes).toString());
    }

    /**
     * @param unit how an amount of work is written
     */
    ProgressBar(Console console, String label, LongFunction<String> unit) {
        this(console, label, unit, 0);
    }

    private ProgressBar(Console console, String label, LongFunction<String> unit, long least) {
        this.least = least;
        this.unit = unit;
        this.console = console;
        this.label = label;
    }

    /** For bytes on the way to or from standard input and output: on standard error, and off a terminal only for many. */
    static ProgressBar beside(boolean json, String label) {
        return new ProgressBar(Console.error(json), label, bytes -> new ByteSize(bytes).toString(), LEAST_BYTES);
    }

    synchronized void at(long done, long total) {
        if (total < least && !console.terminal()) {
            return;
        }
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
