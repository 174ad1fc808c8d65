package org.datdot.hypercore;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Waits for a core to become longer. */
final class Growth implements CoreListener, AutoCloseable {
    private final CoreState core;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean closed;

    Growth(CoreState core) {
        this.core = core;
        core.addListener(this);
    }

    /** Waits until there is a block of this index; false when this was closed or the core is closed. */
    boolean awaitBeyond(long index) throws InterruptedException {
        lock.lock();
        try {
            while (!closed && core.length() <= index) changed.await();
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onHead(CoreState state, TreeHead previous, boolean local) {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onClose(CoreState state) {
        end();
    }

    private void end() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        core.removeListener(this);
        end();
    }
}
