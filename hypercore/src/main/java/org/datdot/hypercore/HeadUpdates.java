package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for a newer head, and whether anybody still looks for peers who may have one. Guarded by the core's lock.
 * Source of the rules: _checkUpgradeIfAvailable in npm hypercore lib/replicator.js.
 */
final class HeadUpdates {
    private final CoreState state;
    private final Executor executor;
    private final List<Update> updates = new ArrayList<>();
    private int finders;
    private boolean everFinding;

    /** Somebody who waits, and the head known when the waiting began. */
    record Update(TreeHead head, CompletableFuture<Boolean> future) {}

    HeadUpdates(CoreState state, Executor executor) {
        this.state = state;
        this.executor = executor;
    }

    boolean hasWork() {
        return !updates.isEmpty();
    }

    Update add(CompletableFuture<Boolean> future) {
        Update update = new Update(state.head(), future);
        updates.add(update);
        return update;
    }

    /** Somebody no longer waits. Takes the lock itself. */
    void remove(Update update) {
        state.lock().lock();
        try {
            updates.remove(update);
        } finally {
            state.lock().unlock();
        }
    }

    void finding(int change) {
        finders += change;
        everFinding = true;
    }

    /**
     * Tells those who wait what is known by now.
     *
     * @param peers the peers whose channel is open
     * @param attached how many connections there are, answered by the peer or not
     * @param reorganising whether the core may be about to follow its writer to another fork
     */
    void check(Collection<ReplicatorPeer> peers, int attached, boolean reorganising) {
        if (updates.isEmpty()) return;
        boolean hopeless = attached == 0 && everFinding && finders == 0;
        boolean undecided = reorganising || (!hopeless && (peers.isEmpty() || peers.size() < attached));
        for (ReplicatorPeer peer : peers) undecided |= peer.mayHaveNewerHead();
        for (Update update : List.copyOf(updates)) {
            boolean grown = isNewer(state.head(), update.head());
            if (!grown && undecided) continue;
            updates.remove(update);
            executor.execute(() -> update.future().complete(grown));
        }
    }

    private static boolean isNewer(TreeHead head, TreeHead than) {
        return head.fork() > than.fork() || (head.fork() == than.fork() && head.length() > than.length());
    }

    /** Ends the waiting with a failure, or as cancelled when there is none. */
    void end(@Nullable StorageException failure) {
        for (Update update : updates) {
            executor.execute(() -> {
                if (failure != null) update.future().completeExceptionally(failure);
                else update.future().cancel(false);
            });
        }
        updates.clear();
    }
}
