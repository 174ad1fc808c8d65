package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A block on its way here: who waits for it, who was asked, and its bytes between verification and commit. */
final class BlockWork implements Errand {
    final long index;
    final List<CompletableFuture<byte[]>> waiters = new ArrayList<>(0);
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
}
