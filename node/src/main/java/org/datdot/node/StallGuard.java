package org.datdot.node;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/** Runs work that waits for peers, and gives it up when nothing has come from any of them for a while. */
final class StallGuard {
    private StallGuard() {}

    /**
     * Runs the work on a thread of its own.
     *
     * @param received bytes received so far, from all peers
     * @param patience how long that number may stand still
     * @throws NodeException {@link Exit#NETWORK} when it did
     */
    static <T> T run(Callable<T> work, LongSupplier received, Duration patience) throws InterruptedException {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread worker = Thread.ofVirtual().name("datdot-download").start(() -> {
            try {
                result.complete(work.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        long last = -1;
        while (true) {
            try {
                return result.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw Failures.explain(e);
            } catch (InterruptedException e) {
                worker.interrupt();
                throw e;
            } catch (TimeoutException e) {
                long now = received.getAsLong();
                if (now == last) {
                    worker.interrupt();
                    throw new NodeException(
                            Exit.NETWORK,
                            "no peer has sent anything for " + patience.toSeconds()
                                    + " s: the hosters may be offline; try again later, what was received is kept",
                            e);
                }
                last = now;
            }
        }
    }
}
