package org.datdot.dht;

import org.jspecify.annotations.Nullable;

/**
 * The peers that announced themselves at this node (npm {@code hyperdht}, {@code lib/router.js}): it tells others who they are
 * and knows where to pass on a handshake to them.
 */
final class Forwards {
    /**
     * A peer that announced itself.
     *
     * @param relay where the announcement came from, and so where handshakes go
     * @param record the peer's encoded {@link PeerRecord}
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Forward(PeerAddress relay, byte[] record) {}

    private final GenerationCache<Target, Forward> forwards;

    Forwards(int max, long maxAgeMs, long nowMs) {
        forwards = new GenerationCache<>(
                new GenerationCache.Limits(max, Long.MAX_VALUE, maxAgeMs, false), forward -> 0, nowMs);
    }

    void put(Target target, Forward forward, long nowMs) {
        forwards.put(target, forward, nowMs);
    }

    @Nullable
    Forward get(Target target, long nowMs) {
        return forwards.get(target, nowMs);
    }

    void remove(Target target) {
        forwards.remove(target);
    }

    int size() {
        return forwards.size();
    }
}
