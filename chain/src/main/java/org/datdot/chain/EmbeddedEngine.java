package org.datdot.chain;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.datdot.crypto.KeyPair;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;

/**
 * The engine of a chain with one author: makes a block at a fixed interval, with or without extrinsics, because deadlines are
 * counted in blocks. Blocks missed while the process did not run are not made up for.
 */
public final class EmbeddedEngine implements Engine {
    private static final Logger LOG = System.getLogger(EmbeddedEngine.class.getName());

    private final Chain chain;
    private final KeyPair author;
    private final long intervalNanos;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final Thread thread;
    private boolean closing;

    private EmbeddedEngine(Chain chain, KeyPair author, Duration interval, InstantSource clock) {
        this.chain = chain;
        this.author = author;
        this.intervalNanos = interval.toNanos();
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("block-author").unstarted(this::run);
    }

    /**
     * Starts making blocks, the first one after one interval.
     *
     * @param author the key pair of the chain's authority
     * @param interval from one block to the next
     * @param clock tells a block's timestamp
     * @throws ChainException when {@code author} is not the chain's authority
     */
    public static EmbeddedEngine start(Chain chain, KeyPair author, Duration interval, InstantSource clock) {
        if (!interval.isPositive()) {
            throw new IllegalArgumentException("the interval between blocks is longer than 0, not " + interval);
        }
        chain.requireAuthority(author);
        EmbeddedEngine engine = new EmbeddedEngine(chain, author, interval, clock);
        engine.thread.start();
        return engine;
    }

    @Override
    public Header head() {
        return chain.head();
    }

    @Override
    public @Nullable Block block(long number) {
        return chain.block(number);
    }

    @Override
    public List<EventRecord> events(long number) {
        return chain.events(number);
    }

    @Override
    public <T> T read(Function<StateReader, T> question) {
        return chain.read(question);
    }

    @Override
    public Extrinsic submit(byte[] encoded) {
        return chain.submit(encoded);
    }

    @Override
    public Subscription onHead(Consumer<Header> listener) {
        return chain.onHead(listener);
    }

    @Override
    public StateSnapshot snapshot() {
        return chain.snapshot();
    }

    @Override
    public Membership membership() {
        return Membership.of(author.publicKey());
    }

    @Override
    public void propose(Membership next) {
        if (!next.weights().keySet().equals(membership().weights().keySet())) {
            throw new IllegalArgumentException("the embedded engine has one member for ever, its author "
                    + author.publicKey() + "; several operators need an engine of many members");
        }
    }

    /**
     * Completes when no more blocks are made: normally after {@link #close()}, exceptionally with the {@link ChainException} that made the
     * chain stop.
     */
    @Override
    public CompletableFuture<Void> stopped() {
        return stopped.copy();
    }

    private void run() {
        try {
            long due = System.nanoTime() + intervalNanos;
            while (awaitUntil(due)) {
                chain.produce(author, clock.millis());
                long now = System.nanoTime();
                due += intervalNanos;
                if (due - now < 0) {
                    due = now + intervalNanos;
                }
            }
            stopped.complete(null);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "no more blocks are made: " + e.getMessage());
            stopped.completeExceptionally(e);
        }
    }

    /** False when the engine was closed. */
    private boolean awaitUntil(long dueNanos) {
        lock.lock();
        try {
            long left = dueNanos - System.nanoTime();
            while (!closing && left > 0) {
                left = ended.awaitNanos(left);
            }
            return !closing;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Makes no more blocks and waits for the one being made. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            if (!thread.join(Duration.ofSeconds(30))) {
                LOG.log(Level.WARNING, "the block being made is not done after 30 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
