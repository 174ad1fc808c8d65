package org.datdot.swarm;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Dials WebSockets. */
final class WebSocketClient {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final long SEND_S = 60;

    private WebSocketClient() {}

    /** Shared by all: it has one thread of its own, which is a daemon. */
    private static final class Shared {
        static final HttpClient CLIENT = HttpClient.newBuilder()
                .executor(Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("swarm-websocket-", 0).factory()))
                .connectTimeout(CONNECT)
                .build();
    }

    /**
     * Connects.
     *
     * @param uri {@code ws} or {@code wss}
     * @throws IOException when nobody answers there, or it is no WebSocket
     */
    static WebSocketStream dial(URI uri) throws IOException {
        if (uri.getHost() == null || !("ws".equals(uri.getScheme()) || "wss".equals(uri.getScheme()))) {
            throw new IOException(uri + " is no address of a WebSocket; it looks like ws://host:port or wss://host");
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : "wss".equals(uri.getScheme()) ? 443 : 80;
        InetSocketAddress remote = new InetSocketAddress(InetAddress.getByName(uri.getHost()), port);
        Incoming incoming = new Incoming();
        WebSocket socket = await(
                Shared.CLIENT.newWebSocketBuilder().connectTimeout(CONNECT).buildAsync(uri, incoming),
                "nobody answers at " + uri + " as a WebSocket; check the address and that the peer runs",
                2 * CONNECT.toSeconds());
        WebSocketStream stream = new WebSocketStream(new Outgoing(socket), remote);
        incoming.stream.complete(stream);
        socket.request(1);
        return stream;
    }

    private static <T> T await(CompletableFuture<T> future, String otherwise, long seconds) throws IOException {
        try {
            return future.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(otherwise, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a WebSocket");
        }
    }

    private record Outgoing(WebSocket socket) implements WebSocketStream.Socket {
        @Override
        public void send(ByteBuffer message) throws IOException {
            await(socket.sendBinary(message, true), "the WebSocket takes nothing any more", SEND_S);
        }

        @Override
        public void request() {
            socket.request(1);
        }

        @Override
        public void close() {
            var _ = socket.sendClose(WebSocket.NORMAL_CLOSURE, "").whenComplete((_, failure) -> {
                if (failure != null) socket.abort();
            });
        }
    }

    private static final class Incoming implements WebSocket.Listener {
        final CompletableFuture<WebSocketStream> stream = new CompletableFuture<>();

        @Override
        public void onOpen(WebSocket socket) {
            // The first message is asked for when there is a stream to take it.
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            stream.join().received(bytes);
            if (bytes.length == 0) socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            var _ = stream.thenAccept(known -> known.ended(null));
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable cause) {
            IOException failure = new IOException(String.valueOf(cause.getMessage()), cause);
            var _ = stream.thenAccept(known -> known.ended(failure));
        }
    }
}
