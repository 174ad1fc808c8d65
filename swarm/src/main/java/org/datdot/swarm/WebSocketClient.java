package org.datdot.swarm;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
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
    /** What was sent before the end may take so long; then the connection is cut. */
    private static final long LINGER_S = 5;

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
     * @throws IOException when nobody answers there, or it is no WebSocket
     */
    static WebSocketStream dial(Endpoint.WebSocket endpoint) throws IOException {
        URI uri = endpoint.uri();
        InetSocketAddress remote = endpoint.resolve();
        Incoming incoming = new Incoming();
        CompletableFuture<WebSocket> connecting =
                Shared.CLIENT.newWebSocketBuilder().connectTimeout(CONNECT).buildAsync(uri, incoming);
        WebSocket socket;
        try {
            socket = await(
                    connecting,
                    "nobody answers at " + uri + " as a WebSocket; check the address and that the peer runs",
                    2 * CONNECT.toSeconds());
        } catch (IOException e) {
            var _ = connecting.thenAccept(WebSocket::abort); // nobody waits for it any more
            throw e;
        }
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

    private static final class Outgoing implements WebSocketStream.Socket {
        private final WebSocket socket;
        private final CompletableFuture<@Nullable Object> closed = new CompletableFuture<>();

        Outgoing(WebSocket socket) {
            this.socket = socket;
        }

        @Override
        public void send(ByteBuffer message) throws IOException {
            try {
                CompletableFuture.anyOf(socket.sendBinary(message, true), closed)
                        .get();
            } catch (ExecutionException e) {
                throw new IOException("the WebSocket takes nothing any more", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while sending to a WebSocket");
            }
            if (closed.isDone()) throw new AsynchronousCloseException();
        }

        @Override
        public void request() {
            socket.request(1);
        }

        @Override
        public void close() {
            closed.complete(null);
            var _ = socket.sendClose(WebSocket.NORMAL_CLOSURE, "")
                    .orTimeout(LINGER_S, TimeUnit.SECONDS)
                    .whenComplete((_, failure) -> {
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
