package org.datdot.chain;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One WebSocket connection of an {@link RpcClient}, from connecting to its end: requests under way and subscriptions by their
 * ids. Ends by itself on any error; everything under way fails then.
 */
final class RpcLink implements WebSocket.Listener {
    private static final Logger LOG = System.getLogger(RpcLink.class.getName());
    private static final int MAX_MESSAGE_CHARACTERS = 64 << 20;
    private static final long SEND_TIMEOUT_SECONDS = 30;

    private final Map<Long, CompletableFuture<JsonNode>> underWay = new ConcurrentHashMap<>();
    private final Map<String, Consumer<JsonNode>> listeners = new ConcurrentHashMap<>();
    private final AtomicLong nextId = new AtomicLong();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CompletableFuture<WebSocket> socket = new CompletableFuture<>();
    /** A WebSocket takes one message at a time. */
    private final ReentrantLock sending = new ReentrantLock();
    /** Of the socket's thread only. */
    private final StringBuilder incoming = new StringBuilder();

    private volatile long heardNanos = System.nanoTime();
    private volatile String endReason = "";

    /** To be called once, when the handshake is done. */
    void opened(WebSocket made) {
        socket.complete(made);
        if (ended.getCount() == 0) {
            made.abort();
        }
    }

    /** Sends a request; the answer is an {@link RpcException} when it is an error. */
    CompletableFuture<JsonNode> call(String method, ArrayNode params) {
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        call(method, params, answer);
        return answer;
    }

    private void call(String method, ArrayNode params, CompletableFuture<JsonNode> answer) {
        long id = nextId.getAndIncrement();
        underWay.put(id, answer);
        if (ended.getCount() == 0) {
            failAll();
            return;
        }
        send(JsonRpc.request(id, method, params));
    }

    private void send(String text) {
        sending.lock();
        try {
            WebSocket to = socket.getNow(null);
            if (to == null) {
                throw new IllegalStateException("not open yet");
            }
            to.sendText(text, true).get(SEND_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | IllegalStateException e) {
            abort("cannot send: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abort("interrupted while sending");
        } finally {
            sending.unlock();
        }
    }

    /** Asks for a subscription and does not wait for it; if it fails, the connection ends and the next one tries again. */
    void subscribe(String method, Consumer<JsonNode> listener) {
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        // Known before the request is sent, this runs on the socket's thread before the first notification is read.
        CompletableFuture<Void> done = answer.thenAccept(id -> listeners.put(id.asString(""), listener));
        call(method, JsonNodeFactory.instance.arrayNode(), answer);
        done.exceptionally(error -> {
            abort(method + " failed: " + error);
            return null;
        });
    }

    void ping(ByteBuffer payload) {
        sending.lock();
        try {
            socket.join().sendPing(payload).get(SEND_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | IllegalStateException e) {
            abort("cannot send: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abort("interrupted while sending");
        } finally {
            sending.unlock();
        }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        heardNanos = System.nanoTime();
        if (incoming.length() + data.length() > MAX_MESSAGE_CHARACTERS) {
            abort("a message of more than " + MAX_MESSAGE_CHARACTERS + " characters");
            return null;
        }
        incoming.append(data);
        if (last) {
            String text = incoming.toString();
            incoming.setLength(0);
            receive(text);
        }
        from.request(1);
        return null;
    }

    private void receive(String text) {
        JsonNode message;
        try {
            message = JsonRpc.MAPPER.readTree(text);
        } catch (JacksonException e) {
            abort("not JSON: " + e.getOriginalMessage());
            return;
        }
        JsonNode params = message.path("params");
        if (message.has("method")) {
            Consumer<JsonNode> listener =
                    listeners.get(params.path("subscription").asString(""));
            if (listener != null) {
                tell(listener, params.path("result"));
            }
            return;
        }
        CompletableFuture<JsonNode> answer =
                message.path("id").isIntegralNumber() && message.path("id").canConvertToLong()
                        ? underWay.remove(message.path("id").longValue())
                        : null;
        if (answer == null) {
            LOG.log(Level.DEBUG, "an answer to nothing: {0}", text.substring(0, Math.min(200, text.length())));
        } else if (message.has("error")) {
            JsonNode error = message.path("error");
            answer.completeExceptionally(new RpcException(
                    error.path("code").asInt(0),
                    error.path("message").asString(""),
                    error.path("data").asString("")));
        } else {
            answer.complete(message.path("result"));
        }
    }

    private void tell(Consumer<JsonNode> listener, JsonNode result) {
        try {
            listener.accept(result);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "a notification could not be used", e);
        }
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        abort("a binary message");
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
        heardNanos = System.nanoTime();
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
        abort("closed by the ledger (" + status + " " + reason + ")");
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        abort(String.valueOf(error));
    }

    /** Ends the connection at once; the first reason counts. */
    void abort(String reason) {
        if (endReason.isEmpty()) {
            endReason = reason;
        }
        ended.countDown();
        WebSocket made = socket.getNow(null);
        if (made != null) {
            made.abort();
        }
        failAll();
    }

    private void failAll() {
        LedgerUnavailableException lost = new LedgerUnavailableException("the connection was lost: " + endReason);
        underWay.values().forEach(each -> each.completeExceptionally(lost));
    }

    String endReason() {
        return endReason;
    }

    /** Whether the connection ended within {@code wait}. */
    boolean awaitEnd(Duration wait) throws InterruptedException {
        return ended.await(wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    Duration silentFor() {
        return Duration.ofNanos(System.nanoTime() - heardNanos);
    }
}
