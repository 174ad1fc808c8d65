package org.datdot.swarm;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Peers to be dialled: the highest priority first, in random order within one (npm {@code shuffled-priority-queue}). */
final class PeerQueue {
    private final RandomGenerator random;
    private final List<List<PeerInfo>> byPriority = new ArrayList<>();
    private int size;

    PeerQueue(RandomGenerator random) {
        this.random = random;
        for (int i = 0; i <= PeerInfo.VERY_HIGH_PRIORITY; i++) byPriority.add(new ArrayList<>());
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(PeerInfo peer) {
        byPriority.get(peer.priority).add(peer);
        size++;
    }

    /** Takes the next one; null when there is none. */
    @Nullable
    PeerInfo poll() {
        for (List<PeerInfo> peers : byPriority.reversed()) {
            if (peers.isEmpty()) continue;
            int chosen = random.nextInt(peers.size());
            PeerInfo last = peers.removeLast();
            size--;
            return chosen == peers.size() ? last : peers.set(chosen, last);
        }
        return null;
    }

    /** Whether a peer is in it that was put in at a tick, or before. */
    boolean holdsFrom(long flushTick) {
        return byPriority.stream().flatMap(List::stream).anyMatch(peer -> peer.flushTick <= flushTick);
    }

    /** Empties it. */
    void clear() {
        for (List<PeerInfo> peers : byPriority) {
            peers.forEach(peer -> peer.queued = false);
            peers.clear();
        }
        size = 0;
    }
}
