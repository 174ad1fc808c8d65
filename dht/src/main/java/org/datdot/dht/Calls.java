package org.datdot.dht;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.Call.Listener;
import org.datdot.dht.Call.Question;
import org.jspecify.annotations.Nullable;

/**
 * All requests of a node that wait for an answer: sends them as the congestion window allows, sends them again, gives them up
 * (npm {@code dht-rpc}, {@code lib/io.js}).
 *
 * <p>An answer counts when its tid and its sender's address are those of a request. The stock package looks at the tid alone,
 * which anybody can guess; tids here are drawn at random, too.
 */
final class Calls {
    private static final int TIDS = 65_536;

    /** Above this many no more are taken on: free tids stay easy to find. */
    private static final int MAX_CALLS = TIDS / 4;

    private static final long TIMEOUT_MS = 1_000;

    /** What requests need of the node that makes them. */
    interface Owner {
        long nowMs();

        /** The socket requests go through. */
        LocalSocket socket();

        /** The id to tell with datagrams through a socket, or none. */
        @Nullable
        NodeId ownId(LocalSocket socket);

        void send(Outgoing outgoing);

        /** Before the request's own listener hears of the answer. */
        void answered(Answer answer);

        /** After the request's own listener heard that the node does not answer. */
        void unanswered(Question question);
    }

    private final Owner owner;
    private final Timers timers;
    private final RandomGenerator random;
    private final CongestionWindow window;
    private final @Nullable AdaptiveTimeouts adaptive;
    private final Map<Integer, Call> inFlight = new LinkedHashMap<>();
    private final Deque<Call> waiting = new ArrayDeque<>();
    private Timers.@Nullable Timer drainTimer;
    private long total;
    private long responses;
    private long timeouts;
    private long retries;

    Calls(Owner owner, Timers timers, RandomGenerator random, int maxWindow, boolean adaptiveTimeout) {
        this.owner = owner;
        this.timers = timers;
        this.random = random;
        this.window = new CongestionWindow(maxWindow, owner.nowMs());
        this.adaptive = adaptiveTimeout ? new AdaptiveTimeouts(random, owner.nowMs()) : null;
    }

    /** How many requests wait for an answer. */
    int size() {
        return inFlight.size();
    }

    long total() {
        return total;
    }

    long responses() {
        return responses;
    }

    long timeouts() {
        return timeouts;
    }

    long retries() {
        return retries;
    }

    /** Asks. The result is null, and the listener has heard it, when too much is under way. */
    @Nullable
    Call start(Question question, Listener listener) {
        return start(owner.socket(), question, listener);
    }

    /** Asks through a certain socket. */
    @Nullable
    Call start(LocalSocket socket, Question question, Listener listener) {
        if (inFlight.size() >= MAX_CALLS) {
            listener.failed(DhtException.Reason.BUSY);
            return null;
        }
        int tid = random.nextInt(TIDS);
        while (inFlight.containsKey(tid)) tid = (tid + 1) % TIDS;
        Call call = new Call(tid, question, listener, socket, owner.nowMs());
        inFlight.put(tid, call);
        total++;
        send(call, question.forced());
        return call;
    }

    /** Takes a reply, whoever it is from; one that answers nothing is dropped. */
    void receive(PeerAddress from, LocalSocket socket, Message.Reply reply, @Nullable NodeId id) {
        Call call = inFlight.get(reply.tid());
        if (call == null || !call.question.to().equals(from)) return;
        finish(call);
        long roundTripMs = owner.nowMs() - call.startedMs;
        if (adaptive != null && call.sent <= 2) adaptive.learn(from, roundTripMs, owner.nowMs());
        responses++;
        Answer answer = new Answer(from, id, socket, roundTripMs, reply);
        owner.answered(answer);
        call.listener.replied(answer);
    }

    /** Forgets a request whose answer nobody needs any more; its listener hears nothing. */
    void cancel(Call call) {
        if (!call.done) finish(call);
    }

    /** Gives up all requests. */
    void failAll(DhtException.Reason reason) {
        for (Call call : new ArrayList<>(inFlight.values())) {
            if (call.done) continue;
            finish(call);
            call.listener.failed(reason);
        }
        waiting.clear();
    }

    /** Does something with each request that waits for an answer. */
    void forEach(Consumer<Call> action) {
        inFlight.values().forEach(action);
    }

    private void finish(Call call) {
        call.done = true;
        inFlight.remove(call.tid);
        if (call.timer != null) call.timer.cancel();
        window.advance(owner.nowMs());
        if (call.sent > 0) window.receive();
    }

    private void send(Call call, boolean forced) {
        window.advance(owner.nowMs());
        if (!forced && window.isFull()) {
            waiting.add(call);
            scheduleDrain();
        } else {
            sendNow(call);
        }
    }

    private void sendNow(Call call) {
        call.sent++;
        window.send();
        owner.send(new Outgoing(call.socket, call.question.to(), datagram(call)));
        call.timer = timers.at(owner.nowMs() + timeoutMs(call), () -> expired(call));
    }

    private byte[] datagram(Call call) {
        if (call.datagram == null) {
            Question q = call.question;
            call.datagram = new Message.Request(
                            call.tid,
                            q.to(),
                            owner.ownId(call.socket),
                            q.token(),
                            q.internal(),
                            q.command(),
                            q.target(),
                            q.value())
                    .encode();
        }
        return Objects.requireNonNull(call.datagram);
    }

    private long timeoutMs(Call call) {
        if (call.question.timeoutMs() > 0) return call.question.timeoutMs();
        return adaptive == null ? TIMEOUT_MS : adaptive.timeoutMs(call.question.to(), call.sent, owner.nowMs());
    }

    private void expired(Call call) {
        if (call.done) return;
        if (call.sent == 1) {
            call.listener.slow();
            if (call.done) return;
        }
        if (call.sent > call.question.retries()) {
            timeouts++;
            finish(call);
            call.listener.failed(DhtException.Reason.TIMEOUT);
            owner.unanswered(call.question);
        } else {
            retries++;
            send(call, false);
        }
    }

    private void scheduleDrain() {
        if (drainTimer != null || waiting.isEmpty()) return;
        drainTimer = timers.at(window.nextStepMs(), this::drain);
    }

    private void drain() {
        drainTimer = null;
        window.advance(owner.nowMs());
        while (!waiting.isEmpty() && !window.isFull()) {
            Call call = waiting.remove();
            if (!call.done) sendNow(call);
        }
        scheduleDrain();
    }
}
