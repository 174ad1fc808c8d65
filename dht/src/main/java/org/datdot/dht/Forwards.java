package org.datdot.dht;

import java.util.HashMap;
import java.util.Map;
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
    private final Map<Target, byte[]> own = new HashMap<>();

    Forwards(int max, long maxAgeMs, long nowMs) {
        forwards = new GenerationCache<>(
                new GenerationCache.Limits(max, Long.MAX_VALUE, maxAgeMs, false), forward -> 0, nowMs);
    }

    /** A server of this very node listens: it is found here for as long as it does. */
    void addOwn(Target target, byte[] record) {
        own.put(target, record);
    }

    void removeOwn(Target target) {
        own.remove(target);
    }

    /** The encoded {@link PeerRecord} of a peer that announced itself here, or listens here. */
    byte @Nullable [] record(Target target, long nowMs) {
        byte[] mine = own.get(target);
        if (mine != null) return mine;
        Forward forward = forwards.get(target, nowMs);
        return forward == null ? null : forward.record();
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
