package org.datdot.hosting;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import org.datdot.chain.LedgerUnavailableException;
import org.datdot.hypercore.StorageException;
import org.datdot.ledger.Call;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * One thing a node owes by the ledger, on a thread of its own until it is done, has failed for good, or the ledger does
 * not list it any more. It may be killed at any moment: what is on disk and on the ledger is enough to begin again.
 */
abstract class Job {
    private static final System.Logger LOG = System.getLogger(Job.class.getName());

    private static final int LONGEST_DELAY = 8;
    private static final Duration CALL_GRACE = Duration.ofSeconds(1);

    final ProviderContext context;
    private final Thread thread;
    private @Nullable String logged;
    private volatile @Nullable String failure;
    private volatile boolean ownFault;
    private volatile boolean calling;

    Job(ProviderContext context, String name) {
        this.context = context;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    final void start() {
        thread.start();
    }

    /**
     * Asks the job to end; {@link #awaitEnd} tells when it has. A call to the ledger gets a moment to return by itself:
     * the block that ends a job is often the one that brings its answer, and interrupting it costs the connection.
     */
    final void cancel() throws InterruptedException {
        if (calling) thread.join(CALL_GRACE);
        thread.interrupt();
    }

    /** Signs and sends a call, and waits until it is in a block. */
    final void submit(Call call) {
        calling = true;
        try {
            context.view().ledger().submit(context.keys(), call);
        } finally {
            calling = false;
        }
    }

    final void awaitEnd() throws InterruptedException {
        thread.join();
    }

    /** Whether it is still at work. */
    final boolean running() {
        return thread.isAlive();
    }

    /** What it does, for people. */
    final String name() {
        return thread.getName();
    }

    /** Why this job has failed for good, or null. */
    final @Nullable String failure() {
        return failure;
    }

    /** Whether this node itself is the reason, so that nobody else may be blamed. */
    final boolean ownFault() {
        return ownFault;
    }

    /** The job failed for good by this node's own fault: somebody should look at it. */
    final void failHere(String why) {
        ownFault = true;
        failure = why;
        context.alert(thread.getName() + " failed: " + why);
        context.changed();
    }

    /** The job failed for good by somebody else's fault. */
    final void fail(String why) {
        failure = why;
        LOG.log(System.Logger.Level.WARNING, "{0} failed: {1}", thread.getName(), why);
        context.changed();
    }

    private void run() {
        try {
            work();
        } catch (InterruptedException _) {
            LOG.log(System.Logger.Level.DEBUG, "{0} was cancelled", thread.getName());
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, thread.getName() + " met a defect", e);
            failHere("a defect of this program: " + e);
        }
    }

    /** The whole job. */
    abstract void work() throws InterruptedException;

    /** A step that reaches out to others. */
    interface Step {
        void run() throws IOException, InterruptedException;
    }

    /**
     * Repeats a step until it succeeds. What another peer, the network or the ledger refused is tried again after a while;
     * the rest is for the caller.
     *
     * @return false when it failed for good
     */
    final boolean retry(String what, Step step) throws InterruptedException {
        Duration delay = context.options().retryDelay();
        Duration longest = delay.multipliedBy(LONGEST_DELAY);
        while (true) {
            try {
                step.run();
                return true;
            } catch (ClosedByInterruptException e) {
                throw interrupted(e);
            } catch (OutOfSpaceException e) {
                failHere(String.valueOf(e.getMessage()));
                return false;
            } catch (RefusedException e) {
                if (e.isFinal()) {
                    fail(what + ": " + e.getMessage());
                    return false;
                }
                log(what, e);
            } catch (InvalidReplicaException e) {
                fail(what + ": " + e.getMessage());
                return false;
            } catch (IOException e) {
                if (isDiskFull(e)) {
                    failHere("the disk is full: free some space or offer less (" + e.getMessage() + ")");
                    return false;
                }
                log(what, e);
            } catch (WireException | LedgerUnavailableException e) {
                log(what, e);
            } catch (StorageException e) {
                if (e.kind() == StorageException.Kind.NO_SPACE) {
                    failHere(String.valueOf(e.getMessage()));
                    return false;
                }
                log(what, e);
            }
            if (Thread.interrupted()) throw new InterruptedException();
            context.pause(delay);
            if (delay.compareTo(longest) < 0) delay = delay.multipliedBy(2);
        }
    }

    private static InterruptedException interrupted(Exception cause) {
        Thread.interrupted();
        InterruptedException interrupted = new InterruptedException();
        interrupted.initCause(cause);
        return interrupted;
    }

    private void log(String what, Exception e) {
        if (Thread.currentThread().isInterrupted()) return; // not a failure: the job was cancelled
        String message = what + ": " + e.getMessage();
        if (message.equals(logged)) return;
        logged = message;
        LOG.log(System.Logger.Level.INFO, "{0}: {1}; trying again", thread.getName(), message);
    }

    /** The operating system has no exception of its own for it in Java. */
    private static boolean isDiskFull(IOException e) {
        String message = e.getMessage();
        return message != null && (message.contains("No space left") || message.contains("not enough space"));
    }
}
