package org.datdot.hypercore;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Who works with a store's database: many at a time, or one alone. While the store is suspended, who enters waits; the
 * native database must not vanish below a call. Calls nest.
 */
final class StoreGate {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final ReentrantLock sleep = new ReentrantLock();
    private final Condition resumed = sleep.newCondition();
    private volatile boolean suspended;

    /** Begins a call of the database. */
    void enter() {
        lock.readLock().lock();
        while (suspended) {
            lock.readLock().unlock();
            sleep.lock();
            try {
                while (suspended) resumed.awaitUninterruptibly();
            } finally {
                sleep.unlock();
            }
            lock.readLock().lock();
        }
    }

    /** Ends a call of the database. */
    void leave() {
        lock.readLock().unlock();
    }

    /** Waits until everybody has left, and keeps others out until {@link #unlock}; suspended or not. */
    void lock() {
        lock.writeLock().lock();
    }

    void unlock() {
        lock.writeLock().unlock();
    }

    boolean suspended() {
        return suspended;
    }

    /** Has everybody wait, or go on, who enters; called while {@link #lock locked}. */
    void suspended(boolean value) {
        sleep.lock();
        try {
            suspended = value;
            resumed.signalAll();
        } finally {
            sleep.unlock();
        }
    }
}
