package org.datdot.node;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.datdot.drive.TransferMonitor;

/** What has been sent of a drive so far: a line that is drawn over on a terminal, one at the end everywhere. */
final class SentBar implements AutoCloseable {
    private static final long LOOK_MS = 250;

    private final Console console;
    private final TransferMonitor monitor;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("datdot-bar").factory());

    SentBar(Console console, TransferMonitor monitor) {
        this.console = console;
        this.monitor = monitor;
        if (console.terminal()) {
            var _ = looks.scheduleAtFixedRate(this::show, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
        }
    }

    /** Draws what has been sent until now. */
    void show() {
        console.showBar(text());
    }

    private String text() {
        TransferMonitor.Transfer sent = monitor.uploads();
        return "  sent " + new ByteSize(sent.bytes()) + " in " + sent.blocks() + " blocks, "
                + new ByteSize(sent.bytesPerSecond()) + "/s, " + monitor.peers() + " peers";
    }

    @Override
    public void close() {
        looks.close(); // waits for a look that is being taken
        monitor.close();
        if (console.terminal()) {
            console.showBar("");
        }
        TransferMonitor.Transfer sent = monitor.uploads();
        console.line("sent " + new ByteSize(sent.bytes()) + " in " + sent.blocks() + " blocks");
    }
}
