package org.datdot.swarm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When peers whose connection ended are tried again (npm {@code hyperswarm}, {@code lib/retry-timer.js}, {@code
 * lib/bulk-timer.js}): after about 1, 5 and 15 seconds, later ones with a connection that worked once; after ten minutes for
 * those asked for by their key. Peers are collected, so that each waits between two thirds and four thirds of that.
 */
final class RetryTimer {
    /** Nothing is to happen. */
    static final long NEVER = Long.MAX_VALUE;

    private static final long JITTER_MS = 500;

    private final List<Bulk> timers = new ArrayList<>();

    /** With the stock times; {@code random} spreads them. */
    RetryTimer(RandomGenerator random) {
        long[] backoffMs = {1_000, 5_000, 15_000, 600_000};
        long[] spread = {1, 2, 4, 240};
        for (int i = 0; i < backoffMs.length; i++) {
            long spreadMs = spread[i] * JITTER_MS;
            timers.add(new Bulk(backoffMs[i] + random.nextLong(spreadMs + 1) + random.nextLong(JITTER_MS + 1)));
        }
    }

    /** Collects peers and hands them out together. */
    private static final class Bulk {
        private final long intervalMs;
        private List<PeerInfo> next = new ArrayList<>();
        private List<PeerInfo> pending = new ArrayList<>();
        private long startedMs = NEVER;
        private long dueMs = NEVER;

        Bulk(long timeMs) {
            intervalMs = timeMs * 66 / 100;
        }

        void add(PeerInfo peer, long nowMs) {
            if (startedMs == NEVER) startedMs = nowMs;
            // The beat goes on while nobody waits: how long one waits depends on when it came.
            if (dueMs == NEVER) dueMs = startedMs + ((nowMs - startedMs) / intervalMs + 1) * intervalMs;
            pending.add(peer);
        }

        void wake(long nowMs, Consumer<List<PeerInfo>> push) {
            while (dueMs <= nowMs) {
                List<PeerInfo> due = next;
                next = pending;
                pending = new ArrayList<>();
                dueMs = next.isEmpty() ? NEVER : dueMs + intervalMs;
                if (!due.isEmpty()) push.accept(due);
            }
        }

        void clear() {
            next.forEach(peer -> peer.waiting = false);
            pending.forEach(peer -> peer.waiting = false);
            next.clear();
            pending.clear();
            dueMs = NEVER;
        }
    }

    /** Lets a peer wait; false when it is not to be tried again. */
    boolean add(PeerInfo peer, long nowMs) {
        Bulk timer = timerOf(peer);
        if (timer == null) return false;
        timer.add(peer, nowMs);
        return true;
    }

    private @Nullable Bulk timerOf(PeerInfo peer) {
        if (peer.banned) return null;
        if (peer.attempts > PeerInfo.MAX_ATTEMPTS) return peer.explicit ? timers.get(3) : null;
        if (peer.attempts == 0) return timers.getFirst();
        return timers.get(Math.min(2, peer.proven ? peer.attempts - 1 : peer.attempts));
    }

    /** Hands out those whose time has come. */
    void wake(long nowMs, Consumer<List<PeerInfo>> push) {
        for (Bulk timer : timers) timer.wake(nowMs, push);
    }

    /** When to call {@link #wake}. */
    long nextMs() {
        long next = NEVER;
        for (Bulk timer : timers) next = Math.min(next, timer.dueMs);
        return next;
    }

    /** Lets nobody wait any more. */
    void clear() {
        timers.forEach(Bulk::clear);
    }
}
