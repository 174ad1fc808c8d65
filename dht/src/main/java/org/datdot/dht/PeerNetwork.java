package org.datdot.dht;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.CompactDecoder;
import org.datdot.udx.StreamListener;
import org.datdot.udx.Udx;
import org.jspecify.annotations.Nullable;

/**
 * A node of the DHT whose ports also carry UDX streams, and so peers that connect by key (npm {@code hyperdht} 6). Methods
 * that wait are meant for virtual threads.
 */
public final class PeerNetwork implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PeerNetwork.class.getName());

    /** Longer than the nodes, the peer, and probes to random ports may take together. */
    private static final long CONNECT_MS = 60_000;

    private static final long WITHDRAW_MS = 15_000;

    private final Udx udx;
    private final PeerSockets sockets;
    private final Dht dht;
    private final Punching punching;
    private final Work work = new Aside();
    private volatile LocalAddresses local;
    private final Set<DhtServer> servers = ConcurrentHashMap.newKeySet();

    private PeerNetwork(PeerSockets sockets, DhtOptions options) {
        this.udx = sockets.udx();
        this.sockets = sockets;
        this.local = LocalAddresses.of(sockets.server().localAddress());
        this.dht = Dht.start(options, sockets.server(), sockets.client(), sockets::send);
        this.punching = dht.read(node -> new Punching(node, sockets));
        dht.run(now -> dht.node().onStop(sockets::endPunches));
        sockets.belongTo(new PeerSockets.Owner() {
            @Override
            public void received(LocalSocket socket, byte[] datagram, InetSocketAddress from) {
                dht.received(socket, datagram, from);
            }

            @Override
            public void run(Consumer<Long> event) {
                dht.run(event);
            }
        });
    }

    @SuppressWarnings("NullAway") // a consumer takes null for what failed
    private static <T> Consumer<Long> done(Supplier<T> what, Consumer<T> then) {
        T result;
        try {
            result = what.get();
        } catch (RuntimeException e) {
            // A mistake of ours: it costs this handshake, and the place it takes.
            LOG.log(Level.ERROR, "a handshake could not be computed", e);
            return now -> then.accept(null);
        }
        return now -> then.accept(result);
    }

    /** Computes on virtual threads, so that packets do not wait for cryptography. */
    private final class Aside implements Work {
        @Override
        public <T> void run(Supplier<T> what, Consumer<T> then) {
            Thread.ofVirtual().name("dht-handshake").start(() -> {
                dht.run(done(what, then));
            });
        }
    }

    /** Computes on the thread that waits for the outcome, which would only be woken by another one otherwise. */
    private final class Waiting implements Work {
        private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

        @Override
        public <T> void run(Supplier<T> what, Consumer<T> then) {
            tasks.add(() -> dht.run(done(what, then)));
        }

        /** Works until there is an outcome. */
        <T> T await(CompletableFuture<T> outcome, long timeoutMs)
                throws InterruptedException, ExecutionException, TimeoutException {
            var _ = outcome.whenComplete((_, _) -> tasks.add(() -> {}));
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (!outcome.isDone()) {
                Runnable task = tasks.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (task == null) throw new TimeoutException();
                task.run();
            }
            return outcome.get();
        }
    }

    /**
     * Starts a node.
     *
     * @param address the address to bind; when the port is taken the next four are tried, then any; port 0 for any
     */
    public static PeerNetwork open(DhtOptions options, InetSocketAddress address) throws IOException {
        Udx udx = new Udx();
        try {
            return new PeerNetwork(PeerSockets.bind(udx, address), options);
        } catch (IOException | RuntimeException e) {
            udx.close();
            throw e;
        }
    }

    /** The DHT itself. */
    public Dht dht() {
        return dht;
    }

    /** From now on streams that find no direct way may go through relays. */
    public void relays(RelayDialer dialer) {
        sockets.relays(dialer);
    }

    /** As {@link #relays}, unless somebody asks relays already; returns whether this one does now. */
    public boolean relaysIfNobody(RelayDialer dialer) {
        return sockets.relaysIfNobody(dialer);
    }

    /**
     * Relays a stream between two others, who are told the ids of the streams this makes.
     *
     * @param ended runs once when it is over
     */
    public RelayedPair relay(RelayedPair.Side first, RelayedPair.Side second, Runnable ended) {
        return RelayedPair.open(udx, dht.options().entropy(), first, second, ended);
    }

    /** As {@link #listen(KeyPair, PeerListener, PublicKey)}, with the relay the listener names. */
    public DhtServer listen(KeyPair keys, PeerListener listener) {
        return listen(keys, listener, null);
    }

    /**
     * Lets peers connect to a key, and returns when it was announced for the first time. It stays announced until it is
     * closed.
     *
     * @param relayThrough a peer that joins streams for which there is no direct way, or is none yet, see {@link #relays}; null
     *     for the one the listener names
     * @throws IllegalArgumentException when something listens under the key here already
     */
    public DhtServer listen(KeyPair keys, PeerListener listener, @Nullable PublicKey relayThrough) {
        PeerRecord record = new PeerRecord(keys.publicKey(), List.of());
        Announcer announcer = new Announcer(dht.node(), keys);
        ServerHandshakes handshakes = new ServerHandshakes(
                new ServerHandshakes.Parts(
                        keys,
                        dht.options().entropy(),
                        () -> new ServerHandshakes.Place(
                                dht.node().reachability().openAddress(), local, announcer.ways()),
                        listener::admits,
                        watcher -> open(listener::connected, watcher),
                        work,
                        relayThrough == null ? listener::relayThrough : () -> relayThrough,
                        listener::mayPunch),
                punching);
        LongConsumer expire = handshakes::expire;
        CompletableFuture<Boolean> announced = new CompletableFuture<>();
        dht.run(now -> {
            if (!dht.router().add(record, handshakes)) {
                announced.complete(false);
                return;
            }
            dht.node().onTick(expire);
            announcer.start(() -> announced.complete(true), now);
        });
        AtomicBoolean closed = new AtomicBoolean();
        DhtServer[] self = new DhtServer[1];
        DhtServer made = new DhtServer(keys.publicKey(), new DhtServer.Host() {
            @Override
            public List<PeerAddress> relays() {
                return dht.read(node -> announcer.relays());
            }

            @Override
            public CompletableFuture<Boolean> suspend() {
                CompletableFuture<Boolean> withdrawn = new CompletableFuture<>();
                dht.run(now -> announcer.suspend(() -> withdrawn.complete(true)));
                return withdrawn;
            }

            @Override
            public CompletableFuture<Boolean> resume() {
                CompletableFuture<Boolean> announcedAgain = new CompletableFuture<>();
                dht.run(now -> announcer.resume(() -> announcedAgain.complete(true), now));
                return announcedAgain;
            }

            @Override
            public void close() {
                if (closed.getAndSet(true)) return;
                servers.remove(self[0]);
                CompletableFuture<Boolean> withdrawn = new CompletableFuture<>();
                dht.run(now -> {
                    dht.router().remove(record);
                    dht.node().offTick(expire);
                    handshakes.close();
                    announcer.stop(() -> withdrawn.complete(true));
                });
                awaitQuietly(withdrawn);
            }
        });
        self[0] = made;
        if (!Dht.await(announced)) {
            throw new IllegalArgumentException("something listens under " + keys.publicKey() + " here already");
        }
        servers.add(made);
        return made;
    }

    private static void awaitQuietly(CompletableFuture<Boolean> withdrawn) {
        try {
            withdrawn.get(WITHDRAW_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.DEBUG, "an announcement was not changed in time; nodes forget it by themselves", e);
        }
    }

    /** As {@link #connect(KeyPair, PublicKey, ConnectOptions, Function)}, with some nodes that pass on handshakes. */
    public Peer connect(
            KeyPair keys, PublicKey remote, List<PeerAddress> relays, Function<Peer, StreamListener> connected)
            throws ConnectException {
        return connect(keys, remote, ConnectOptions.DEFAULT.withRelays(relays), connected);
    }

    /**
     * Connects to a peer by its key and returns when it is known where the peer is.
     *
     * @param keys who this side is to the peer
     * @param connected makes what hears the stream, from its first byte on; must not block
     */
    public Peer connect(
            KeyPair keys, PublicKey remote, ConnectOptions options, Function<Peer, StreamListener> connected)
            throws ConnectException {
        CompletableFuture<Peer> done = new CompletableFuture<>();
        Attempt attempt = new Attempt();
        UdxPeerStream stream = open(
                peer -> {
                    StreamListener listener = connected.apply(peer);
                    done.complete(peer);
                    return listener;
                },
                attempt);
        ConnectRequest.Place place =
                dht.read(node -> new ConnectRequest.Place(node.reachability().openAddress(), local));
        Entropy entropy = dht.options().entropy();
        PublicKey relayThrough = options.relayThrough();
        NoisePayload.RelayThrough through =
                relayThrough == null ? null : NoisePayload.RelayThrough.withFreshToken(relayThrough, entropy);
        ConnectRequest request = new ConnectRequest(keys, remote, entropy, place, stream.id(), through);
        Waiting waiting = new Waiting();
        ConnectAttempt made = new ConnectAttempt(
                punching,
                dht.router(),
                waiting,
                request,
                through,
                stream,
                options.mayPunch(),
                reason -> done.completeExceptionally(failure(reason, remote)));
        dht.run(now -> {
            attempt.running = made;
            made.start(options.relays(), now);
        });
        try {
            return waiting.await(done, CONNECT_MS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ConnectException cause) throw failure(cause.reason(), remote);
            throw new IllegalStateException("connecting fails with ConnectException only", e);
        } catch (TimeoutException e) {
            if (stream.abandon()) throw failure(ConnectException.Reason.NO_ANSWER, remote);
            return done.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(ConnectException.Reason.UNAVAILABLE, remote);
        } finally {
            if (stream.abandon()) dht.run(now -> made.cancel());
        }
    }

    /** Passes on what becomes of a stream to the attempt it was made for; used with the lock of the DHT. */
    private static final class Attempt implements PeerStreams.Watcher {
        @Nullable
        ConnectAttempt running;

        @Override
        public void reached() {
            if (running != null) running.reached();
        }

        @Override
        public void relayFailed() {
            if (running != null) running.relayFailed();
        }

        @Override
        public void closed() {
            if (running != null) running.closed();
        }
    }

    private UdxPeerStream open(Function<Peer, StreamListener> connected, PeerStreams.Watcher watcher) {
        int id = (int) new CompactDecoder(dht.options().entropy().bytes(4)).uint32();
        return new UdxPeerStream(id, sockets, connected, watcher);
    }

    private static ConnectException failure(ConnectException.Reason reason, PublicKey remote) {
        return new ConnectException(
                reason,
                switch (reason) {
                    case NOT_FOUND -> "no node of the DHT knows " + remote + "; check that it listens";
                    case NO_ANSWER -> remote + " is known in the DHT but does not answer";
                    case REFUSED -> remote + " refused the connection";
                    case NOT_REACHABLE ->
                        "neither this side nor " + remote
                                + " can be reached from outside, and no hole could be punched; a relay would help";
                    case UNAVAILABLE -> "this node is suspended, closed or busy";
                });
    }

    /**
     * Withdraws what is announced, destroys all streams, which their peers are told, stops all traffic and frees the ports, until
     * {@link #resume}: for when the machine is put to sleep.
     */
    public void suspend() {
        servers.stream().map(DhtServer::suspend).toList().forEach(PeerNetwork::awaitQuietly);
        dht.suspend();
    }

    /**
     * Goes on after {@link #suspend}, in a network that may be another one: binds ports, see {@link Dht#resume}, and announces
     * again what listens. Waits until that was tried.
     */
    public void resume() {
        dht.resume();
        local = LocalAddresses.of(dht.localAddress());
        servers.stream().map(DhtServer::resume).toList().forEach(PeerNetwork::awaitQuietly);
    }

    /** Withdraws what is announced, closes all connections and the node. Closing twice does nothing. */
    @Override
    public void close() {
        List.copyOf(servers).forEach(DhtServer::close);
        dht.close();
        udx.close();
    }
}
