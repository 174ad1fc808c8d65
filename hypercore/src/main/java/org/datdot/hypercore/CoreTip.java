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
 * waiting; who cuts the tree, or changes several cores at once, has it stand still first. Methods are called
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
    private boolean held;
    private boolean cutting;
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

    /** Whether the core stands still for somebody. */
    boolean held() {
        return held;
    }

    /** Whether the tree is being cut. */
    boolean cutting() {
        return cutting;
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

    /** Lets go of the lock until the core stands still for nobody. */
    void awaitStill() {
        while (held) still.awaitUninterruptibly();
    }

    /** Submits a change in its turn and waits until it is on disk. Called without the lock. */
    void commit(CoreChange change) {
        commit(List.of(change));
    }

    /** As {@link #commit(CoreChange)} for several in a row. */
    void commit(List<CoreChange> changes) {
        lock.lock();
        try {
            awaitStill();
            requireWritable();
            for (CoreChange change : changes) submit(change);
        } finally {
            lock.unlock();
        }
        storage.commits().await(changes.getLast());
    }

    /**
     * Has the core stand still: when it returns, everything before is on disk, and until {@link #release} nothing else
     * comes. Called without the lock, waits. Who holds several cores takes them in the order of their discovery keys.
     *
     * @param cut whether the tree will be cut, so that nobody may be served from it meanwhile
     */
    void hold(boolean cut) {
        lock.lock();
        try {
            awaitStill();
            requireWritable();
            held = true;
            cutting = cut;
        } finally {
            lock.unlock();
        }
        try {
            CoreChange barrier = CoreChange.barrier(core);
            storage.commits().submit(barrier);
            storage.commits().await(barrier);
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    /** Lets others go on. Called without the lock. */
    void release() {
        lock.lock();
        try {
            held = false;
            cutting = false;
            still.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes a change that needs the core standing still. Called without the lock, waits.
     *
     * @param plan says what to change, with the lock held; null for nothing
     * @return whether there was a change
     */
    boolean alone(boolean cut, Supplier<@Nullable CoreChange> plan) {
        hold(cut);
        try {
            CoreChange change = planned(plan);
            if (change == null) return false;
            storage.commits().submit(change);
            took(change);
            storage.commits().await(change);
            return true;
        } finally {
            release();
        }
    }

    /** Plans a change; the caller, who holds the core, submits it and says so. Called without the lock. */
    @Nullable
    CoreChange planned(Supplier<@Nullable CoreChange> plan) {
        lock.lock();
        try {
            requireWritable();
            return plan.get();
        } finally {
            lock.unlock();
        }
    }

    /** A planned change was submitted. Called without the lock. */
    void took(CoreChange change) {
        lock.lock();
        try {
            TreeHead next = change.head;
            if (next != null) head = next;
        } finally {
            lock.unlock();
        }
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
