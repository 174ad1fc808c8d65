package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The byte offsets somebody waits for: asks one peer at a time for the tree nodes each of them needs. Guarded by the
 * core's lock, which the caller holds unless a method says otherwise. Source of the rules: _requestSeek in npm hypercore
 * lib/replicator.js.
 */
final class SeekScheduler {
    /** How many blocks below a node are looked at for one the peer has. */
    private static final int MAX_SCAN = 512;

    private final CoreState state;
    private final Executor executor;
    private final List<SeekWork> works = new ArrayList<>();

    SeekScheduler(CoreState state, Executor executor) {
        this.state = state;
        this.executor = executor;
    }

    boolean hasWork() {
        return !works.isEmpty();
    }

    void add(SeekWork work) {
        works.add(work);
        update();
    }

    /** Somebody no longer waits. Takes the lock itself. */
    void abandon(SeekWork work) {
        state.lock().lock();
        try {
            works.remove(work);
            ReplicatorPeer asked = work.asked;
            if (asked != null) asked.cancel(work);
            work.asked = null;
        } finally {
            state.lock().unlock();
        }
    }

    /** Tree nodes or a head have come: looks which offsets are found by now. */
    void update() {
        for (SeekWork work : List.copyOf(works)) {
            if (!(find(work) instanceof ByteSeeker.Found found)) continue;
            works.remove(work);
            executor.execute(() -> work.future.complete(found.position()));
        }
    }

    /** The head changed: who could not answer before may be able to now. */
    void headChanged() {
        for (SeekWork work : works) work.refusedBy.clear();
        update();
    }

    /** The core was cut: what peers were asked is about another tree. */
    void truncated() {
        for (SeekWork work : works) {
            ReplicatorPeer asked = work.asked;
            if (asked != null) asked.cancel(work);
            work.asked = null;
        }
    }

    private ByteSeeker.Result find(SeekWork work) {
        return work.seeker.find(state.head().roots(), state.verifiedNodes());
    }

    /** Sends a peer the requests it can answer. */
    void ask(ReplicatorPeer peer) {
        for (SeekWork work : works) {
            if (work.asked != null || work.refusedBy.contains(peer)) continue;
            if (!(find(work) instanceof ByteSeeker.Within range)) continue;
            long leaf = leaf(peer, range);
            if (leaf < 0) {
                peer.want(range.start(), range.end());
                continue;
            }
            work.asked = peer;
            peer.request(work.seeker.request(leaf, range, peer.seeks()), work);
        }
    }

    /** An offset behind the end, which a request for a newer head may look for on the way. */
    ProofRequest.@Nullable SeekRequest beyond(boolean seeks) {
        for (SeekWork work : works) {
            if (find(work) instanceof ByteSeeker.Beyond) return work.seeker.request(seeks);
        }
        return null;
    }

    /** A block of the range the peer has and we do not: it can prove the way there. */
    private long leaf(ReplicatorPeer peer, ByteSeeker.Within range) {
        long end = Math.min(range.end(), peer.limit());
        long at = range.start();
        for (int scanned = 0; scanned < MAX_SCAN && at < end; scanned++) {
            at = state.bitfield().firstUnset(at);
            if (at >= end) return -1;
            long there = peer.nextHeld(at, end);
            if (there < 0) return -1;
            if (there == at && peer.canProve(at)) return at;
            at = Math.max(at + 1, there);
        }
        return -1;
    }

    /** A peer did not bring what it was asked for. */
    void released(SeekWork work, ReplicatorPeer peer, boolean refused) {
        if (work.asked == peer) work.asked = null;
        if (refused) work.refusedBy.add(peer);
    }

    /** A peer is gone. */
    void forget(ReplicatorPeer peer) {
        for (SeekWork work : works) {
            work.refusedBy.remove(peer);
            if (work.asked == peer) work.asked = null;
        }
    }

    /** Ends everything with a failure, or as cancelled when there is none. */
    void end(@Nullable StorageException failure) {
        Throwable why = failure != null ? failure : new CancellationException("the core is closed");
        for (SeekWork work : works) executor.execute(() -> work.future.completeExceptionally(why));
        works.clear();
    }
}
