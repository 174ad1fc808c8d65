package org.datdot.hosting;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;
import org.datdot.dht.PeerNetwork;
import org.datdot.dht.Target;
import org.datdot.hypercore.Corestore;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Endpoint;
import org.datdot.swarm.Hyperswarm;
import org.datdot.swarm.JoinOptions;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;
import org.datdot.swarm.TopicSession;
import org.datdot.swarm.WebSocketServer;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * A node's connections and what they carry: on each of them, whoever dialled, the corestore replicates with every
 * Hypercore peer, and DatDot's replica channel opens when one side asks for it. A peer that is connected already is not
 * dialled again. Thread-safe.
 */
public final class Peers implements Closeable {
    private static final Executor TASKS =
            task -> Thread.ofVirtual().name("datdot-replica-send").start(task);

    /** How long a peer is dialled by its key before it is dialled at its address, too. */
    private static final long HEAD_START_MS = 2_000;

    private static final long LONGEST_MS = 30_000;
    private static final int LOOKS = 4;
    private static final long LOOK_AGAIN_MS = 1_000;

    private final Corestore store;
    private final Swarm swarm;
    private final Set<PeerLink> links = ConcurrentHashMap.newKeySet();
    private final Map<PublicKey, ReentrantLock> dialling = new ConcurrentHashMap<>();
    private final Map<CoreKey, TopicSession> announced = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Meeting> meeting = new AtomicReference<>();
    private final List<Consumer<Connection>> connectionListeners = new CopyOnWriteArrayList<>();
    private final Queue<CompletableFuture<Connection>> expected = new ConcurrentLinkedQueue<>();
    /** Ends what else lets peers in, and says so. */
    private final List<Runnable> doors = new CopyOnWriteArrayList<>();

    private volatile ReplicaServer server = new NothingToServe();

    /** The DHT that peers are met through. */
    private record Meeting(PeerNetwork network, Hyperswarm swarm) {}

    /** What a node answers that provides nothing. */
    private static final class NothingToServe implements ReplicaServer {
        @Override
        public Answer answer(PublicKey remote, ReplicaId id) {
            return new Answer.No(ReplicaMessage.Reason.NOT_YOURS, "this node provides nothing");
        }

        @Override
        public boolean receipt(PublicKey remote, ReplicaId id, Signature signature) {
            return false;
        }
    }

    /**
     * No connections yet.
     *
     * @param noise who this node is to its peers
     * @param store the cores replicated on every connection
     */
    public Peers(KeyPair noise, Corestore store, SwarmOptions options) {
        this.store = store;
        this.swarm = new Swarm(noise, this::onConnection, options);
    }

    /**
     * Accepts connections at an address.
     *
     * @param address port 0 for any free port
     * @return the address with its actual port
     * @throws IOException when it cannot be listened at, with advice
     */
    public InetSocketAddress listen(InetSocketAddress address) throws IOException {
        return swarm.listen(address);
    }

    /**
     * Meets peers through the DHT from now on: those that are dialled, by their keys; those that have a core, by {@link #find}.
     *
     * @param network stays the caller's, who closes it after this
     * @throws IllegalStateException when this has joined a network before
     */
    public void join(PeerNetwork network) {
        Meeting made = new Meeting(network, new Hyperswarm(swarm, network));
        if (!meeting.compareAndSet(null, made)) {
            made.swarm().close();
            throw new IllegalStateException("a network was joined before");
        }
    }

    /** The network that was joined. */
    Optional<PeerNetwork> network() {
        return Optional.ofNullable(meeting.get()).map(Meeting::network);
    }

    /** Lets peers connect that know this node's key, if a network was joined. Waits until that is known in the network. */
    public void listenByKey() {
        Meeting joined = meeting.get();
        if (joined != null) joined.swarm().listen();
    }

    /** Lets readers of a core find this node, if a network was joined, until {@link #withdraw}. */
    public void announce(CoreKey core) {
        Meeting joined = meeting.get();
        if (joined == null) return;
        announced.computeIfAbsent(core, _ -> joined.swarm().join(topic(core), JoinOptions.SERVER));
    }

