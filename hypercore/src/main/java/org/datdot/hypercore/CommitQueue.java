package org.datdot.hypercore;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: changes of all cores of a store wait here and are written many at a time, with one wait for the disk per
 * group. A thread that needs its change on disk writes the whole waiting group itself; changes nobody waits for
 * (downloads) are written by the store's own thread, as are those of virtual threads, which would pin their carrier. While
 * more of a download is under way, what has come of it waits a moment, so that long rows of blocks are written at once.
 *
 * <p>Lock order: a core's lock, then the queue's; the writer's lock, then a core's. Nobody takes the writer's lock while
 * holding a core's.
 */
final class CommitQueue implements AutoCloseable {
    private static final long GROUP_BYTES = 8L << 20;
    /** Received blocks nobody waits for are written in larger groups, as far as they have gathered: a slow disk has larger files. */
    private static final long RECEIVED_GROUP_BYTES = 32L << 20;
    /** As many of them are worth a commit ... */
    private static final long GATHER_BYTES = 12L << 20;
    /** ... and so long is waited for them. */
    private static final long GATHER_NANOS = 100_000_000;

    private final CoreStorage storage;
    private final ReentrantLock queueLock = new ReentrantLock();
    private final Condition work = queueLock.newCondition();
    private final Condition finished = queueLock.newCondition();
    private final ArrayDeque<CoreChange> waiting = new ArrayDeque<>();
    private final ReentrantLock writerLock = new ReentrantLock();
    private final Thread thread;

    private long waitingBytes;
    /** Whether somebody waits for what is in line. */
    private boolean urgent;
    /** Whether the store's thread has nothing to do. */
    private boolean idle;

    private boolean closing;

    CommitQueue(CoreStorage storage) {
        this.storage = storage;
        this.thread = Thread.ofPlatform().daemon().name("datdot-store-commit").start(this::run);
    }

    /** Puts a change in line; called with the core's lock held, which keeps a core's changes in order. */
    void submit(CoreChange change) {
        queueLock.lock();
        try {
            if (closing) throw new StorageException(StorageException.Kind.CLOSED, "the store is being closed");
            waiting.add(change);
            waitingBytes += change.byteLength();
        } finally {
            queueLock.unlock();
        }
    }

    /** Puts changes in line which are written together or not at all; the caller holds their cores. */
    void submitTied(List<CoreChange> changes) {
        for (CoreChange change : changes.subList(1, changes.size())) change.tie();
        queueLock.lock();
        try {
            if (closing) throw new StorageException(StorageException.Kind.CLOSED, "the store is being closed");
            waiting.addAll(changes);
            for (CoreChange change : changes) waitingBytes += change.byteLength();
        } finally {
            queueLock.unlock();
        }
    }

    /** Has a change written soon by the store's thread. */
    void wake() {
        queueLock.lock();
        try {
            urgent = true;
            work.signal();
        } finally {
            queueLock.unlock();
        }
    }

    /** Has a change which more will follow written by the store's thread, together with those, but within a tenth of a second. */
    void gather() {
        queueLock.lock();
        try {
            if (idle || waitingBytes >= GATHER_BYTES) work.signal();
        } finally {
            queueLock.unlock();
        }
    }

    /** Waits until a submitted change is on disk; throws when it could not be written. */
    void await(CoreChange change) {
        awaitDone(change);
        change.requireSuccess();
    }

    /** Waits until a submitted change was written or could not be. Never called with a core's lock held. */
    void awaitDone(CoreChange change) {
        if (Thread.currentThread().isVirtual()) {
            awaitOther(change);
        } else {
            while (!change.isDone()) commitGroup();
        }
    }

    private void awaitOther(CoreChange change) {
        queueLock.lock();
        try {
            urgent = true;
            work.signal();
            while (!change.isDone()) finished.awaitUninterruptibly();
        } finally {
            queueLock.unlock();
        }
    }

    private void run() {
        while (true) {
            queueLock.lock();
            try {
                idle = true;
                while (waiting.isEmpty() && !closing) work.awaitUninterruptibly();
                idle = false;
                if (waiting.isEmpty()) return;
                awaitMore();
            } finally {
                queueLock.unlock();
            }
            commitGroup();
        }
    }

    /** Lets go of the queue's lock until enough is in line, or somebody waits for it, or it has waited long enough. */
    private void awaitMore() {
        long deadline = System.nanoTime() + GATHER_NANOS;
        while (!urgent && !closing && !waiting.isEmpty() && waitingBytes < GATHER_BYTES) {
            long left = deadline - System.nanoTime();
            if (left <= 0) return;
            try {
                work.awaitNanos(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void commitGroup() {
        writerLock.lock();
        try {
            List<CoreChange> group = takeGroup();
            if (group.isEmpty()) return;
            Map<CoreState, List<CoreChange>> byCore = new LinkedHashMap<>();
            for (CoreChange change : group) {
                byCore.computeIfAbsent(change.core, core -> new ArrayList<>()).add(change);
            }
            StorageException failure = write(byCore);
            for (Map.Entry<CoreState, List<CoreChange>> entry : byCore.entrySet()) {
                if (failure == null) entry.getKey().committed(entry.getValue());
                else entry.getKey().failed(failure);
            }
            finish(group, failure);
        } finally {
            writerLock.unlock();
        }
    }

    private @Nullable StorageException write(Map<CoreState, List<CoreChange>> byCore) {
        try {
            storage.write(out -> fill(out, byCore));
            return null;
        } catch (StorageException e) {
            return e;
        } catch (RuntimeException e) {
            return storage.refuseWrites("a change could not be encoded", e);
        }
    }

    private static void fill(CoreStorage.Writer out, Map<CoreState, List<CoreChange>> byCore) {
        for (Map.Entry<CoreState, List<CoreChange>> entry : byCore.entrySet()) {
            entry.getKey().write(out, entry.getValue());
        }
    }

    private List<CoreChange> takeGroup() {
        List<CoreChange> group = new ArrayList<>();
        long bytes = 0;
        queueLock.lock();
        try {
            while (!waiting.isEmpty()
                    && (group.isEmpty()
                            || bytes < limit(waiting.element())
                            || waiting.element().tied())) {
                CoreChange next = waiting.remove();
                group.add(next);
                bytes += next.byteLength();
            }
            waitingBytes -= bytes;
            if (waiting.isEmpty()) urgent = false;
        } finally {
            queueLock.unlock();
        }
        return group;
    }

    private static long limit(CoreChange next) {
        return next.local ? GROUP_BYTES : RECEIVED_GROUP_BYTES;
    }

    private void finish(List<CoreChange> group, @Nullable StorageException failure) {
        queueLock.lock();
        try {
            for (CoreChange change : group) change.finish(failure);
            finished.signalAll();
        } finally {
            queueLock.unlock();
        }
    }

    /** Writes what waits, then ends the store's thread. */
    @Override
    public void close() {
        queueLock.lock();
        try {
            closing = true;
            work.signalAll();
        } finally {
            queueLock.unlock();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
