package org.datdot.hypercore;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a core on their way to the disk and the head they lead to. Appends and proofs follow each other without
 * waiting; cutting the tree waits until all of them are on disk and keeps others out until it is done. Methods are called
 * with the core's lock held, unless they say that they wait.
 */
final class CoreTip {
    private final CoreState core;
    private final CoreStorage storage;
    private final ReentrantLock lock;
    private final Condition still;

    /** Verified nodes that are on their way to the disk. */
    private final Map<Long, TreeNode> uncommitted = new HashMap<>();

    private TreeHead head;
    private boolean reorganising;
    private boolean closed;
    private @Nullable CoreConflict conflict;

    CoreTip(CoreState core, CoreStorage storage, ReentrantLock lock, TreeHead committed) {
        this.core = core;
        this.storage = storage;
        this.lock = lock;
        this.still = lock.newCondition();
        this.head = committed;
    }

    /** The newest head, maybe not yet on disk. */
    TreeHead head() {
        return head;
    }

    /** Whether the tree is being cut. */
    boolean reorganising() {
        return reorganising;
    }

    @Nullable
    TreeNode pending(long index) {
        return uncommitted.get(index);
    }

    /** Makes nodes known before they are on disk. */
    void keep(List<TreeNode> nodes) {
        for (TreeNode node : nodes) uncommitted.put(node.index(), node);
    }

    void forget(List<TreeNode> nodes) {
        for (TreeNode node : nodes) uncommitted.remove(node.index(), node);
    }

    /** Throws when the core takes no more changes. */
    void requireWritable() {
        if (closed) throw new StorageException(StorageException.Kind.CLOSED, "core " + core.key() + " is closed");
        CoreConflict found = conflict;
        if (found != null) {
            throw new StorageException(
                    StorageException.Kind.CONFLICT,
                    "core " + core.key() + " was signed with two histories of length " + found.lengthBlocks()
                            + " of fork " + found.fork() + ": it is frozen until the store is opened again");
        }
        storage.requireWritable();
    }

    /** Refuses changes from now on; false when it does already. */
    boolean freeze(CoreConflict found) {
        if (conflict != null) return false;
        conflict = found;
        return true;
    }

    void submit(CoreChange change) {
        storage.commits().submit(change);
        TreeHead next = change.head;
        if (next != null) head = next;
    }

    /** Lets go of the lock until no cut is under way. */
    void awaitStill() {
        while (reorganising) still.awaitUninterruptibly();
    }

    /** Submits a change in its turn and waits until it is on disk. Called without the lock. */
    void commit(CoreChange change) {
        lock.lock();
        try {
            awaitStill();
            requireWritable();
            submit(change);
        } finally {
            lock.unlock();
        }
        storage.commits().await(change);
    }

    /**
     * Makes a change that needs the core standing still: everything before it is on disk, and nothing else comes before
     * it is. Called without the lock, waits.
     *
     * @param plan says what to change, with the lock held; null for nothing
     * @return whether there was a change
     */
    boolean reorganise(Supplier<@Nullable CoreChange> plan) {
        lock.lock();
        try {
            awaitStill();
            requireWritable();
            reorganising = true;
        } finally {
            lock.unlock();
        }
        try {
            CoreChange barrier = CoreChange.barrier(core);
            return submitAndAwait(() -> barrier) && submitAndAwait(plan);
        } finally {
            lock.lock();
            try {
                reorganising = false;
                still.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean submitAndAwait(Supplier<@Nullable CoreChange> plan) {
        CoreChange change;
        lock.lock();
        try {
            requireWritable();
            change = plan.get();
            if (change == null) return false;
            submit(change);
        } finally {
            lock.unlock();
        }
        storage.commits().await(change);
        return true;
    }

    /** Refuses further changes and waits for those under way. Called without the lock. */
    void close() {
        CoreChange barrier = CoreChange.barrier(core);
        lock.lock();
        try {
            if (closed) return;
            awaitStill();
            closed = true;
            storage.commits().submit(barrier);
        } finally {
            lock.unlock();
        }
        storage.commits().awaitDone(barrier);
    }
}