    /** Waits until all that is announced is known in the network. Returns whether it is. */
    public boolean awaitAnnounced() {
        return announced.values().stream().allMatch(TopicSession::flushed);
    }

    /** Ends an {@link #announce}. */
    public void withdraw(CoreKey core) {
        TopicSession session = announced.remove(core);
        // Telling the network takes as long as it takes; nothing here waits for it.
        if (session != null) Thread.ofVirtual().name("datdot-withdraw").start(session::close);
    }

    /**
     * Looks for peers that have a core and connects to them, if a network was joined.
     *
     * @param done told whether anybody answered, as soon as all that were found at first were dialled
     */
    public void find(CoreKey core, Consumer<Boolean> done) {
        Meeting joined = meeting.get();
        if (joined == null) return;
        TopicSession session = joined.swarm().join(topic(core), JoinOptions.CLIENT);
        Thread.ofVirtual().name("datdot-find").start(() -> {
            for (int look = 0; look < LOOKS && swarm.connections().isEmpty(); look++) {
                // Whoever has just begun to host may not be announced everywhere yet.
                if (look > 0) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_AGAIN_MS));
                    if (!session.tryRefresh()) break;
                }
                session.flushed();
                joined.swarm().flush();
            }
            done.accept(!swarm.connections().isEmpty());
        });
    }

    private static Target topic(CoreKey core) {
        return Target.of(DiscoveryKey.of(core));
    }

    /** Has somebody hear of each connection there is or will be, before anything is read of a new one. */
    void onConnection(Consumer<Connection> listener) {
        connectionListeners.add(listener);
        links.forEach(link -> listener.accept(link.connection()));
    }

    /** Done with the next connection that comes about. */
    CompletableFuture<Connection> next() {
        CompletableFuture<Connection> waiting = new CompletableFuture<>();
        expected.add(waiting);
        return waiting;
    }

    /**
     * A connection to the peer with that key: one that exists, or else a new one.
     *
     * @param endpoints where to ask when it is not found by its key; none for nowhere
     * @throws IOException when nobody answers
     * @throws WireException when somebody else answers, or no handshake comes about
     */
    public Connection connect(List<Endpoint> endpoints, PublicKey key) throws IOException {
        return link(endpoints, key).connection();
    }

    /** As {@link #connect(List, PublicKey)}, with an address for TCP. */
    public Connection connect(@Nullable InetSocketAddress address, PublicKey key) throws IOException {
        return connect(endpoints(address), key);
    }

    private static List<Endpoint> endpoints(@Nullable InetSocketAddress address) {
        return address == null ? List.of() : List.of(new Endpoint.Tcp(address));
    }

    /**
     * A connection to whoever answers at the address.
     *
     * @throws IOException when nobody does
     * @throws WireException when no handshake comes about
     */
    public Connection connect(InetSocketAddress address) throws IOException {
        return swarm.connect(address, null);
    }

    /**
     * A connection to whoever answers at one of the endpoints, the first of them first.
     *
     * @throws IOException when nobody does
     * @throws WireException when no handshake comes about
     */
    public Connection connect(List<Endpoint> endpoints) throws IOException {
        IOException failure = null;
        for (Endpoint endpoint : endpoints) {
            try {
                return swarm.connect(endpoint, null);
            } catch (IOException e) {
                if (failure == null) failure = e;
                else failure.addSuppressed(e);
            }
        }
        throw failure == null ? new IOException("no address was given to connect to") : failure;
    }

    /**
     * Accepts WebSockets at an address, without TLS; a proxy in front may speak it.
     *
     * @param address port 0 for any free port
     * @return the address with its actual port
     * @throws IOException when it cannot be listened at, with advice
     */
    public InetSocketAddress listenForWebSockets(InetSocketAddress address) throws IOException {
        WebSocketServer started = WebSocketServer.start(swarm, address);
        doors.add(started::close);
        return started.address();
    }

    /**
     * Says in the DHT where this node accepts TCP and WebSocket, if a network was joined, for those whom no UDP reaches.
     *
     * @param endpoints as others see them, at most four
     */
    public void advertise(List<Endpoint> endpoints) {
        Meeting joined = meeting.get();
        if (joined == null || endpoints.isEmpty()) return;
        doors.add(swarm.advertise(joined.network(), endpoints)::close);
    }

    /** Where a peer says in the DHT that it accepts TCP and WebSocket; nowhere when it does not, or nobody answers. */
    public List<Endpoint> endpoints(PublicKey peer) {
        Meeting joined = meeting.get();
        return joined == null ? List.of() : swarm.endpoints(joined.network(), peer);
    }

    /** The connections at this moment. */
    public List<Connection> connections() {
        return swarm.connections();
    }

    /** The replica channel to the peer with that key, over a connection that exists or a new one. */
    ReplicaChannel replicaChannel(@Nullable InetSocketAddress address, PublicKey key) throws IOException {
        return link(endpoints(address), key).open();
    }

    private PeerLink link(List<Endpoint> endpoints, PublicKey key) throws IOException {
        ReentrantLock one = dialling.computeIfAbsent(key, _ -> new ReentrantLock());
        one.lock();
        try {
            PeerLink known = find(key);
            if (known != null) return known;
            dial(endpoints, key);
            PeerLink made = find(key);
            if (made == null) throw new IOException("the connection to " + key + " ended at once");
            return made;
        } finally {
            one.unlock();
            if (!one.hasQueuedThreads()) dialling.remove(key, one);
        }
    }

    /** By its key, and at its endpoints as soon as that fails or takes long. */
    private void dial(List<Endpoint> endpoints, PublicKey key) throws IOException {
        Meeting joined = meeting.get();
        if (joined == null) {
            if (endpoints.isEmpty()) throw new IOException(key + " has said nowhere where it can be reached");
            swarm.connect(key, endpoints);
            return;
        }
        CompletableFuture<Connection> byKey = joined.swarm().connect(key);
        IOException failure;
        try {
            byKey.get(endpoints.isEmpty() ? LONGEST_MS : HEAD_START_MS, TimeUnit.MILLISECONDS);
            return;
        } catch (TimeoutException e) {
            failure = new IOException(key + " did not answer in time", e);
        } catch (ExecutionException e) {
            failure = new IOException(
                    String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while dialling " + key);
        }
        if (endpoints.isEmpty()) throw failure;
        try {
            swarm.connect(key, endpoints);
        } catch (IOException e) {
            e.addSuppressed(failure);
            throw e;
        }
    }

    private @Nullable PeerLink find(PublicKey key) {
        for (PeerLink link : links) {
            if (link.remote().equals(key) && !link.connection().closed().isDone()) return link;
        }
        return null;
    }

    private void onConnection(Connection connection) {
        PeerLink link = new PeerLink(connection, new Delegate());
        store.replicate(connection.mux());
        link.attach();
        connectionListeners.forEach(listener -> listener.accept(connection));
        links.add(link);
        for (CompletableFuture<Connection> one = expected.poll(); one != null; one = expected.poll()) {
            one.complete(connection);
        }
        var _ = connection.closed().thenRun(() -> links.remove(link));
    }

    /** Whoever serves at the moment of the question. */
    private final class Delegate implements ReplicaServer {
        @Override
        public Answer answer(PublicKey remote, ReplicaId id) {
            return server.answer(remote, id);
        }

        @Override
        public boolean receipt(PublicKey remote, ReplicaId id, Signature signature) {
            return server.receipt(remote, id, signature);
        }
    }

    /** Answers replica channels from now on. */
    void serveReplicas(ReplicaServer replicas) {
        this.server = replicas;
    }

    /** What answers replica channels now. */
    ReplicaServer replicaServer() {
        return server;
    }

    /** Answers replica channels no more. */
    void serveNoReplicas() {
        this.server = new NothingToServe();
    }

    /** Looks again at what peers wait for. */
    void recheck(boolean newBlock) {
        for (PeerLink link : links) {
            ReplicaChannel channel = link.opened();
            if (channel != null) channel.recheck(newBlock);
        }
    }

    /** Ends all connections and listens no more. */
    @Override
    public void close() {
        Meeting joined = meeting.get();
        if (joined != null) joined.swarm().close();
        swarm.close();
        doors.forEach(Runnable::run);
    }

    /** Runs short tasks of the channels. */
    static Executor tasks() {
        return TASKS;
    }
}
