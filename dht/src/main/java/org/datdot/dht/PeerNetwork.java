package org.datdot.dht;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.udx.StreamListener;
import org.datdot.udx.Udx;
import org.datdot.udx.UdxSocket;

/**
 * A node of the DHT whose ports also carry UDX streams, and so peers that connect by key (npm {@code hyperdht} 6). Methods
 * that wait are meant for virtual threads.
 */
public final class PeerNetwork implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PeerNetwork.class.getName());

    /** Longer than the nodes and the peer may take together. */
    private static final long CONNECT_MS = 30_000;

    private static final long WITHDRAW_MS = 15_000;
    private static final int PORTS_TRIED = 5;

    private final Udx udx;
    private final SharedPort server;
    private final SharedPort client;
    private final Dht dht;
    private final List<PeerAddress> local;
    private final Set<DhtServer> servers = ConcurrentHashMap.newKeySet();

    private PeerNetwork(Udx udx, SharedPort server, SharedPort client, DhtOptions options) {
        this.udx = udx;
        this.server = server;
        this.client = client;
        this.local = localAddresses(server.localAddress());
        this.dht = Dht.open(options, server, client);
    }

    /**
     * Starts a node.
     *
     * @param address the address to bind; when the port is taken the next four are tried, then any; port 0 for any
     */
    public static PeerNetwork open(DhtOptions options, InetSocketAddress address) throws IOException {
        Udx udx = new Udx();
        try {
            SharedPort server = bind(udx, address);
            SharedPort client = SharedPort.bind(udx, new InetSocketAddress(address.getAddress(), 0));
            return new PeerNetwork(udx, server, client, options);
        } catch (IOException | RuntimeException e) {
            udx.close();
            throw e;
        }
    }

    private static SharedPort bind(Udx udx, InetSocketAddress address) throws IOException {
        for (int i = 0; address.getPort() != 0 && i < PORTS_TRIED; i++) {
            int port = address.getPort() + i;
            try {
                if (port <= 65_535) return SharedPort.bind(udx, new InetSocketAddress(address.getAddress(), port));
            } catch (BindException e) {
                LOG.log(Level.DEBUG, () -> "port " + port + " is taken", e);
            }
        }
        return SharedPort.bind(udx, new InetSocketAddress(address.getAddress(), 0));
    }

    private static List<PeerAddress> localAddresses(InetSocketAddress bound) {
        if (!bound.getAddress().isAnyLocalAddress()) return List.of(PeerAddress.of(bound));
        List<PeerAddress> found = new ArrayList<>();
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(host -> host instanceof Inet4Address && !host.isLoopbackAddress())
                    .map(host -> PeerAddress.of(new InetSocketAddress(host, bound.getPort())))
                    .limit(8)
                    .forEach(found::add);
        } catch (SocketException e) {
            LOG.log(
                    Level.WARNING,
                    "cannot list this machine's addresses; peers in its own network take the long way",
                    e);
        }
        return found;
    }

    /** The DHT itself. */
    public Dht dht() {
        return dht;
    }

    /**
     * Lets peers connect to a key, and returns when it was announced for the first time. It stays announced until it is
     * closed.
     *
     * @throws IllegalArgumentException when something listens under the key here already
     */
    public DhtServer listen(KeyPair keys, PeerListener listener) {
        PeerRecord record = new PeerRecord(keys.publicKey(), List.of());
        Announcer announcer = new Announcer(dht.node(), keys);
        ServerHandshakes handshakes = new ServerHandshakes(
                keys,
                dht.options().entropy(),
                () -> new ServerHandshakes.Place(dht.node().reachability().openAddress(), local, announcer.relays()),
                listener::admits,
                () -> open(listener::connected));
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
            LOG.log(Level.DEBUG, "an announcement was not withdrawn; nodes forget it by themselves", e);
        }
    }

    /**
     * Connects to a peer by its key and returns when it is known where the peer is.
     *
     * @param keys who this side is to the peer
     * @param relays nodes that are known to pass on handshakes to it; may be empty
     * @param connected makes what hears the stream, from its first byte on; must not block
     */
    public Peer connect(
            KeyPair keys, PublicKey remote, List<PeerAddress> relays, Function<Peer, StreamListener> connected)
            throws ConnectException {
        CompletableFuture<Peer> done = new CompletableFuture<>();
        UdxPeerStream stream = open(peer -> {
            StreamListener listener = connected.apply(peer);
            done.complete(peer);
            return listener;
        });
        ClientHandshake.Outcome outcome = new ClientHandshake.Outcome() {
            @Override
            public void agreed() {
                // The stream itself tells when it is connected.
            }

            @Override
            public void failed(ConnectException.Reason reason) {
                done.completeExceptionally(failure(reason, remote));
            }
        };
        ClientHandshake[] running = new ClientHandshake[1];
        dht.run(now -> {
            running[0] = new ClientHandshake(
                    dht.node(), dht.router(), keys, remote, dht.options().entropy(), stream, local, outcome);
            running[0].start(relays, now);
        });
        try {
            return done.get(CONNECT_MS, TimeUnit.MILLISECONDS);
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
            stream.abandon();
            dht.run(now -> running[0].cancel());
        }
    }

    private UdxPeerStream open(Function<Peer, StreamListener> connected) {
        return UdxPeerStream.open(udx, dht.options().entropy(), this::socket, connected);
    }

    private UdxSocket socket(SocketKind kind) {
        return (kind == SocketKind.SERVER ? server : client).socket();
    }

    private static ConnectException failure(ConnectException.Reason reason, PublicKey remote) {
        return new ConnectException(
                reason,
                switch (reason) {
                    case NOT_FOUND -> "no node of the DHT knows " + remote + "; check that it listens";
                    case NO_ANSWER -> remote + " is known in the DHT but does not answer";
                    case REFUSED -> remote + " refused the connection";
                    case NEEDS_HOLEPUNCH ->
                        "neither side can be reached from outside, so a hole has to be punched to " + remote;
                    case UNAVAILABLE -> "this node is suspended, closed or busy";
                });
    }

    /** Withdraws what is announced, closes all connections and the node. Closing twice does nothing. */
    @Override
    public void close() {
        List.copyOf(servers).forEach(DhtServer::close);
        dht.close();
        udx.close();
    }
}
