package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.datdot.crypto.DiscoveryKey;
import org.jspecify.annotations.Nullable;

/**
 * Appends and values for cores of one store that become part of them in one moment: after a crash either all of them are
 * there or none. Nothing is written before {@link #commit()}. One user.
 */
public final class StoreBatch {
    private final CoreStorage storage;
    private final Map<DiscoveryKey, Part> parts = new TreeMap<>(Comparator.<DiscoveryKey>naturalOrder());
    private boolean committed;

    StoreBatch(CoreStorage storage) {
        this.storage = storage;
    }

    private static final class Part {
        final CoreState core;
        final CoreCodec codec;
        final List<byte[]> blocks = new ArrayList<>();
        final Map<String, byte @Nullable []> userData = new LinkedHashMap<>();

        Part(CoreState core, CoreCodec codec) {
            this.core = core;
            this.codec = codec;
        }

        CoreChange change() {
            CoreChange change = CoreChange.barrier(core);
            if (!blocks.isEmpty()) {
                TreeHead at = core.tip().head();
                List<byte[]> values = codec.encode(at.length(), at.fork(), blocks);
                HeadSigner signer = HeadSigner.of(core.keys(), null);
                change = core.writer().appendChange(values, CoreWriter.leaves(values), signer);
            }
            long data = core.pointers().dataPointer();
            return change.with(out -> {
                for (Map.Entry<String, byte @Nullable []> each : userData.entrySet()) {
                    out.userData(data, each.getKey(), each.getValue());
                }
            });
        }
    }

    private Part part(Hypercore core) {
        if (committed) throw new IllegalStateException("the batch was committed");
        CoreState state = core.state();
        if (state.storage() != storage) throw new IllegalArgumentException("core " + core.key() + " of another store");
        return parts.computeIfAbsent(state.discoveryKey(), _ -> new Part(state, core.codec()));
    }

    /** Adds blocks to be appended to a core; they must not change meanwhile. */
    public StoreBatch append(Hypercore core, byte[]... blocks) {
        return append(core, List.of(blocks));
    }

    /** As {@link #append(Hypercore, byte[]...)}. */
    public StoreBatch append(Hypercore core, List<byte[]> blocks) {
        part(core).blocks.addAll(blocks);
        return this;
    }

    /** Adds a value to be stored with a core, or removed when it is null. */
    public StoreBatch userData(Hypercore core, String name, byte @Nullable [] value) {
        part(core).userData.put(name, value);
        return this;
    }

    /**
     * Writes everything; durable when it returns.
     *
     * @throws IllegalStateException when it was committed before, or a core is somebody else's: nothing is written
     * @throws StorageException when it cannot be stored: nothing is written
     */
    public void commit() {
        if (committed) throw new IllegalStateException("the batch was committed");
        List<Part> writing = List.copyOf(parts.values());
        committed = true;
        if (writing.isEmpty()) return;
        int held = 0;
        try {
            for (Part part : writing) {
                part.core.tip().hold(false);
                held++;
            }
            List<CoreChange> changes = new ArrayList<>();
            for (Part part : writing) {
                CoreChange change = part.core.tip().planned(part::change);
                if (change != null) changes.add(change);
            }
            storage.commits().submitTied(changes);
            for (CoreChange change : changes) change.core.tip().took(change);
            for (CoreChange change : changes) storage.commits().await(change);
        } finally {
            for (Part part : writing.subList(0, held)) part.core.tip().release();
        }
    }
}
