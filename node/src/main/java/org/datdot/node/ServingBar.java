package org.datdot.node;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.datdot.hosting.Peers;
import org.datdot.swarm.Connection;

/** How much of a drive this node has handed to encoders: a bar that looks at the connections' counters four times a second. */
final class ServingBar implements AutoCloseable {
    private static final long LOOK_MS = 250;

    private final Progress progress;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("datdot-bar").factory());

    /**
     * Starts to show.
     *
     * @param totalBytes what will have been sent when every encoder has everything
     */
    ServingBar(Console console, Peers peers, long totalBytes) {
        progress = console.progress("sending to encoders", totalBytes);
        var _ = looks.scheduleAtFixedRate(() -> progress.update(sent(peers)), LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
    }

    private static long sent(Peers peers) {
        return peers.connections().stream().mapToLong(Connection::bytesWritten).sum();
    }

    @Override
    public void close() {
        looks.shutdownNow();
        progress.close();
    }
}
