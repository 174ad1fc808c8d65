package org.datdot.swarm;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.websocket.WsConfig;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Lets peers connect to a {@link Swarm} over WebSocket, for networks that let nothing else through, and for browsers. */
public final class WebSocketServer implements Closeable {
    private static final System.Logger LOG = System.getLogger(WebSocketServer.class.getName());
    private static final int MAX_FRAME_BYTES = 1 << 20;
    private static final int CLOSE_NORMAL = 1000;
    /** What was sent before the end may take so long; then the connection is cut. */
    private static final Duration LINGER = Duration.ofSeconds(5);

    private final WebServer server;
    private final InetSocketAddress address;

    private WebSocketServer(Swarm swarm, InetSocketAddress bind) {
        server = WebServer.builder()
                .address(bind.getAddress())
                .port(bind.getPort())
                .shutdownHook(false)
                .featuresDiscoverServices(false)
                .shutdownGracePeriod(Duration.ZERO)
                .idleConnectionTimeout(Duration.ofDays(1)) // the swarm has its own, which knows keep-alives
                .addProtocol(WsConfig.builder().maxFrameLength(MAX_FRAME_BYTES).build())
                .addRouting(WsRouting.builder().endpoint("/", () -> new Incoming(swarm)))
                .build();
        server.start();
        address = new InetSocketAddress(bind.getAddress(), server.port());
    }

    /**
     * Starts listening.
     *
     * @param bind port 0 for any free port
     * @throws BindException when another program has the port, or the address is not one of this machine
     */
    public static WebSocketServer start(Swarm swarm, InetSocketAddress bind) throws IOException {
        // The server itself only logs that it cannot listen, so this asks the operating system first.
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(bind);
        }
        WebSocketServer made = new WebSocketServer(swarm, bind);
        if (!made.server.isRunning()) throw new BindException("cannot listen at " + bind + " for WebSockets");
        return made;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return address;
    }

    /** Listens no more, and ends the connections that came here. */
    @Override
    public void close() {
        server.stop();
    }

    /** One peer. */
    private static final class Incoming implements WsListener {
        private final Swarm swarm;
        private @Nullable WebSocketStream stream;

        Incoming(Swarm swarm) {
            this.swarm = swarm;
        }

        @Override
        public void onOpen(WsSession session) {
            InetSocketAddress remote =
                    (InetSocketAddress) session.socketContext().remotePeer().address();
            WebSocketStream made = new WebSocketStream(new Outgoing(session), remote);
            stream = made;
            try {
                swarm.accept(made);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onMessage(WsSession session, BufferData data, boolean last) {
            WebSocketStream to = stream;
            if (to == null) return;
            to.received(data.readBytes());
            to.awaitRoom();
        }

        @Override
        public void onClose(WsSession session, int status, String reason) {
            WebSocketStream to = stream;
            if (to != null) to.ended(null);
        }

        @Override
        public void onError(WsSession session, Throwable cause) {
            WebSocketStream to = stream;
            if (to != null) to.ended(new IOException(String.valueOf(cause.getMessage()), cause));
        }
    }

    private record Outgoing(WsSession session) implements WebSocketStream.Socket {
        @Override
        public void send(ByteBuffer message) throws IOException {
            try {
                byte[] bytes = new byte[message.remaining()];
                message.get(bytes);
                session.send(BufferData.create(bytes), true);
            } catch (UncheckedIOException e) {
                throw e.getCause();
            } catch (RuntimeException e) {
                throw new IOException("the WebSocket takes nothing any more: " + e.getMessage(), e);
            }
        }

        @Override
        public void request() {
            // The server hands over what comes, and waits while it is not taken.
        }

        @Override
        public void close() {
            Thread closing = Thread.ofVirtual().name("swarm-websocket-close").start(() -> {
                try {
                    session.close(CLOSE_NORMAL, "");
                } catch (RuntimeException e) {
                    LOG.log(Level.DEBUG, "the WebSocket was over before it was closed", e);
                }
            });
            Thread.ofVirtual().name("swarm-websocket-cut").start(() -> cut(closing));
        }

        /** Frees whoever waits in a write that the peer does not take. */
        private void cut(Thread closing) {
            try {
                if (closing.join(LINGER)) return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (session.socketContext() instanceof ConnectionContext context) {
                context.serverSocket().close();
            }
        }
    }
}
