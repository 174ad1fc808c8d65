package org.datdot.chain;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A subscription that follows the best block: it hears of the one there is and of each newer one, until it is closed. */
abstract sealed class BlockWatch implements Subscription permits HeadWatch, StorageWatch {
    private final Chain chain;
    private final ReentrantLock lock = new ReentrantLock();
    /** Everything below is guarded by the lock. */
    private @Nullable Subscription heads;

    private long lastNumber = -1;
    private boolean closed;

    BlockWatch(Chain chain) {
        this.chain = chain;
    }

    /** Starts with the best block. Called when the peer has been told the id. */
    final void start(String id) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            heads = chain.onHead(header -> send(id, header));
        } finally {
            lock.unlock();
        }
        send(id, chain.head());
    }

    /** Tells of a block, which may be told of already: see {@link #whenNewer}. Called by several threads. */
    abstract void send(String id, Header header);

    /** Does a step for a block that is newer than all before, unless this is closed. Steps come one after the other. */
    final void whenNewer(Header header, Runnable step) {
        lock.lock();
        try {
            if (closed || header.number() <= lastNumber) {
                return;
            }
            lastNumber = header.number();
            step.run();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public final void close() {
        Subscription ended;
        lock.lock();
        try {
            closed = true;
            ended = heads;
        } finally {
            lock.unlock();
        }
        if (ended != null) {
            ended.close();
        }
    }
}
