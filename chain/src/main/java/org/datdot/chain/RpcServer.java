package org.datdot.chain;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.websocket.WsConfig;
import io.helidon.webserver.websocket.WsRouting;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.chain.ChainException.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Serves a chain by JSON-RPC 2.0: over WebSocket and by HTTP POST, both at {@code /} of one port, with Substrate's method names
 * (docs/rpc.md). Requests are bounded in size, connections and subscriptions in number; bad input gets an error and harms no
 * other connection. There is no access control: listen on an address only those can reach who may use the ledger.
 */
public final class RpcServer implements Closeable {
    private static final int MAX_CONNECTIONS = 1_024;
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration GRACE = Duration.ofMillis(50);

    /** Weak, because nobody tells when a peer vanishes: whoever still has a session is its socket or a subscription. */
    private final Set<RpcSession> sessions = Collections.newSetFromMap(new WeakHashMap<>());

    private final ReentrantLock sessionsLock = new ReentrantLock();
    private final JsonRpc rpc;
    private final WebServer server;
    private final InetSocketAddress address;

    private RpcServer(Chain chain, InetSocketAddress bind, boolean readOnly, Map<String, String> properties) {
        this.rpc = new JsonRpc(new RpcMethods(chain, readOnly, properties));
        this.server = WebServer.builder()
                .address(bind.getAddress())
                .port(bind.getPort())
                .shutdownHook(false)
                .featuresDiscoverServices(false)
                .shutdownGracePeriod(GRACE)
                .maxTcpConnections(MAX_CONNECTIONS)
                .idleConnectionTimeout(IDLE_TIMEOUT)
                .maxPayloadSize(JsonRpc.MAX_REQUEST_CHARACTERS)
                .addProtocol(WsConfig.builder()
                        .maxFrameLength(JsonRpc.MAX_REQUEST_CHARACTERS)
                        .build())
                .addRouting(HttpRouting.builder().post("/", this::post))
                .addRouting(WsRouting.builder().endpoint("/", () -> new RpcSession(rpc, this)))
                .build();
        start(bind);
        this.address = new InetSocketAddress(bind.getAddress(), server.port());
    }

    /**
     * Starts serving.
     *
     * @param bind where to listen; port 0 takes any free one
     * @throws ChainException when the address is taken or is none of this machine's
     */
    public static RpcServer start(Chain chain, InetSocketAddress bind) {
        return start(chain, bind, false, Map.of());
    }

    /** The same for a chain that follows another one: it answers all questions, and takes no extrinsics. */
    public static RpcServer startReadOnly(Chain chain, InetSocketAddress bind) {
        return start(chain, bind, true, Map.of());
    }

    /**
     * Starts serving, and tells clients something besides.
     *
     * @param bind where to listen; port 0 takes any free one
     * @param properties by name, in what {@code system_properties} answers
     * @throws ChainException when the address is taken or is none of this machine's
     */
    public static RpcServer start(Chain chain, InetSocketAddress bind, Map<String, String> properties) {
        return start(chain, bind, false, properties);
    }

    private static RpcServer start(
            Chain chain, InetSocketAddress bind, boolean readOnly, Map<String, String> properties) {
        if (bind.isUnresolved()) {
            throw new ChainException(
                    Kind.ADDRESS, "the name " + bind.getHostString() + " has no address; give an address to listen on");
        }
        return new RpcServer(chain, bind, readOnly, properties);
    }

    private void start(InetSocketAddress bind) {
        // The server itself only logs that it cannot listen, so this asks the operating system first.
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(bind);
        } catch (IOException e) {
            throw cannotListen(bind, e);
        }
        server.start();
        if (!server.isRunning()) {
            throw cannotListen(bind, null);
        }
    }

    private static ChainException cannotListen(InetSocketAddress bind, @Nullable IOException cause) {
        return new ChainException(
                Kind.ADDRESS,
                "cannot listen on " + bind.getHostString() + ":" + bind.getPort() + " for JSON-RPC"
                        + (cause == null ? "" : " (" + cause.getMessage() + ")")
                        + "; another program may have the port: stop it or choose another port",
                cause);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return address;
    }

    private void post(ServerRequest request, ServerResponse response) throws IOException {
        byte[] body;
        try (InputStream in = request.content().inputStream()) {
            body = in.readNBytes(JsonRpc.MAX_REQUEST_CHARACTERS);
        }
        String answer = rpc.answer(new String(body, StandardCharsets.UTF_8), null);
        if (answer == null) {
            response.status(Status.NO_CONTENT_204).send();
            return;
        }
        response.header(HeaderValues.CONTENT_TYPE_JSON);
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        response.send(answer.getBytes(StandardCharsets.UTF_8));
    }

    /** There is a new connection. */
    void opened(RpcSession session) {
        sessionsLock.lock();
        try {
            sessions.add(session);
        } finally {
            sessionsLock.unlock();
        }
    }

    /** Ends all connections and stops listening. */
    @Override
    public void close() {
        List<RpcSession> open;
        sessionsLock.lock();
        try {
            open = List.copyOf(sessions);
        } finally {
            sessionsLock.unlock();
        }
        open.forEach(RpcSession::goAway);
        server.stop();
    }
}
