package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A block on its way here: who waits for it, who was asked, and its bytes between verification and commit. */
final class BlockWork implements Errand {
    final long index;
    /** Who asked for it when the core was longer than its index, and when it was not. */
    private final List<CompletableFuture<byte[]>> promised = new ArrayList<>(0);

    private final List<CompletableFuture<byte[]>> hoping = new ArrayList<>(0);
    final List<ReplicatorPeer> asked = new ArrayList<>(1);
    /** Verified or being verified, not committed yet. */
    byte @Nullable [] storing;
    /** When the first of the peers asked now was asked. */
    long askedAtNanos;

    BlockWork(long index) {
        this.index = index;
    }

    boolean idle() {
        return asked.isEmpty() && storing == null;
    }

    /** Adds somebody who waits for it, in a core of this length. */
    void await(CompletableFuture<byte[]> waiter, long length) {
        (index < length ? promised : hoping).add(waiter);
    }

    /** Whether somebody waits for it. */
    boolean awaited() {
        return !promised.isEmpty() || !hoping.isEmpty();
    }

    /** Forgets those whose waiting has ended; false when there are none. */
    boolean forgetDone() {
        boolean some = promised.removeIf(CompletableFuture::isDone);
        return hoping.removeIf(CompletableFuture::isDone) || some;
    }

    /** Those who asked for what was there then, who do not wait any more. */
    List<CompletableFuture<byte[]>> takePromised() {
        List<CompletableFuture<byte[]>> taken = List.copyOf(promised);
        promised.clear();
        return taken;
    }

    /** All who wait for it. */
    List<CompletableFuture<byte[]>> waiters() {
        List<CompletableFuture<byte[]>> all = new ArrayList<>(promised);
        all.addAll(hoping);
        return all;
    }
}
