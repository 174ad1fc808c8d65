package org.datdot.hypercore;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A newer fork of the core that some peer has, on its way to replace ours, and who was asked about it. */
final class ReorgWork implements Errand {
    final long fork;
    /** What is verified of it, null before its head is. */
    @Nullable
    ReorgBatch batch;
    /** The one peer that is asked at the moment. */
    @Nullable
    ReplicatorPeer asked;
    /** Peers that did not help. */
    final Set<ReplicatorPeer> refusedBy = new HashSet<>();

    ReorgWork(long fork) {
        this.fork = fork;
    }
}
