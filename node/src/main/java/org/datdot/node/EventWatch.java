package org.datdot.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.datdot.chain.LedgerClient;
import org.datdot.chain.Subscription;
import org.datdot.ledger.Event;

/** Follows the events of a ledger block by block, and waits for one. Used by one thread. */
final class EventWatch implements AutoCloseable {
    private final LedgerClient ledger;
    private final Subscription subscription;
    private final Semaphore heads = new Semaphore(0);
    private final List<Event> seen = new ArrayList<>();
    private long next;

    /** From the block after the newest on. */
    EventWatch(LedgerClient ledger) {
        this.ledger = ledger;
        this.next = ledger.head().number() + 1;
        this.subscription = ledger.onHead(_ -> heads.release());
    }

    /** All events since the beginning, up to the newest block. */
    List<Event> events() {
        long newest = ledger.head().number();
        for (; next <= newest; next++) {
            seen.addAll(ledger.events(next));
        }
        return seen;
    }

    /**
     * The first event of a kind since the beginning, waiting for it if need be.
     *
     * @throws NodeException when it does not happen in time
     */
    <T extends Event> T await(Class<T> type, Predicate<T> fits, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            heads.drainPermits();
            for (Event event : events()) {
                if (type.isInstance(event) && fits.test(type.cast(event))) {
                    return type.cast(event);
                }
            }
            if (!heads.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new NodeException(
                        Exit.FAILED, "no " + type.getSimpleName() + " within " + patience.toSeconds() + " s");
            }
        }
    }

    /** How many events of a kind there were. */
    long count(Class<? extends Event> type) {
        return events().stream().filter(type::isInstance).count();
    }

    @Override
    public void close() {
        subscription.close();
    }
}
