package org.datdot.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a {@link PeerSession} has opened, by the names it gave out: a kind and a number. Thread-safe. */
final class PeerHandles {
    /** Closes what a handle stands for; what it returns is part of the answer. */
    @FunctionalInterface
    interface Closing {
        Map<String, @Nullable Object> close();
    }

    private record Handle(String kind, Object value, Closing closing) {}

    private final Map<String, Handle> open = new LinkedHashMap<>();
    private long made;

    synchronized String add(String kind, Object value, Closing closing) {
        String name = kind + ++made;
        open.put(name, new Handle(kind, value, closing));
        return name;
    }

    /** Something that is closed and says nothing about it. */
    String add(String kind, Object value, Runnable closing) {
        return add(kind, value, () -> {
            closing.run();
            return Json.object();
        });
    }

    /** What the field named as its kind stands for. */
    synchronized <T> T get(PeerRequest request, String kind, Class<T> type) {
        String name = request.text(kind);
        Handle handle = open.get(name);
        if (handle == null || !handle.kind().equals(kind)) {
            throw new PeerRefusal("\"" + kind + "\": there is no " + kind + " " + name);
        }
        return type.cast(handle.value());
    }

    Map<String, @Nullable Object> close(String name) {
        @Nullable Handle handle;
        synchronized (this) {
            handle = open.remove(name);
        }
        if (handle == null) throw new PeerRefusal("\"handle\": there is no handle " + name);
        return handle.closing().close();
    }

    /** The names of all that is open, newest first. */
    synchronized List<String> names() {
        return new ArrayList<>(open.keySet()).reversed();
    }

    @Override
    public synchronized String toString() {
        return Objects.toString(open.keySet());
    }
}
