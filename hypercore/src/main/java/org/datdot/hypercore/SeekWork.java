package org.datdot.hypercore;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A byte offset somebody waits for, and who was asked for the tree nodes on the way to it. */
final class SeekWork implements Errand {
    final ByteSeeker seeker;
    final CompletableFuture<BytePosition> future;
    /** The one peer that is asked at the moment. */
    @Nullable
    ReplicatorPeer asked;
    /** Peers that did not answer; asked again when the core has grown. */
    final Set<ReplicatorPeer> refusedBy = new HashSet<>();

    SeekWork(ByteSeeker seeker, CompletableFuture<BytePosition> future) {
        this.seeker = seeker;
        this.future = future;
    }
}
