package org.datdot.node;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends a long-running command cleanly on Ctrl-C, SIGTERM or request: what it guards is closed once, and the process waits for that.
 */
final class Shutdown implements AutoCloseable {
    private final CountDownLatch requested = new CountDownLatch(1);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AutoCloseable guarded;
    private final Thread hook;

    private Shutdown(AutoCloseable guarded) {
        this.guarded = guarded;
        this.hook = new Thread(
                () -> {
                    requested.countDown();
                    closeOnce();
                },
                "datdot-shutdown");
    }

    /** Guards a resource. */
    static Shutdown closing(AutoCloseable guarded) {
        Shutdown shutdown = new Shutdown(guarded);
        Runtime.getRuntime().addShutdownHook(shutdown.hook);
        return shutdown;
    }

    /** Ends {@link #await}. */
    void request() {
        requested.countDown();
    }

    /** Waits until an end is asked for. */
    void await() throws InterruptedException {
        requested.await();
    }

    private synchronized void closeOnce() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            guarded.close();
        } catch (Exception e) {
            System.err.println("datdot: while ending: " + Failures.explain(e).getMessage());
        }
    }

    @Override
    public void close() {
        requested.countDown();
        closeOnce();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // the process is ending already; the hook found everything closed, or waits in closeOnce
        }
    }
}
