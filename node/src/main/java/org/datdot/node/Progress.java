package org.datdot.node;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How far some bytes of work have come. On a terminal a bar that is drawn over; elsewhere a plain line for each quarter. Thread-safe.
 */
public final class Progress implements AutoCloseable {
    private static final int WIDTH = 28;

    private final Console console;
    private final String label;
    private final long total;
    private final boolean terminal;
    private final AtomicLong shown = new AtomicLong(-1);

    Progress(Console console, String label, long total, boolean terminal) {
        this.console = console;
        this.label = label;
        this.total = total;
        this.terminal = terminal;
    }

    /** Says that {@code done} bytes of the total are done now. */
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
                    new ByteSize(Math.min(done, Math.max(total, 0)))));
        } else if (step > 0) {
            console.line("  " + label + ": " + step * 100 / steps + "% of " + new ByteSize(Math.max(total, 0)));
        }
    }

    @Override
    public void close() {
        if (terminal) {
            console.showBar("");
        }
    }
}
