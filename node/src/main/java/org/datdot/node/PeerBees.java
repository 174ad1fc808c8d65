package org.datdot.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.datdot.drive.BeeBatch;
import org.datdot.drive.BeeEntry;
import org.datdot.drive.BeeRange;
import org.datdot.drive.Hyperbee;
import org.jspecify.annotations.Nullable;

/** The operations of {@code datdot peer} on bees. */
final class PeerBees {
    private static final String BEE = "bee";

    private final PeerHandles handles;

    PeerBees(PeerHandles handles) {
        this.handles = handles;
    }

    void register(PeerSession session) {
        session.register(BEE, List.of(PeerCores.CORE), this::open);
        session.register("bee-put", List.of(BEE, "key", "value"), this::put);
        session.register("bee-del", List.of(BEE, "key"), this::del);
        session.register("bee-batch", List.of(BEE, "changes"), this::batch);
        session.register("bee-get", List.of(BEE, "key"), this::get);
        session.register("bee-range", List.of(BEE, "gt", "gte", "lt", "lte", "reverse", "limit"), this::range);
    }

    private Map<String, @Nullable Object> open(PeerRequest request) {
        Hyperbee bee = Hyperbee.of(PeerCores.core(handles, request));
        return Json.object(BEE, handles.add(BEE, bee, () -> {}), "version", bee.version());
    }

    private Hyperbee bee(PeerRequest request) {
        return handles.get(request, BEE, Hyperbee.class);
    }

    private Map<String, @Nullable Object> put(PeerRequest request) {
        bee(request).put(request.hex("key"), request.optionalHex("value"));
        return version(request);
    }

    private Map<String, @Nullable Object> del(PeerRequest request) {
        bee(request).del(request.hex("key"));
        return version(request);
    }

    private Map<String, @Nullable Object> version(PeerRequest request) {
        return Json.object("version", bee(request).version());
    }

    private Map<String, @Nullable Object> batch(PeerRequest request) {
        List<PeerRequest> changes = request.objects("changes");
        try (BeeBatch batch = bee(request).batch()) {
            for (PeerRequest change : changes) {
                change.allow(List.of("put", "value", "del"));
                if (change.has("put")) batch.put(change.hex("put"), change.optionalHex("value"));
                else batch.del(change.hex("del"));
            }
            batch.flush();
        }
        return version(request);
    }

    private Map<String, @Nullable Object> get(PeerRequest request) {
        return Json.object("entry", entry(bee(request).get(request.hex("key"))));
    }

    private static @Nullable Map<String, @Nullable Object> entry(@Nullable BeeEntry entry) {
        return entry == null
                ? null
                : Json.object(
                        "seq", entry.seq(), "key", PeerCores.hex(entry.key()), "value", PeerCores.hex(entry.value()));
    }

    private Map<String, @Nullable Object> range(PeerRequest request) {
        BeeRange range = BeeRange.all();
        if (request.has("gt")) range = range.gt(request.hex("gt"));
        if (request.has("gte")) range = range.gte(request.hex("gte"));
        if (request.has("lt")) range = range.lt(request.hex("lt"));
        if (request.has("lte")) range = range.lte(request.hex("lte"));
        if (request.flag("reverse", false)) range = range.reverse();
        if (request.has("limit")) range = range.limit(request.number("limit"));
        List<Object> entries = new ArrayList<>();
        for (BeeEntry entry : bee(request).range(range)) entries.add(entry(entry));
        return Json.object("entries", entries);
    }
}
