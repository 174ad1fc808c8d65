package org.datdot.dht;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * What nodes answer, as they answer: iterating waits for the next one and ends when all have been asked. For one thread. Close it when the rest does not matter.
 */
public final class DhtResults<T> implements Iterator<T>, AutoCloseable {
    private sealed interface Event<T> {
        record Item<T>(T value) implements Event<T> {}

        record Done<T>(DhtException.@Nullable Reason failure) implements Event<T> {}
    }

    private final BlockingQueue<Event<T>> events = new LinkedBlockingQueue<>();
    private final Runnable cancel;
    private @Nullable Event<T> next;

    DhtResults(Runnable cancel) {
        this.cancel = cancel;
    }

    void add(T value) {
        events.add(new Event.Item<>(value));
    }

    void end(DhtException.@Nullable Reason failure) {
        events.add(new Event.Done<>(failure));
    }

    /**
     * Whether there is one more; waits until that is known.
     *
     * @throws DhtException when the query failed, or the thread is interrupted
     */
    @Override
    public boolean hasNext() {
        if (next == null) next = take();
        return switch (next) {
            case Event.Item<T> item -> true;
            case Event.Done<T> done -> {
                if (done.failure() != null) throw DhtException.of(done.failure());
                yield false;
            }
        };
    }

    private Event<T> take() {
        try {
            return events.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw DhtException.of(DhtException.Reason.INTERRUPTED);
        }
    }

    @Override
    public T next() {
        if (!hasNext() || !(next instanceof Event.Item<T> item)) {
            throw new NoSuchElementException("all nodes have answered");
        }
        next = null;
        return item.value();
    }

    /** Ends the query; what came in so far can still be read. */
    @Override
    public void close() {
        cancel.run();
        end(null);
    }
}
