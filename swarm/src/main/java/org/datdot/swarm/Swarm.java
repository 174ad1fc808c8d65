package org.datdot.swarm;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.ConnectException;
import org.datdot.dht.ConnectOptions;
import org.datdot.dht.DhtServer;
import org.datdot.dht.Peer;
import org.datdot.dht.PeerNetwork;
import org.datdot.udx.StreamListener;
import org.datdot.wire.NoiseSession;
import org.datdot.wire.WireException;
import org.datdot.wire.WireException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * All connections of a node, made and accepted under one key, whatever they run on: TCP and WebSocket, dialled by address, and
 * UDX, dialled by key through the DHT, which also tells addresses for those whom no UDP reaches. {@link Hyperswarm} finds whom to dial.
 *
 * <p>Two dead ends are noticed: a peer that vanished (by its missing keep-alives, or by TCP's keep-alive after about a minute)
 * and a peer that takes nothing of what waits for it.
 */
public final class Swarm implements Closeable {
    private static final System.Logger LOG = System.getLogger(Swarm.class.getName());

    private static final int BACKLOG = 256;
    private static final long ACCEPT_RETRY_MS = 200;
    private static final long CLOSE_TIMEOUT_MS = 5_000;

    private final KeyPair keys;
    private final SwarmListener listener;
    private final SwarmOptions options;
    private final BufferPool pool = new BufferPool();
    private final Set<Connection> all = ConcurrentHashMap.newKeySet();
    private final Set<Connection> established = ConcurrentHashMap.newKeySet();
    private final List<ServerSocketChannel> servers = new ArrayList<>();
    private final List<Thread> acceptors = new ArrayList<>();
    private final Semaphore connectionSlots;
    private final Semaphore handshakeSlots;
    private final ReentrantLock lock = new ReentrantLock();
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean ticking;
    private @Nullable PeerNetwork network;
    private @Nullable PublicKey relay;
    private @Nullable DhtServer dhtServer;

    /** A swarm with default options, see {@link SwarmOptions#defaults()}. */
    public Swarm(KeyPair keys, SwarmListener listener) {
        this(keys, listener, SwarmOptions.defaults());
    }

    /**
     * A swarm without connections; nothing runs before the first {@link #listen} or {@link #connect}.
     *
     * @param keys who this node is to its peers
     */
    public Swarm(KeyPair keys, SwarmListener listener, SwarmOptions options) {
        this.keys = keys;
        this.listener = listener;
        this.options = options;
        connectionSlots = new Semaphore(options.maxConnections());
        handshakeSlots = new Semaphore(options.maxHandshakes());
    }

    /** Who this node is to its peers. */
    public PublicKey publicKey() {
        return keys.publicKey();
    }

    /** The connections whose handshake is over and which are not closed, at this moment. */
    public List<Connection> connections() {
        return List.copyOf(established);
    }

    /**
     * Accepts connections at an address, besides others it listens on.
     *
     * @param address port 0 for any free port
     * @return the address with its actual port
     * @throws BindException when another program has the port, or the address is not one of this machine
     */
    public InetSocketAddress listen(InetSocketAddress address) throws IOException {
        if (address.isUnresolved()) {
            throw new UnknownHostException("there is no host called " + address.getHostString() + " to listen at");
        }
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.bind(address, BACKLOG);
            InetSocketAddress actual = (InetSocketAddress) server.getLocalAddress();
            lock.lock();
            try {
                requireOpen();
                servers.add(server);
                acceptors.add(Thread.ofVirtual().name("swarm-accept " + actual).start(() -> accept(server)));
                startTicking();
            } finally {
                lock.unlock();
            }
            return actual;
        } catch (BindException e) {
            server.close();
            BindException clear = new BindException("cannot listen at " + address.getHostString() + " port "
                    + address.getPort() + " (" + e.getMessage()
                    + "); choose another port, or stop the program which uses this one");
            clear.initCause(e);
            throw clear;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /**
     * Dials a peer and returns when the handshake is over and {@link SwarmListener#onConnection} has run.
     *
     * @param expected the key the peer has to prove; null takes everybody who answers
     * @throws IOException when nobody answers at the address
     * @throws WireException when somebody answers but the handshake fails, in particular {@link Reason#WRONG_KEY} and {@link
     *     Reason#TIMED_OUT}; {@link Reason#LIMIT_EXCEEDED} when there are too many connections
     */
    public Connection connect(InetSocketAddress address, @Nullable PublicKey expected) throws IOException {
        return connect(address, expected, _ -> true);
    }

    private Connection connect(InetSocketAddress address, @Nullable PublicKey expected, Gate gate) throws IOException {
        if (address.isUnresolved()) {
            throw new UnknownHostException("there is no host called " + address.getHostString());
        }
        TcpStream stream = new TcpStream();
        Connection connection = new Connection(stream, true, keys, expected, options, pool);
        return join(connection, () -> stream.dial(address), gate);
    }

    /**
     * Dials a peer over TCP or WebSocket and returns when the handshake is over and {@link SwarmListener#onConnection} has run.
     *
     * @param expected the key the peer has to prove; null takes everybody who answers
     * @throws IOException when nobody answers there
     * @throws WireException as for {@link #connect(InetSocketAddress, PublicKey)}
     */
    public Connection connect(Endpoint endpoint, @Nullable PublicKey expected) throws IOException {
        return connect(endpoint, expected, _ -> true);
    }

    Connection connect(Endpoint endpoint, @Nullable PublicKey expected, Gate gate) throws IOException {
        return switch (endpoint) {
            case Endpoint.Tcp tcp -> connect(tcp.resolve(), expected, gate);
            case Endpoint.WebSocket webSocket -> {
                ByteStream stream = WebSocketClient.dial(webSocket);
                yield join(new Connection(stream, true, keys, expected, options, pool), () -> {}, gate);
            }
        };
    }

    /**
     * Accepts connections under this swarm's key through the DHT, and dials by key from now on. Returns when the key was
     * announced for the first time.
     *
     * @param newNetwork stays the caller's, who closes it after this swarm
     * @throws IllegalStateException when this swarm has joined a network before
     */
    public void join(PeerNetwork newNetwork) {
        join(newNetwork, null);
    }

    /** As {@link #join(PeerNetwork)}, with a peer that relays what finds no direct way; see {@link PeerNetwork#relays}. */
    public void join(PeerNetwork newNetwork, @Nullable PublicKey newRelay) {
        use(newNetwork, newRelay);
        DhtServer server = newNetwork.listen(keys, this::accept, newRelay);
        boolean late;
        lock.lock();
        try {
            dhtServer = server;
            late = closed.getCount() == 0;
        } finally {
            lock.unlock();
        }
        if (late) server.close();
    }

    /**
     * Dials by key through the DHT from now on, and accepts nobody through it.
     *
     * @param newNetwork stays the caller's, who closes it after this swarm
     * @throws IllegalStateException when this swarm has joined a network before
     */
    public void dialThrough(PeerNetwork newNetwork) {
        use(newNetwork, null);
    }

    private void use(PeerNetwork newNetwork, @Nullable PublicKey newRelay) {
        lock.lock();
        try {
            requireOpen();
            if (network != null) throw new IllegalStateException("this swarm has joined a network already");
            network = newNetwork;
            relay = newRelay;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Dials a peer by its key through the DHT and returns when the handshake is over and {@link SwarmListener#onConnection}
     * has run. When UDP fails, or takes some seconds, it is also dialled where it says in the DHT that it accepts TCP or
     * WebSocket.
     *
     * @throws ConnectException when the peer is not found, does not answer or refuses
     * @throws WireException as for {@link #adopt}
     * @throws IllegalStateException before {@link #join} or {@link #dialThrough}
     */
    public Connection connect(PublicKey peer) throws IOException {
        PeerWays ways = ways();
        if (!ways.throughDht()) throw new IllegalStateException("join a network before dialling by key");
        return ways.dial(peer, List.of(), _ -> true);
    }

    /**
     * Dials a peer where it is known to accept TCP and WebSocket, side by side, and returns when the first handshake is over in
     * which it proves its key, and {@link SwarmListener#onConnection} has run.
     *
     * @param endpoints at least one
     * @throws IOException when it answers at none of them
     * @throws WireException as for TCP
     */
    public Connection connect(PublicKey peer, List<Endpoint> endpoints) throws IOException {
        return new PeerWays(this, null, ConnectOptions.DEFAULT).dial(peer, endpoints, _ -> true);
    }

    /** Where a peer says in the DHT that it accepts TCP and WebSocket; nowhere when it does not, or nobody answers. */
    public List<Endpoint> endpoints(PeerNetwork through, PublicKey peer) {
        return new PeerWays(this, through, ConnectOptions.DEFAULT).endpoints(peer);
    }

    /**
     * Says in the DHT where this swarm accepts TCP and WebSocket, for those whom no UDP reaches, until that is closed.
     *
     * @param endpoints at most four, as others see them
     */
    public Advertisement advertise(PeerNetwork through, List<Endpoint> endpoints) {
        Advertisement made = new Advertisement(through.dht(), keys, endpoints);
        made.start();
        return made;
    }

    private PeerWays ways() {
        lock.lock();
        try {
            requireOpen();
            return new PeerWays(this, network, ConnectOptions.DEFAULT.withRelayThrough(relay));
        } finally {
            lock.unlock();
        }
    }

    /** A peer came through the DHT. */
    private StreamListener accept(Peer peer) {
        return accept(peer, _ -> true);
    }

    /** A peer came through the DHT; nothing is waited for here. */
    StreamListener accept(Peer peer, Gate gate) {
        UdxByteStream stream = new UdxByteStream(peer.stream(), peer.address());
        if (!handshakeSlots.tryAcquire()) {
            LOG.log(Level.DEBUG, "refused a connection: {0} handshakes are under way", options.maxHandshakes());
            peer.stream().destroy();
            return stream;
        }
        Thread.ofVirtual().name("swarm-accept " + peer.address()).start(() -> {
            try {
                join(begin(stream, peer.session()), () -> {}, gate);
            } catch (IOException | WireException | IllegalStateException e) {
                LOG.log(Level.DEBUG, "an incoming connection did not come about", e);
                stream.close();
            } finally {
                handshakeSlots.release();
            }
        });
        return stream;
    }

    /**
     * Takes over a stream on which a handshake through another way is to go on, such as one by the DHT, and returns when both
     * headers are exchanged and {@link SwarmListener#onConnection} has run.
     *
     * @param stream connected; closed by this swarm, also when this call fails
     * @param session what the handshake gave
     * @throws WireException when the peer's header is not that of the session, or does not come in time; {@link
     *     Reason#LIMIT_EXCEEDED} when there are too many connections
     */
    public Connection adopt(ByteStream stream, NoiseSession session) throws IOException {
        return join(begin(stream, session), _ -> true);
    }

    /** A connection on a stream on which a handshake is to go on; then {@link #join(Connection, Gate)}. */
    Connection begin(ByteStream stream, NoiseSession session) {
        return new Connection(stream, session, options, pool);
    }

    /** Finishes the handshake of a connection that was begun, and runs it if it is wanted. */
    Connection join(Connection connection, Gate gate) throws IOException {
        return join(connection, () -> {}, gate);
    }

    /** Who this node is to its peers. */
    KeyPair keys() {
        return keys;
    }

    /** What has to happen before a connection's handshake. */
    private interface Preparation {
        void run() throws IOException;
    }

    private Connection join(Connection connection, Preparation preparation, Gate gate) throws IOException {
        if (!connectionSlots.tryAcquire()) {
            WireException refused = new WireException(
                    Reason.LIMIT_EXCEEDED,
                    "there are " + options.maxConnections() + " connections already; close some before dialling");
            connection.fail(refused);
            connection.finish();
            throw refused;
        }
        boolean running = false;
        try {
            register(connection);
            if (!gate.begun(connection)) throw new WireException(Reason.CLOSED, "nobody waits for the connection");
            prepare(connection, preparation);
            connection.handshake();
            if (!gate.admits(connection)) {
                throw new WireException(Reason.CLOSED, "there is another connection to the peer");
            }
            announce(connection);
            gate.joined(connection);
            connection.startWriting();
            Thread.ofVirtual().name("swarm-reader").start(() -> run(connection));
            running = true;
            return connection;
        } finally {
            if (!running) {
                connection.fail(new WireException(Reason.CLOSED, "the connection was not made"));
                all.remove(connection);
                connection.finish();
                connectionSlots.release();
            }
        }
    }

    private static void prepare(Connection connection, Preparation preparation) throws IOException {
        try {
            preparation.run();
        } catch (ClosedChannelException e) {
            WireException cause = connection.failure(); // such as a time-out, or this swarm's end
            if (cause != null) {
                throw cause;
            }
            throw e;
        }
    }

    /** Stops listening and closes all connections; what is queued on them is written if that works within 5 seconds. */
    @Override
    public void close() {
        DhtServer announced = null;
        List<Thread> accepting = List.of();
        lock.lock();
        try {
            closed.countDown();
            accepting = List.copyOf(acceptors);
            announced = dhtServer;
            for (ServerSocketChannel server : servers) {
                server.close();
            }
            servers.clear();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "closing a listening socket failed", e);
        } finally {
            lock.unlock();
        }
        if (announced != null) announced.close();
        all.forEach(Connection::close);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_TIMEOUT_MS);
        accepting.forEach(Swarm::awaitEnd);
        for (Connection connection : all) {
            awaitClosed(connection, deadline);
        }
    }

    /** Lets each connection send its keep-alive and notice its time-outs. */
    void tick() {
        long now = options.nanoClock().getAsLong();
        for (Connection connection : all) {
            connection.tick(now);
        }
    }

    /** A socket in which a thread waits is closed by that thread: until then the system still takes connections for it. */
    private static void awaitEnd(Thread acceptor) {
        try {
            acceptor.join(CLOSE_TIMEOUT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitClosed(Connection connection, long deadlineNanos) {
        try {
            connection.closed().get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            connection.fail(new WireException(Reason.CLOSED, "closed before all was written", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            connection.fail(new WireException(Reason.CLOSED, "closed", e));
        } catch (ExecutionException e) {
            throw new IllegalStateException("a connection's end failed", e);
        }
    }

    private void accept(ServerSocketChannel server) {
        while (server.isOpen()) {
            try {
                admit(server.accept());
            } catch (AsynchronousCloseException e) {
                LOG.log(Level.DEBUG, "stopped listening", e);
                return;
            } catch (IOException e) {
                // Out of file descriptors, most likely: others will end meanwhile.
                LOG.log(Level.WARNING, "could not accept a connection; trying again", e);
                if (awaitClosed(ACCEPT_RETRY_MS)) {
                    return;
                }
            }
        }
    }

    private void admit(SocketChannel channel) throws IOException {
        TcpStream stream = new TcpStream(channel);
        admit(stream, stream::accepted);
    }

    /** Takes a stream on which somebody connected who is to begin a handshake; closes it when there are too many. */
    void accept(ByteStream stream) throws IOException {
        admit(stream, () -> {});
    }

    private void admit(ByteStream stream, Preparation preparation) throws IOException {
        if (!connectionSlots.tryAcquire()) {
            LOG.log(Level.DEBUG, "refused a connection: there are {0} already", options.maxConnections());
            stream.close();
            return;
        }
        if (!handshakeSlots.tryAcquire()) {
            LOG.log(Level.DEBUG, "refused a connection: {0} handshakes are under way", options.maxHandshakes());
            connectionSlots.release();
            stream.close();
            return;
        }
        Thread.ofVirtual().name("swarm-reader").start(() -> serve(stream, preparation));
    }

    private void serve(ByteStream stream, Preparation preparation) {
        boolean inHandshake = true;
        boolean running = false;
        Connection connection = new Connection(stream, false, keys, null, options, pool);
        try {
            register(connection);
            preparation.run();
            connection.handshake();
            handshakeSlots.release();
            inHandshake = false;
            announce(connection);
            running = true;
        } catch (IOException | WireException | IllegalStateException e) {
            LOG.log(Level.DEBUG, "an incoming connection did not come about", e);
        } finally {
            if (inHandshake) {
                handshakeSlots.release();
            }
            if (!running) {
                connection.fail(new WireException(Reason.CLOSED, "the connection was not made"));
                all.remove(connection);
                connectionSlots.release();
                connection.finish();
            }
        }
        if (running) {
            connection.startWriting();
            run(connection);
        }
    }

    private void announce(Connection connection) {
        established.add(connection);
        try {
            listener.onConnection(connection);
        } catch (RuntimeException e) {
            established.remove(connection);
            WireException cause = new WireException(Reason.HANDLER_FAILED, "preparing a connection failed: " + e, e);
            connection.fail(cause);
            throw cause;
        }
    }

    private void run(Connection connection) {
        boolean over = true;
        try {
            over = connection.run(() -> Thread.ofVirtual().name("swarm-reader").start(() -> run(connection)));
        } finally {
            if (over) {
                established.remove(connection);
                all.remove(connection);
                connectionSlots.release();
                connection.finish();
            }
        }
    }

    private void register(Connection connection) {
        lock.lock();
        try {
            requireOpen();
            all.add(connection);
            startTicking();
        } finally {
            lock.unlock();
        }
    }

    private void startTicking() {
        if (!ticking) {
            ticking = true;
            long shortest = Math.min(options.handshakeTimeoutMs(), Math.max(options.keepAliveMs(), 1));
            long intervalMs = Math.clamp(shortest / 4, 20, 1000);
            Thread.ofVirtual().name("swarm-ticker").start(() -> {
                while (!awaitClosed(intervalMs)) {
                    tick();
                }
            });
        }
    }

    private boolean awaitClosed(long timeoutMs) {
        try {
            return closed.await(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void requireOpen() {
        if (closed.getCount() == 0) {
            throw new IllegalStateException("this swarm is closed");
        }
    }
}
