package org.datdot.hypercore;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The extensions an application has registered for a core, by name. Thread-safe. */
final class CoreExtensions {
    private final Replicator replicator;
    private final Map<String, CoreExtension> byName = new ConcurrentHashMap<>();

    CoreExtensions(Replicator replicator) {
        this.replicator = replicator;
    }

    CoreExtension register(String name, ExtensionListener listener) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > CoreExtension.MAX_NAME_BYTES) {
            throw new IllegalArgumentException("an extension's name of " + length + " bytes");
        }
        CoreExtension extension = new CoreExtension(replicator, name, listener);
        byName.put(name, extension);
        return extension;
    }

    @Nullable
    CoreExtension get(String name) {
        return byName.get(name);
    }

    void remove(CoreExtension extension) {
        byName.remove(extension.name(), extension);
    }
}
