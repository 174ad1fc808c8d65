package org.datdot.node;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * How far some work has come, in bytes or what else is counted. On a terminal a bar that is drawn over; elsewhere a plain line for each quarter. Thread-safe.
 */
public final class Progress implements AutoCloseable {
    private static final int WIDTH = 28;

    private final Console console;
    private final String label;
    private final long total;
    private final boolean terminal;
    private final LongFunction<String> unit;
    private final AtomicLong shown = new AtomicLong(-1);

    /**
     * @param unit how an amount of work is written
     */
    Progress(Console console, String label, long total, boolean terminal, LongFunction<String> unit) {
        this.console = console;
        this.label = label;
        this.total = total;
        this.terminal = terminal;
        this.unit = unit;
    }

    /** Says that so much of the total is done now. */
    public void update(long done) {
        long steps = terminal ? 100 : 4;
        long step = total <= 0 ? steps : Math.min(steps, done * steps / total);
        long before = shown.get();
        if (step <= before || !shown.compareAndSet(before, step)) {
            return;
        }
        if (terminal) {
            int filled = (int) (WIDTH * step / steps);
            console.showBar(String.format(
                    Locale.ROOT,
                    "  %-28s [%s%s] %3d%%  %s",
                    label,
                    "#".repeat(filled),
                    ".".repeat(WIDTH - filled),
                    step,
                    unit.apply(Math.min(done, Math.max(total, 0)))));
        } else if (step > 0) {
            console.line("  " + label + ": " + step * 100 / steps + "% of " + unit.apply(Math.max(total, 0)));
        }
    }

    @Override
    public void close() {
        if (terminal) {
            console.showBar("");
        }
    }
}
