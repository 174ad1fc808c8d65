package org.datdot.hypercore;

import java.util.Collection;

/**
 * Sends one peer what it can be asked for now: about a newer fork, a newer head, byte offsets, then blocks, as many as its
 * window takes. Guarded by the core's lock. Source: _updatePeer in npm hypercore lib/replicator.js.
 */
final class RequestPlanner {
    /** What may be verified and wait for the disk before nothing more is asked for, bytes. */
    static final long MAX_STORING_BYTES = 32L << 20;
    /** Peers asked for the same head at a time (stock: 3). */
    private static final int MAX_UPGRADES = 3;

    private final CoreState state;
    private final ReplicationClock clock;
    private final BlockScheduler scheduler;
    private final SeekScheduler seeks;
    private final ForkFollower forks;
    private final Collection<ReplicatorPeer> peers;
    private InflightWindow window = InflightWindow.DEFAULT;
    private boolean pushOnly;

    RequestPlanner(
            CoreState state,
            ReplicationClock clock,
            BlockScheduler scheduler,
            SeekScheduler seeks,
            ForkFollower forks,
            Collection<ReplicatorPeer> peers) {
        this.state = state;
        this.clock = clock;
        this.scheduler = scheduler;
        this.seeks = seeks;
        this.forks = forks;
        this.peers = peers;
    }

    void window(InflightWindow range) {
        window = range;
    }

    /** Whether nothing is asked for at all. */
    void pushOnly(boolean value) {
        pushOnly = value;
    }

    /** Asks a peer; {@code downloading} says whether newer heads are wanted. */
    void ask(ReplicatorPeer peer, boolean downloading) {
        if (pushOnly) return;
        forks.ask(peer);
        if (!peer.usable() || forks.applying()) return;
        if (downloading && peer.canBeAskedForHead() && upgradesInflight() < MAX_UPGRADES) {
            peer.requestHead(seeks.beyond(peer.seeks()));
        }
        if (peer.canBeAskedForManifest()) peer.requestManifest();
        if (seeks.hasWork()) seeks.ask(peer);
        int blocks = windowBlocks(peer);
        int room = blocks - peer.inflightCount();
        // Blocks of a download are asked for some at a time: it costs both sides much less than one by one.
        if (room <= 0 || (room < blocks / 8 && !scheduler.urgent())) return;
        if (scheduler.storingBytes() >= MAX_STORING_BYTES) return;
        long now = clock.nanoTime();
        peer.mux().cork();
        try {
            while (peer.inflightCount() < blocks) {
                BlockWork work = scheduler.next(peer);
                if (work == null) break;
                peer.requestBlock(work, now);
            }
        } finally {
            peer.mux().uncork();
        }
    }

    private int upgradesInflight() {
        int count = 0;
        for (ReplicatorPeer peer : peers) if (peer.upgradeInflight()) count++;
        return count;
    }

    private int windowBlocks(ReplicatorPeer peer) {
        TreeHead head = state.head();
        long average = head.length() == 0 ? 1 : head.byteLength() / head.length();
        return window.requests(peer.mux().stream().roundTripNanos(), peers.size(), average);
    }
}
