package org.datdot.chain;

import io.helidon.common.buffers.BufferData;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket connection to the server: its requests, answered in order, and its subscriptions. What goes out passes a
 * bounded queue that a virtual thread writes while there is something to write. A peer that sends without reading is made to wait; one that
 * does not read what it subscribed to is disconnected.
 */
final class RpcSession implements WsListener {
    private static final Logger LOG = System.getLogger(RpcSession.class.getName());
    private static final int MAX_SUBSCRIPTIONS = 128;
    private static final long MAX_QUEUED_CHARACTERS = 16L << 20;
    private static final int MAX_QUEUED_MESSAGES = 4_096;
    private static final long WRITE_TIMEOUT_SECONDS = 30;
    private static final int CLOSE_GOING_AWAY = 1001;
    private static final int CLOSE_TOO_BIG = 1009;

    private final JsonRpc rpc;
    private final RpcServer server;
    /** Of the connection's own thread only. */
    private final StringBuilder incoming = new StringBuilder();

    private final List<Runnable> afterAnswer = new ArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    /** Everything below is guarded by the lock. */
    private final ArrayDeque<String> outgoing = new ArrayDeque<>();

    private final Map<String, Subscription> subscriptions = new HashMap<>();
    private long queuedCharacters;
    private long nextSubscription;
    private @Nullable Thread writer;
    private @Nullable WsSession session;
    private boolean closed;

    RpcSession(JsonRpc rpc, RpcServer server) {
        this.rpc = rpc;
        this.server = server;
    }

    @Override
    public void onOpen(WsSession opened) {
        lock.lock();
        try {
            session = opened;
        } finally {
            lock.unlock();
        }
        server.opened(this);
    }

    @Override
    public void onMessage(WsSession from, String text, boolean last) {
        if (incoming.length() + text.length() > JsonRpc.MAX_REQUEST_CHARACTERS) {
            LOG.log(Level.DEBUG, "a request of more than {0} characters", JsonRpc.MAX_REQUEST_CHARACTERS);
            end();
            from.close(CLOSE_TOO_BIG, "a request has at most " + JsonRpc.MAX_REQUEST_CHARACTERS + " characters");
            return;
        }
        if (!last) {
            incoming.append(text);
            return;
        }
        String request = incoming.isEmpty() ? text : incoming.append(text).toString();
        incoming.setLength(0);
        incoming.trimToSize();
        answer(request);
    }

    @Override
    public void onMessage(WsSession from, BufferData bytes, boolean last) {
        // Binary frames mean nothing in JSON-RPC: the parser says so.
        answer("");
    }

    @Override
    public void onPing(WsSession from, BufferData payload) {
        from.pong(payload);
    }

    @Override
    public void onClose(WsSession from, int status, String reason) {
        end();
    }

    @Override
    public void onError(WsSession from, Throwable error) {
        LOG.log(Level.DEBUG, "a connection failed", error);
        end();
    }

    private void answer(String request) {
        String answer = rpc.answer(request, this);
        if (answer != null && awaitRoom()) {
            enqueue(answer);
        }
        List<Runnable> now = List.copyOf(afterAnswer);
        afterAnswer.clear();
        now.forEach(Runnable::run);
    }

    /** Runs an action when the answer to the request being executed is queued, so that nothing overtakes it. */
    void afterAnswer(Runnable action) {
        afterAnswer.add(action);
    }

    /**
     * A new subscription's id.
     *
     * @throws RpcException when the connection has as many as it may
     */
    String subscribe(Subscription subscription) {
        lock.lock();
        try {
            if (subscriptions.size() >= MAX_SUBSCRIPTIONS) {
                throw new RpcException(
                        RpcException.LIMIT_EXCEEDED,
                        "this connection has " + MAX_SUBSCRIPTIONS + " subscriptions; end some of them first");
            }
            String id = "datdot-" + ++nextSubscription;
            subscriptions.put(id, subscription);
            return id;
        } finally {
            lock.unlock();
        }
    }

    /** Ends a subscription; false when there is none with this id. */
    boolean unsubscribe(String id) {
        Subscription ended;
        lock.lock();
        try {
            ended = subscriptions.remove(id);
        } finally {
            lock.unlock();
        }
        if (ended != null) {
            ended.close();
        }
        return ended != null;
    }

    /** Queues a notification; disconnects a peer which has not read thousands of them. Never blocks. */
    void send(String notification) {
        boolean slow;
        lock.lock();
        try {
            slow = full();
        } finally {
            lock.unlock();
        }
        if (slow) {
            LOG.log(Level.INFO, "a subscriber does not read what it subscribed to and is disconnected");
            disconnect();
        } else {
            enqueue(notification);
        }
    }

    private boolean full() {
        return queuedCharacters > MAX_QUEUED_CHARACTERS || outgoing.size() >= MAX_QUEUED_MESSAGES;
    }

    private boolean awaitRoom() {
        lock.lock();
        try {
            long leftNanos = TimeUnit.SECONDS.toNanos(WRITE_TIMEOUT_SECONDS);
            while (full() && !closed && leftNanos > 0) {
                leftNanos = written.awaitNanos(leftNanos);
            }
            if (!closed && !full()) {
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        disconnect();
        return false;
    }

    private void enqueue(String text) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            outgoing.addLast(text);
            queuedCharacters += text.length();
            if (writer == null) {
                // The thread lives as long as there is something to write: the server does not tell when a peer is
                // gone.
                writer = Thread.ofVirtual().name("rpc-writer").start(this::write);
            }
        } finally {
            lock.unlock();
        }
    }

    private void write() {
        while (true) {
            String text;
            WsSession to;
            lock.lock();
            try {
                text = outgoing.pollFirst();
                to = session;
                if (text == null || to == null || closed) {
                    writer = null;
                    return;
                }
                queuedCharacters -= text.length();
                written.signalAll();
            } finally {
                lock.unlock();
            }
            try {
                to.send(text, true);
            } catch (RuntimeException e) {
                LOG.log(Level.DEBUG, "a peer is gone", e);
                end();
                return;
            }
        }
    }

    /** Closes the socket whatever the peer does. */
    private void disconnect() {
        Thread writing;
        lock.lock();
        try {
            writing = writer;
        } finally {
            lock.unlock();
        }
        end();
        if (writing != null) {
            // Interrupting a virtual thread that waits for a socket closes the socket.
            writing.interrupt();
        }
    }

    /** Says goodbye; for the end of the server. */
    void goAway() {
        WsSession at;
        lock.lock();
        try {
            at = session;
        } finally {
            lock.unlock();
        }
        disconnect();
        if (at != null) {
            try {
                at.close(CLOSE_GOING_AWAY, "the ledger stops");
            } catch (RuntimeException e) {
                LOG.log(Level.DEBUG, "a peer is gone", e);
            }
        }
    }

    /** Ends all subscriptions and drops what waits. */
    private void end() {
        List<Subscription> ended;
        lock.lock();
        try {
            closed = true;
            outgoing.clear();
            queuedCharacters = 0;
            ended = List.copyOf(subscriptions.values());
            subscriptions.clear();
            written.signalAll();
        } finally {
            lock.unlock();
        }
        ended.forEach(Subscription::close);
    }
}
