package org.datdot.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmListener;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/** The operations of {@code datdot peer} that connect: secret-stream over TCP on 127.0.0.1, a key pair for each link. */
final class PeerLinks {
    private static final String LISTENER = "listener";
    private static final String CONNECTION = "connection";

    private final PeerHandles handles;

    /** A server socket and those who came, in order. */
    private record Listener(Swarm swarm, BlockingQueue<Connection> accepted) {}

    PeerLinks(PeerHandles handles) {
        this.handles = handles;
    }

    void register(PeerSession session) {
        session.register("listen", List.of(PeerCores.STORE, PeerCores.CORE), this::listen);
        session.register("accept", List.of(LISTENER), this::accept);
        session.register("connect", List.of(PeerCores.STORE, PeerCores.CORE, "port"), this::connect);
        session.register("ended", List.of(CONNECTION), this::ended);
        session.register("traffic", List.of(CONNECTION), this::traffic);
    }

    /** What is replicated on a connection: one core, or whatever of a store is asked for. */
    private SwarmListener replication(PeerRequest request) {
        if (request.has(PeerCores.CORE)) {
            Hypercore core = PeerCores.core(handles, request);
            return connection -> core.replicator().attach(connection.mux());
        }
        Corestore store = handles.get(request, PeerCores.STORE, Corestore.class);
        return connection -> store.replicate(connection.mux());
    }

    private static Swarm swarm(SwarmListener listener) {
        return new Swarm(KeyPair.generate(Entropy.system()), listener);
    }

    private static InetSocketAddress local(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private Map<String, @Nullable Object> listen(PeerRequest request) throws IOException {
        SwarmListener replication = replication(request);
        BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();
        Swarm swarm = swarm(connection -> {
            replication.onConnection(connection);
            accepted.add(connection);
        });
        int port = swarm.listen(local(0)).getPort();
        return Json.object(LISTENER, handles.add(LISTENER, new Listener(swarm, accepted), swarm::close), "port", port);
    }

    private Map<String, @Nullable Object> accept(PeerRequest request) throws InterruptedException {
        Connection connection =
                handles.get(request, LISTENER, Listener.class).accepted().take();
        return Json.object(CONNECTION, handles.add(CONNECTION, connection, () -> close(connection)));
    }

    private Map<String, @Nullable Object> connect(PeerRequest request) throws IOException {
        long port = request.number("port");
        if (port < 1 || port > 65_535) throw new PeerRefusal("\"port\" is not from 1 to 65535");
        @SuppressWarnings("resource") // closed with the handle
        Swarm swarm = swarm(replication(request));
        Connection connection;
        try {
            connection = swarm.connect(local((int) port), null);
        } catch (IOException | RuntimeException e) {
            swarm.close();
            throw e;
        }
        return Json.object(CONNECTION, handles.add(CONNECTION, connection, () -> {
            Map<String, @Nullable Object> end = close(connection);
            swarm.close();
            return end;
        }));
    }

    private static Map<String, @Nullable Object> close(Connection connection) {
        connection.close();
        return end(connection);
    }

    private Map<String, @Nullable Object> traffic(PeerRequest request) {
        Connection connection = handles.get(request, CONNECTION, Connection.class);
        WireException end = connection.closed().getNow(null);
        @Nullable String failure = end == null ? null : failure(end);
        return Json.object("read", connection.bytesRead(), "written", connection.bytesWritten(), "failure", failure);
    }

    private Map<String, @Nullable Object> ended(PeerRequest request) {
        return end(handles.get(request, CONNECTION, Connection.class));
    }

    /** Waits for the end of a connection; null as its failure when one of the two sides meant it. */
    private static Map<String, @Nullable Object> end(Connection connection) {
        WireException end = connection.closed().join();
        return Json.object("failure", failure(end), "written", connection.bytesWritten());
    }

    private static @Nullable String failure(WireException end) {
        return switch (end.reason()) {
            case CLOSED, DISCONNECTED -> null;
            default -> end.reason() + ": " + end.getMessage();
        };
    }
}
