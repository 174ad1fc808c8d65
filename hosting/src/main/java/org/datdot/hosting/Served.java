package org.datdot.hosting;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of blocks that readers were given out of hosted replicas and that were not reported yet. What was counted and not reported when the process ends
 * is forgotten: a hoster reports less than it served rather than more. Safe for concurrent use.
 */
final class Served {
    private final Map<ReplicaId, AtomicLong> bytes = new ConcurrentHashMap<>();

    void add(ReplicaId replica, long served) {
        bytes.computeIfAbsent(replica, _ -> new AtomicLong()).addAndGet(served);
    }

    /** What was not reported yet of a replica. */
    long of(ReplicaId replica) {
        AtomicLong counted = bytes.get(replica);
        return counted == null ? 0 : counted.get();
    }

    /** The ledger has taken a report. */
    void reported(ReplicaId replica, long served) {
        add(replica, -served);
    }

    /** Forgets what is not hosted any more. */
    void retain(Set<ReplicaId> hosted) {
        bytes.keySet().retainAll(hosted);
    }
}
