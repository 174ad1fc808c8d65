package org.datdot.interop;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * Two processes of each kind, one to write and one to read, each with a store open; kept for many scenarios. The writers have one more store for
 * twins, which is never connected: a core that two write must not meet itself.
 */
final class Peers implements AutoCloseable {
    /** A process and its store. */
    record Peer(PeerProcess process, String store) {}

    private final Map<PeerProcess.Kind, Peer> writers = new EnumMap<>(PeerProcess.Kind.class);
    private final Map<PeerProcess.Kind, Peer> readers = new EnumMap<>(PeerProcess.Kind.class);
    private final Map<PeerProcess.Kind, Peer> twins = new EnumMap<>(PeerProcess.Kind.class);

    Peers(Path folder) {
        try {
            for (PeerProcess.Kind kind : PeerProcess.Kind.values()) {
                // Writers and twins have the same primary key, so that what one makes by name the other makes as well.
                Peer writer = start(kind, folder.resolve(kind + "-writer"), 1);
                writers.put(kind, writer);
                twins.put(
                        kind,
                        new Peer(writer.process(), writer.process().open(folder.resolve(kind + "-twin"), key(1))));
                readers.put(kind, start(kind, folder.resolve(kind + "-reader"), 2));
            }
        } catch (RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    private static Peer start(PeerProcess.Kind kind, Path folder, int primaryKey) {
        PeerProcess process = PeerProcess.start(kind);
        try {
            return new Peer(process, process.open(folder, key(primaryKey)));
        } catch (RuntimeException | AssertionError e) {
            process.close();
            throw e;
        }
    }

    private static byte[] key(int content) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) content);
        return key;
    }

    Peer writer(PeerProcess.Kind kind) {
        return Objects.requireNonNull(writers.get(kind));
    }

    Peer reader(PeerProcess.Kind kind) {
        return Objects.requireNonNull(readers.get(kind));
    }

    /** The other kind's twin of a writer. */
    Peer twin(PeerProcess.Kind writer) {
        return Objects.requireNonNull(
                twins.get(writer == PeerProcess.Kind.NODE ? PeerProcess.Kind.JAVA : PeerProcess.Kind.NODE));
    }

    @Override
    public void close() {
        writers.values().forEach(peer -> peer.process().close());
        readers.values().forEach(peer -> peer.process().close());
    }
}
