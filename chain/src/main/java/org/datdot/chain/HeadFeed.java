package org.datdot.chain;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Tells listeners of new headers, each on a virtual thread of its own: a listener may take its time, call back or block
 * without delaying the author or a socket. Beyond {@value #MAX_WAITING} waiting headers the oldest are skipped, so memory is
 * bounded; numbers show the gap. Thread-safe.
 */
final class HeadFeed implements AutoCloseable {
    private static final Logger LOG = System.getLogger(HeadFeed.class.getName());
    private static final int MAX_WAITING = 256;

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /** Starts calling {@code listener} with what is published from now on. */
    Subscription subscribe(Consumer<Header> listener) {
        Listener added = new Listener(listener);
        listeners.add(added);
        if (closed) {
            added.close();
        } else {
            Thread.ofVirtual().name("head-listener").start(added::run);
        }
        return added;
    }

    /** Hands a header to all listeners without waiting for them. */
    void publish(Header header) {
        for (Listener listener : listeners) {
            listener.offer(header);
        }
    }

    /** Ends all subscriptions; a call under way is not interrupted. */
    @Override
    public void close() {
        closed = true;
        for (Listener listener : listeners) {
            listener.close();
        }
    }

    private final class Listener implements Subscription {
        private final Consumer<Header> target;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final ArrayDeque<Header> waiting = new ArrayDeque<>();
        private boolean ended;

        Listener(Consumer<Header> target) {
            this.target = target;
        }

        void offer(Header header) {
            lock.lock();
            try {
                if (waiting.size() == MAX_WAITING) {
                    waiting.removeFirst();
                }
                waiting.addLast(header);
                changed.signal();
            } finally {
                lock.unlock();
            }
        }

        void run() {
            while (true) {
                Header header;
                lock.lock();
                try {
                    while (waiting.isEmpty() && !ended) {
                        changed.awaitUninterruptibly();
                    }
                    if (ended) {
                        return;
                    }
                    header = waiting.removeFirst();
                } finally {
                    lock.unlock();
                }
                call(header);
            }
        }

        private void call(Header header) {
            try {
                target.accept(header);
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "a listener failed at " + header + "; it goes on with the next block", e);
            }
        }

        @Override
        public void close() {
            listeners.remove(this);
            lock.lock();
            try {
                ended = true;
                waiting.clear();
                changed.signal();
            } finally {
                lock.unlock();
            }
        }
    }
}
