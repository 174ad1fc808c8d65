package org.datdot.chain;

import java.io.Closeable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * JSON-RPC 2.0 over one WebSocket connection which is made again, with growing pauses, whenever it is lost. Calls wait for the
 * connection and are repeated when it breaks before the answer, so only calls that may be repeated belong here; subscriptions
 * are made again after each connect. Thread-safe; blocking.
 */
public final class RpcClient implements Closeable {
    private static final Logger LOG = System.getLogger(RpcClient.class.getName());
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration PING_INTERVAL = Duration.ofSeconds(20);
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final URI uri;
    private final Duration timeout;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http;
    private final List<Wanted> wanted = new CopyOnWriteArrayList<>();
    private final Thread manager;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Everything below is guarded by the lock. */
    private @Nullable RpcLink link;

    private String lastFailure = "not tried yet";
    private boolean closed;

    /** A subscription to keep alive. */
    private record Wanted(String method, Consumer<JsonNode> listener) {}

    /** Checks a fresh connection before it is used, or throws. */
    @FunctionalInterface
    interface Check {
        void check(Caller caller);
    }

    /** Makes a call. */
    @FunctionalInterface
    interface Caller {
        JsonNode call(String method, Object... params);
    }

    private final Check check;

    /**
     * Starts connecting.
     *
     * @param uri {@code ws://host:port}
     * @param timeout how long a call waits for connection and answer together
     */
    public RpcClient(URI uri, Duration timeout) {
        this(uri, timeout, caller -> {});
    }

    RpcClient(URI uri, Duration timeout, Check check) {
        this.uri = uri;
        this.timeout = timeout;
        this.check = check;
        this.http = HttpClient.newBuilder()
                .executor(executor)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
        this.manager =
                Thread.ofVirtual().name("rpc-client " + uri.getAuthority()).start(this::manage);
    }

    /**
     * Calls a method and waits for the answer.
     *
     * @param params texts, numbers, booleans, lists of these, or JSON nodes
     * @return the result
     * @throws RpcException when the server answers with an error
     * @throws LedgerUnavailableException when there is no answer in time
     */
    public JsonNode call(String method, Object... params) {
        long deadline = System.nanoTime() + timeout.toNanos();
        ArrayNode list = JsonRpc.MAPPER.valueToTree(params);
        while (true) {
            RpcLink at = awaitLink(deadline, method);
            JsonNode result = answer(at, method, list, deadline);
            if (result != null) {
                return result;
            }
            // The connection broke: once more with the next one.
            forget(at);
        }
    }

    /** Null when the connection broke before the answer. */
    private @Nullable JsonNode answer(RpcLink at, String method, ArrayNode params, long deadline) {
        CompletableFuture<JsonNode> answer = at.call(method, params);
        // A peer can vanish without a word: a connection that has been silent for this long is given up.
        long patience = timeout.toNanos() / 3;
        while (true) {
            long left = deadline - System.nanoTime();
            try {
                return answer.get(Math.clamp(left, 1, patience), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RpcException error) {
                    throw new RpcException(error.code(), String.valueOf(error.getMessage()), error.data());
                }
                return null;
            } catch (TimeoutException e) {
                if (at.silentFor().toNanos() >= patience) {
                    at.abort("it was silent for " + at.silentFor().toMillis() + " ms");
                }
                if (deadline - System.nanoTime() <= 0) {
                    throw new LedgerUnavailableException(
                            uri + " did not answer " + method + " within " + timeout.toMillis() + " ms", e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LedgerUnavailableException("interrupted while waiting for " + uri, e);
            }
        }
    }

    /**
     * Subscribes now and after each reconnection. What comes while the connection is down is lost, so the listener has to
     * look for itself what it missed.
     *
     * @param listener called on the socket's thread: it must not block
     */
    public void subscribe(String method, Consumer<JsonNode> listener) {
        Wanted added = new Wanted(method, listener);
        RpcLink at;
        lock.lock();
        try {
            at = link;
            wanted.add(added);
        } finally {
            lock.unlock();
        }
        if (at != null) {
            at.subscribe(method, listener);
        }
    }

    private RpcLink awaitLink(long deadline, String method) {
        lock.lock();
        try {
            while (!closed) {
                RpcLink at = link;
                if (at != null) {
                    return at;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new LedgerUnavailableException("cannot reach the ledger at " + uri + " for " + method + " ("
                            + lastFailure + "); check the address and that the ledger runs");
                }
                changed.awaitNanos(left);
            }
            throw new LedgerUnavailableException("the connection to " + uri + " was closed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LedgerUnavailableException("interrupted while waiting for " + uri, e);
        } finally {
            lock.unlock();
        }
    }

    /** Connects, watches, reconnects, until closed. */
    private void manage() {
        Duration pause = FIRST_PAUSE;
        while (!isClosed()) {
            try {
                RpcLink made = connect();
                pause = FIRST_PAUSE;
                watch(made);
                forget(made);
                noteFailure("the connection was lost: " + made.endReason());
            } catch (LedgerUnavailableException e) {
                noteFailure(String.valueOf(e.getMessage()));
                LOG.log(Level.DEBUG, "no connection to {0}: {1}", uri, e.getMessage());
            } catch (InterruptedException e) {
                return;
            }
            if (!pause(pause)) {
                return;
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private RpcLink connect() throws InterruptedException {
        RpcLink made = new RpcLink();
        try {
            WebSocket socket = http.newWebSocketBuilder()
                    .connectTimeout(CONNECT_TIMEOUT)
                    .buildAsync(uri, made)
                    .get(2 * CONNECT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            made.opened(socket);
            check.check((method, params) -> {
                try {
                    return made.call(method, JsonRpc.MAPPER.valueToTree(params))
                            .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
                } catch (ExecutionException | TimeoutException e) {
                    throw new LedgerUnavailableException(uri + " did not answer " + method, e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new LedgerUnavailableException("interrupted while connecting to " + uri, e);
                }
            });
            List<Wanted> subscriptions;
            lock.lock();
            try {
                if (closed) {
                    throw new LedgerUnavailableException("the connection to " + uri + " was closed");
                }
                link = made;
                // Whoever subscribes from now on does it himself.
                subscriptions = List.copyOf(wanted);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            subscriptions.forEach(each -> made.subscribe(each.method, each.listener));
            return made;
        } catch (ExecutionException | TimeoutException e) {
            made.abort("no connection");
            throw new LedgerUnavailableException("cannot connect to " + uri + ": " + reason(e), e);
        } catch (RuntimeException e) {
            made.abort(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private static String reason(Exception e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        if (cause instanceof ConnectException) {
            return "nobody listens there"; // java.net.http leaves the system's reason out
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private void watch(RpcLink made) throws InterruptedException {
        while (!made.awaitEnd(PING_INTERVAL)) {
            if (made.silentFor().compareTo(SILENCE) > 0) {
                made.abort("nothing came for " + SILENCE.toSeconds() + " s");
            } else {
                made.ping(ByteBuffer.allocate(0));
            }
        }
    }

    private void forget(RpcLink lost) {
        lock.lock();
        try {
            if (link == lost) {
                link = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private void noteFailure(String failure) {
        lock.lock();
        try {
            lastFailure = failure;
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** False when closed meanwhile. */
    private boolean pause(Duration pause) {
        lock.lock();
        try {
            long left = pause.toNanos();
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return !closed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Closes the connection; calls that wait fail. */
    @Override
    public void close() {
        RpcLink at;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            at = link;
            link = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (at != null) {
            at.abort("closed");
        }
        manager.interrupt();
        http.shutdownNow();
        executor.shutdownNow();
    }
}
