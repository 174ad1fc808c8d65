package org.datdot.chain;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Tells a connection of the best block and of each one after it. */
final class HeadWatch implements Subscription {
    private final RpcSession to;
    private final Chain chain;
    private final String notification;
    private final ReentrantLock lock = new ReentrantLock();
    /** Everything below is guarded by the lock. */
    private @Nullable Subscription heads;

    private long lastNumber = -1;
    private boolean closed;

    HeadWatch(RpcSession to, Chain chain, String notification) {
        this.to = to;
        this.chain = chain;
        this.notification = notification;
    }

    /** Starts with the best block. Called when the peer has been told the id. */
    void start(String id) {
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

    private void send(String id, Header header) {
        lock.lock();
        try {
            if (!closed && header.number() > lastNumber) {
                lastNumber = header.number();
                to.send(JsonRpc.notification(notification, id, HeaderJson.of(header)));
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
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
