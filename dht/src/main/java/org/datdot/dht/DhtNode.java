package org.datdot.dht;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.datdot.crypto.Entropy;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.Call.Question;
import org.datdot.dht.DhtException.Reason;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * A node of the DHT without sockets, clock or threads (npm {@code dht-rpc}, {@code index.js}): it is handed datagrams, calls
 * and the time, and hands out datagrams and when it wants to be woken. For one thread at a time.
 *
 * <p>After every call, take what {@link #poll()} has, and call {@link #wake} at {@link #nextWakeMs()}.
 */
final class DhtNode {
    /** Longer datagrams are dropped, as stock nodes do: what a node stores, strangers can have sent to somebody else. */
    static final int MAX_DATAGRAM_BYTES = 2_048;

    private final DhtOptions options;
    private final RandomGenerator random;
    private final Timers timers = new Timers();
    private final Deque<Outgoing> outbox = new ArrayDeque<>();
    private final Tokens tokens;
    private final Calls calls;
    private final Neighbours neighbours;
    private final Reachability reachability;
    private final Upkeep upkeep;
    private final Set<Query> queries = new HashSet<>();
    private final List<Runnable> onceBootstrapped = new ArrayList<>();
    private final List<LongConsumer> onTick = new ArrayList<>();
    private final List<Runnable> onStop = new ArrayList<>();
    private final InternalCommands internal;
    private final Answers answers;
    private final IncomingRequest.Handler records;
    private final List<PeerAddress> bootstrapNodes;

    private boolean bootstrapped;
    private boolean suspended;
    private boolean closed;
    private long nowMs;
    private long malformed;

    /**
     * A node that knows nobody yet; {@link #start} lets it begin.
     *
     * @param bootstrap where to begin
     * @param serverPort the local port of the server socket
     * @param records answers requests about records
     */
    DhtNode(
            DhtOptions options,
            List<PeerAddress> bootstrap,
            int serverPort,
            IncomingRequest.Handler records,
            long nowMs) {
        this.options = options;
        this.bootstrapNodes = new ArrayList<>(bootstrap);
        this.records = records;
        this.nowMs = nowMs;
        Entropy entropy = options.entropy();
        random = () -> new CompactDecoder(entropy.bytes(8)).biguint64();
        tokens = new Tokens(entropy, nowMs);
        Parts parts = new Parts();
        neighbours = new Neighbours(parts, new NodeId(entropy.bytes(NodeId.BYTES)));
        internal = new InternalCommands(neighbours, timers);
        reachability = new Reachability(parts, options, serverPort);
        calls = new Calls(parts, timers, random, options.maxWindow(), options.adaptiveTimeout());
        answers = new Answers(parts, tokens, neighbours);
        upkeep = new Upkeep(parts, timers, neighbours, reachability, calls, random);
    }

    /** Begins: looks for its own neighbourhood, and finds out whether it can be reached if that is asked for. */
    void start(long now) {
        enter(now);
        upkeep.schedule();
        bootstrap();
    }

    /** Takes a datagram from a socket. Malformed ones and answers nobody waits for are dropped. */
    void receive(LocalSocket socket, PeerAddress from, byte[] datagram, long now) {
        enter(now);
        if (closed || suspended || from.port() == 0 || !Message.isMessage(datagram)) return;
        if (datagram.length > MAX_DATAGRAM_BYTES) {
            malformed++;
            return;
        }
        Message message;
        try {
            message = Message.decode(datagram);
        } catch (DecodingException e) {
            // Anybody can send anything: it is counted, and costs nothing else.
            malformed++;
            return;
        }
        switch (message) {
            case Message.Request request -> receive(socket, from, request);
            case Message.Reply reply -> calls.receive(from, socket, reply, from.confirm(reply.id()));
        }
    }

    /** Does what is due. */
    void wake(long now) {
        enter(now);
        timers.run(now);
    }

    /** When to call {@link #wake}; {@link Timers#NEVER} for not at all. */
    long nextWakeMs() {
        return timers.nextMs();
    }

    /** The next datagram to send, or null. */
    @Nullable
    Outgoing poll() {
        return outbox.poll();
    }

    /** Asks one node something, at the time of the event being handled. */
    void call(Question question, Call.Listener listener) {
        startCall(question, listener);
    }

    /** As {@link #call(Question, Call.Listener)}, through a certain socket. */
    void call(LocalSocket socket, Question question, Call.Listener listener) {
        if (mayCall(listener)) calls.start(socket, question, listener);
    }

    /** Sends a datagram that is none of the DHT's. */
    void send(Outgoing outgoing) {
        if (!closed && !suspended) outbox.add(outgoing);
    }

    /** Does something after some time, unless the node is suspended or closed before. */
    Timers.Timer after(long delayMs, Runnable action) {
        return timers.at(nowMs + delayMs, action);
    }

    /** Whether a node is there. With a delay of up to {@link InternalCommands#MAX_PING_DELAY_MS} it is to answer only then. */
    void ping(PeerAddress to, long delayMs, Call.Listener listener, long now) {
        enter(now);
        Question question = delayMs == 0
                ? Question.internal(to, Command.PING, null, null)
                : Question.internal(
                                to,
                                Command.DELAYED_PING,
                                null,
                                new CompactEncoder(4).uint32(delayMs).toBytes())
                        .withTimeoutMs(delayMs + 1_000);
        startCall(question, listener);
    }

    /** Asks ever closer nodes something; see {@link Query}. */
    Query query(Query.Spec spec, Query.Listener listener, Query.@Nullable Commit commit, long now) {
        enter(now);
        upkeep.queried();
        return startQuery(spec, listener, commit);
    }

    /** Adds nodes to begin with, found after the start, and looks around. */
    void addBootstrapNodes(List<PeerAddress> nodes, long now) {
        enter(now);
        nodes.stream().filter(node -> !bootstrapNodes.contains(node)).forEach(bootstrapNodes::add);
        refresh();
    }

    /** Runs something as soon as the node has found its neighbourhood, or given up looking; now if that was before. */
    void onceBootstrapped(Runnable action) {
        if (bootstrapped || closed) action.run();
        else onceBootstrapped.add(action);
    }

    /** Does something about every five seconds while the node is neither suspended nor closed. */
    void onTick(LongConsumer action) {
        onTick.add(action);
    }

    /** Does something whenever the node is suspended or closed. */
    void onStop(Runnable action) {
        onStop.add(action);
    }

    /** Ends an {@link #onTick}. */
    void offTick(LongConsumer action) {
        onTick.remove(action);
    }

    /** Lets go of everything under way and hears nothing until {@link #resume}. */
    void suspend(long now) {
        enter(now);
        if (suspended || closed) return;
        suspended = true;
        stop(Reason.SUSPENDED);
    }

    /** Goes on, not trusting what it knew before, with the server socket bound to this port. */
    void resume(int serverPort, long now) {
        enter(now);
        if (!suspended || closed) return;
        suspended = false;
        upkeep.schedule();
        upkeep.wakeUp();
        bootstrapped &= !reachability.bound(serverPort);
        if (bootstrapped) refresh();
        else bootstrap();
    }

    /** Ends it: whatever is under way fails. */
    void close(long now) {
        enter(now);
        if (closed) return;
        closed = true;
        stop(Reason.CLOSED);
        runOnceBootstrapped();
    }

    /** The id others know, or null while they may not rely on this node. */
    @Nullable
    NodeId id() {
        return reachability.ephemeral() ? null : table().id();
    }

    RoutingTable table() {
        return neighbours.table();
    }

    /** Up to so many nodes it knows, the one last heard of first. */
    List<PeerAddress> latest(int max) {
        return neighbours.latest(max);
    }

    RandomGenerator random() {
        return random;
    }

    /** The time of the event being handled. */
    long nowMs() {
        return nowMs;
    }

    Reachability reachability() {
        return reachability;
    }

    NetworkHealth health() {
        return upkeep.health();
    }

    Calls calls() {
        return calls;
    }

    int concurrency() {
        return options.concurrency();
    }

    boolean bootstrapped() {
        return bootstrapped;
    }

    /** How many datagrams were dropped because they were malformed. */
    long malformed() {
        return malformed;
    }

    /** How many queries run. */
    int queries() {
        return queries.size();
    }

    /** It is this late: what follows happens now. */
    void enter(long now) {
        nowMs = Math.max(nowMs, now);
    }

    private void stop(Reason reason) {
        for (Query query : List.copyOf(queries)) query.fail(reason);
        calls.failAll(reason);
        onStop.forEach(Runnable::run);
        timers.clear();
        outbox.clear();
        internal.forgetDelayedPings();
    }

    private @Nullable Call startCall(Question question, Call.Listener listener) {
        return mayCall(listener) ? calls.start(question, listener) : null;
    }

    private boolean mayCall(Call.Listener listener) {
        if (closed || suspended) listener.failed(closed ? Reason.CLOSED : Reason.SUSPENDED);
        return !closed && !suspended;
    }

    private Query startQuery(Query.Spec spec, Query.Listener listener, Query.@Nullable Commit commit) {
        Query query = new Query(new Queries(), spec, listener, commit);
        queries.add(query);
        if (closed || suspended) query.fail(closed ? Reason.CLOSED : Reason.SUSPENDED);
        else query.start();
        return query;
    }

    private @Nullable NodeId idOn(LocalSocket socket) {
        return socket == LocalSocket.SERVER ? id() : null;
    }

    private void heardFrom(LocalSocket socket, PeerAddress from, @Nullable NodeId id, PeerAddress seenAs) {
        if (!socket.isLasting()) return; // seen elsewhere than the two others know
        if (id == null) reachability.seenByStranger(from, seenAs);
        else neighbours.heardFrom(from, id, seenAs, socket == requestSocket());
    }

    /** The socket requests leave through, and where answers are expected. */
    LocalSocket requestSocket() {
        return reachability.firewalled() ? LocalSocket.CLIENT : LocalSocket.SERVER;
    }

    private void receive(LocalSocket socket, PeerAddress from, Message.Request message) {
        IncomingRequest request = new IncomingRequest(from, from.confirm(message.id()), socket, message, answers);
        Token token = message.token();
        if (token != null && !tokens.accepts(token, from, nowMs)) {
            request.error(ErrorCode.INVALID_TOKEN, true);
            return;
        }
        heardFrom(socket, from, request.id(), message.to());
        IncomingRequest.Handler handler = message.internal() ? internal : records;
        if (!handler.handle(request, nowMs)) request.error(ErrorCode.UNKNOWN_COMMAND, false);
    }

    private void refresh() {
        Contact contact = table().random(random);
        backgroundQuery(Target.of(contact == null ? table().id() : contact.id), answer -> {}, () -> {});
    }

    private void backgroundQuery(Target target, Consumer<Answer> answers, Runnable over) {
        upkeep.queried();
        BackgroundQuery listener = new BackgroundQuery(options.concurrency(), calls, answers, over);
        startQuery(new Query.Spec(target, true, Command.FIND_NODE, null, listener.slow()), listener, null);
    }

    private void bootstrap() {
        boolean persistent = options.mode() == DhtOptions.Mode.PERSISTENT;
        new Bootstrapping(persistent, reachability, new Parts()).round();
    }

    private void runOnceBootstrapped() {
        List<Runnable> actions = List.copyOf(onceBootstrapped);
        onceBootstrapped.clear();
        actions.forEach(Runnable::run);
    }

    /** What the parts of this node need of it. */
    private final class Parts
            implements Calls.Owner, Neighbours.Owner, Reachability.Owner, Bootstrapping.Owner, Upkeep.Owner {
        @Override
        public long nowMs() {
            return nowMs;
        }

        @Override
        public long tick() {
            return upkeep.now();
        }

        @Override
        public boolean bootstrapped() {
            return bootstrapped;
        }

        @Override
        public void lookAround(Consumer<Answer> answers, Runnable over) {
            backgroundQuery(Target.of(table().id()), answers, () -> {
                if (!closed && !suspended) over.run();
            });
        }

        @Override
        public void refresh() {
            DhtNode.this.refresh();
        }

        @Override
        public void ticked() {
            List.copyOf(onTick).forEach(action -> action.accept(nowMs));
        }

        @Override
        public void finishBootstrap() {
            bootstrapped = true;
            runOnceBootstrapped();
        }

        @Override
        public LocalSocket socket() {
            return requestSocket();
        }

        @Override
        public @Nullable NodeId ownId(LocalSocket socket) {
            return idOn(socket);
        }

        @Override
        public void send(Outgoing outgoing) {
            outbox.add(outgoing);
        }

        @Override
        public void answered(Answer answer) {
            heardFrom(
                    answer.socket(),
                    answer.from(),
                    answer.id(),
                    answer.message().to());
        }

        @Override
        public void unanswered(Question question) {
            NodeId id = question.id();
            if (id != null) neighbours.unanswered(id);
        }

        @Override
        public void call(Question question, Call.Listener listener) {
            startCall(question, listener);
        }

        @Override
        public void seenAs(PeerAddress address) {
            reachability.seenAs(address);
        }

        @Override
        public List<PeerAddress> latest(int max) {
            return neighbours.latest(max);
        }

        @Override
        public List<PeerAddress> bootstrapNodes() {
            return bootstrapNodes;
        }

        @Override
        public void moveTo(NodeId id) {
            if (table().id().equals(id)) return;
            neighbours.moveTo(id);
            if (bootstrapped) DhtNode.this.refresh();
        }
    }

    private final class Queries implements Query.Owner {
        @Override
        public RoutingTable table() {
            return neighbours.table();
        }

        @Override
        public List<PeerAddress> bootstrapNodes() {
            return bootstrapNodes;
        }

        @Override
        public boolean isOwn(NodeId id) {
            return neighbours.table().id().equals(id);
        }

        @Override
        public @Nullable Call call(Question question, Call.Listener listener) {
            return startCall(question, listener);
        }

        @Override
        public void cancel(Call call) {
            calls.cancel(call);
        }

        @Override
        public void hintDown(PeerAddress to, PeerAddress down) {
            if (!options.sendDownHints() || !upkeep.mayHintDown()) return;
            CompactEncoder value = new CompactEncoder(PeerAddress.BYTES);
            down.encode(value);
            startCall(Question.internal(to, Command.DOWN_HINT, null, value.toBytes()), Call.Listener.NOBODY);
        }

        @Override
        public void over(Query query) {
            queries.remove(query);
        }
    }
}
