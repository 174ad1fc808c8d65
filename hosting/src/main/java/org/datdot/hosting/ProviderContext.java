package org.datdot.hosting;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.datdot.crypto.Hash;
import org.datdot.ledger.AccountKeys;

/** What all jobs of a provider share. Thread-safe. */
final class ProviderContext {
    private final AccountKeys keys;
    private final long user;
    private final LedgerView view;
    private final Hash genesis;
    private final Peers peers;
    private final Path directory;
    private final ProviderOptions options;
    private final Stores stores;
    private final Consumer<String> alerts;
    private final Semaphore transfers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    private final CountDownLatch never = new CountDownLatch(1);
    private long changes;
    private volatile long blockNumber;

    /** The replicas of the three roles. */
    record Stores(ReplicaStore encoded, ReplicaStore attested, ReplicaStore hosted) {}

    ProviderContext(
            AccountKeys keys,
            long user,
            LedgerView view,
            Peers peers,
            Path directory,
            ProviderOptions options,
            Stores stores,
            Consumer<String> alerts) {
        this.keys = keys;
        this.user = user;
        this.view = view;
        this.genesis = view.ledger().genesis();
        this.peers = peers;
        this.directory = directory;
        this.options = options;
        this.stores = stores;
        this.alerts = alerts;
        this.transfers = new Semaphore(options.transfersAtOnce(), true);
    }

    AccountKeys keys() {
        return keys;
    }

    long user() {
        return user;
    }

    LedgerView view() {
        return view;
    }

    Hash genesis() {
        return genesis;
    }

    Peers peers() {
        return peers;
    }

    Path directory() {
        return directory;
    }

    ProviderOptions options() {
        return options;
    }

    ReplicaStore encoded() {
        return stores.encoded();
    }

    ReplicaStore attested() {
        return stores.attested();
    }

    ReplicaStore hosted() {
        return stores.hosted();
    }

    /** Held while a replica is downloaded, encoded or verified; never while waiting for another peer's work. */
    Semaphore transfers() {
        return transfers;
    }

    /** The newest block this provider has looked at. */
    long blockNumber() {
        return blockNumber;
    }

    /** Something somebody should look at. */
    void alert(String message) {
        alerts.accept(message);
    }

    /** A new block came. */
    void newBlock(long number) {
        blockNumber = number;
        wakeJobs();
        peers.recheck(true);
    }

    /** A replica is ready, or a job has failed: peers and jobs may be waiting for it. */
    void changed() {
        wakeJobs();
        peers.recheck(false);
    }

    /** Something for this node's own jobs happened. */
    void wakeJobs() {
        lock.lock();
        try {
            changes++;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the time alone; interrupting the thread ends it. */
    void pause(Duration time) throws InterruptedException {
        if (never.await(time.toNanos(), TimeUnit.NANOSECONDS)) throw new IllegalStateException("never happens");
    }

    /** Waits for the next block or change, at most so long. */
    void awaitChange(Duration most) throws InterruptedException {
        long left = most.toNanos();
        lock.lockInterruptibly();
        try {
            long seen = changes;
            while (changes == seen && left > 0) left = change.awaitNanos(left);
        } finally {
            lock.unlock();
        }
    }
}
