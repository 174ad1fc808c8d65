package org.datdot.hypercore;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one peer was asked and has not answered. Numbers are never used twice. Guarded by the core's lock. */
final class PeerRequests {
    private final Map<Long, Inflight> inflight = new LinkedHashMap<>();
    private final Map<Errand, Long> ids = new HashMap<>();
    private long lastId;

    /** Remembers a request; its number. */
    long add(ProofRequest request, Errand errand) {
        long id = ++lastId;
        inflight.put(id, new Inflight(id, request, errand));
        ids.put(errand, id);
        return id;
    }

    /** The request an answer is for, which is settled with that; null when it was taken back or never made. */
    @Nullable
    Inflight take(long id) {
        Inflight request = inflight.remove(id);
        if (request != null) ids.remove(request.errand(), id);
        return request;
    }

    /** Takes back what was asked for an errand; its number, null when nothing was. */
    @Nullable
    Long cancel(Errand errand) {
        Long id = ids.remove(errand);
        if (id != null) inflight.remove(id);
        return id;
    }

    boolean contains(Errand errand) {
        return ids.containsKey(errand);
    }

    int count() {
        return inflight.size();
    }

    /** Forgets and returns all of them. */
    List<Inflight> clear() {
        List<Inflight> owed = List.copyOf(inflight.values());
        inflight.clear();
        ids.clear();
        return owed;
    }
}
