package org.datdot.dht;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.DhtException.Reason;
import org.datdot.encoding.CompactDecoder;
import org.jspecify.annotations.Nullable;

/**
 * A node of the DHT: finds peers and small values, announces peers and stores values, and does its share for others (npm
 * {@code hyperdht} 6). Runs on two UDP sockets. Methods wait for the network and are meant for virtual threads; all of them
 * throw {@link DhtException} when what was asked for did not happen.
 */
public final class Dht implements AutoCloseable {
    /** The longest value nodes are asked to store: what fits into one unfragmented datagram with all that goes along. */
    public static final int MAX_VALUE_BYTES = 1_000;

    /** The port nodes of the public network prefer. */
    public static final int DEFAULT_PORT = 49_737;

    private static final System.Logger LOG = System.getLogger(Dht.class.getName());

    private final DhtPorts ports;
    private final Consumer<Outgoing> others;
    private final DhtNode node;
    private final RecordStore store;
    private final RecordClient records;
    private final Router router;
    private final DhtOptions options;
    private final ReentrantLock lock = new ReentrantLock();
    /** Taken before the other one. */
    private final ReentrantLock binding = new ReentrantLock();

    private final Condition earlier = lock.newCondition();
    private final long startedNanos = System.nanoTime();
    private long plannedWakeMs;
    private boolean closed;

    private Dht(DhtOptions options, DhtPorts ports, Consumer<Outgoing> others) {
        this.options = options;
        this.others = others;
        this.ports = ports;
        List<PeerAddress> bootstrap = new ArrayList<>();
        for (BootstrapNode known : options.bootstrap()) {
            if (known.address() != null) bootstrap.add(known.address());
            else bootstrap.addAll(known.resolve());
        }
        AtomicReference<@Nullable DhtNode> self = new AtomicReference<>();
        store = new RecordStore(
                options.storage(),
                () -> {
                    DhtNode own = self.get();
                    return own == null ? null : own.id();
                },
                options.wallClock(),
                () -> new CompactDecoder(options.entropy().bytes(8)).biguint64(),
                0);
        router = new Router(store.forwards(), 0);
        IncomingRequest.Handler handler = (request, now) -> router.handle(request, now) || store.handle(request, now);
        node = new DhtNode(options, bootstrap, ports.server().localAddress().getPort(), handler, 0);
        self.set(node);
        records = new RecordClient(node);
    }

    /**
     * Starts a node on two ports. It can be used at once; what is asked for before it has found its neighbourhood may find
     * less.
     *
     * @param server the port others know; closed with the node
     * @param client the port for requests as long as the other may be behind a firewall; closed with the node
     */
    public static Dht open(DhtOptions options, DatagramPort server, DatagramPort client) {
        return start(options, server, client, datagram -> {});
    }

    /**
     * As {@link #open(DhtOptions, DatagramPort, DatagramPort)}.
     *
     * @param others sends what is to leave through another socket
     */
    static Dht start(DhtOptions options, DatagramPort server, DatagramPort client, Consumer<Outgoing> others) {
        Dht dht = new Dht(options, new DhtPorts(server, client), others);
        dht.start(options);
        return dht;
    }

    /**
     * Starts a node on UDP sockets of its own.
     *
     * @param local the address to bind; when the port is taken the next four are tried, then any, as stock nodes do; port 0
     *     for any
     */
    public static Dht open(DhtOptions options, InetSocketAddress local) throws IOException {
        DatagramPort server = DhtPorts.bindServer(local);
        try {
            return open(options, server, UdpPort.bind(new InetSocketAddress(local.getAddress(), 0)));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /**
     * Starts the first node of a network.
     *
     * @param publicAddress where others reach it; exactly this port is bound, on all interfaces unless the host is a loopback
     *     address
     */
    public static Dht bootstrapper(PeerAddress publicAddress) throws IOException {
        InetSocketAddress address = publicAddress.toSocketAddress();
        InetAddress host =
                address.getAddress().isLoopbackAddress() ? address.getAddress() : new InetSocketAddress(0).getAddress();
        DatagramPort server = UdpPort.bind(new InetSocketAddress(host, publicAddress.port()));
        PeerAddress bound =
                new PeerAddress(publicAddress.host(), server.localAddress().getPort());
        try {
            return open(DhtOptions.bootstrapper(bound), server, UdpPort.bind(new InetSocketAddress(host, 0)));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void start(DhtOptions options) {
        ports.listen(this::received);
        run(now -> {
            node.onceBootstrapped(() -> lookUpNames(options));
            node.start(now);
        });
        Thread.ofVirtual().name("dht-timer " + localAddress()).start(this::keepTime);
    }

    /** The names of bootstrap nodes are only looked up when nobody answered at their addresses. */
    private void lookUpNames(DhtOptions options) {
        if (closed || node.table().size() > 0) return;
        List<BootstrapNode> named = options.bootstrap().stream()
                .filter(known -> known.address() != null && known.name() != null)
                .toList();
        if (named.isEmpty()) return;
        Thread.ofVirtual().name("dht-names").start(() -> {
            List<PeerAddress> found = new ArrayList<>();
            for (BootstrapNode known : named) found.addAll(known.resolve());
            run(now -> node.addBootstrapNodes(found, now));
        });
    }

    /** Waits until the node has found its neighbourhood, or given up looking: it can be used before, but finds less. */
    public void awaitBootstrapped() {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        run(now -> node.onceBootstrapped(() -> done.complete(true)));
        await(done);
    }

    /** Where the server socket is bound, or was before it was suspended. */
    public InetSocketAddress localAddress() {
        return ports.server().localAddress();
    }

    /** Who is announced under a topic: one result for each node that knows somebody, as they answer. */
    public DhtResults<LookupResult> lookup(Target topic) {
        return stream((results, now) -> records.lookup(topic, results::add, end(results), now));
    }

    /** The nodes that pass on handshakes to a peer, as they answer. */
    public DhtResults<FoundPeer> findPeer(PublicKey key) {
        return stream((results, now) -> records.findPeer(key, results::add, end(results), now));
    }

    /**
     * Announces a peer under a topic. Nodes forget it after about 20 minutes.
     *
     * @param relays nodes that pass on handshakes to the peer, of which others keep three
     * @return the nodes closest to the topic, which were asked to keep it
     */
    public List<PeerAddress> announce(Target topic, KeyPair keys, List<PeerAddress> relays) {
        return write((end, now) -> records.announce(topic, keys, relays, 0, end, now));
    }

    /** Withdraws an announcement from all nodes that are met and have it. */
    public void unannounce(Target topic, KeyPair keys) {
        write((end, now) -> {
            store.forget(topic, keys.publicKey());
            return records.unannounce(topic, keys, end, now);
        });
    }

    /**
     * Stores a value under its hash. Nodes forget it after about two days without being asked for it.
     *
     * @param value up to {@link #MAX_VALUE_BYTES}
     * @return where it is found
     */
    public Target immutablePut(byte[] value) {
        byte[] copy = requireShort(value);
        write((end, now) -> records.immutablePut(copy, end, now));
        return Target.hash(copy);
    }

    /** The value with a hash; null when no node has it. */
    public byte @Nullable [] immutableGet(Target target) {
        try (DhtResults<byte[]> found =
                stream((results, now) -> records.immutableGet(target, results::add, end(results), now))) {
            return found.hasNext() ? found.next() : null;
        }
    }

    /**
     * Stores a signed value under the hash of its owner's key, in place of those with lower numbers.
     *
     * @param value up to {@link #MAX_VALUE_BYTES}
     * @param seq its number, from 0
     * @throws DhtException with {@link Reason#OUTDATED} when there is a newer value, or another one with this number
     */
    public MutableValue mutablePut(KeyPair keys, byte[] value, long seq) {
        MutableValue signed = RecordSignatures.signMutable(seq, requireShort(value), keys);
        write((end, now) -> records.mutablePut(keys.publicKey(), signed, end, now));
        return signed;
    }

    /**
     * The newest value of an owner that any of the nodes has; null when none has one.
     *
     * @param fromSeq older ones are not looked for
     */
    public @Nullable MutableValue mutableGet(PublicKey owner, long fromSeq) {
        MutableValue newest = null;
        try (DhtResults<MutableValue> found =
                stream((results, now) -> records.mutableGet(owner, fromSeq, results::add, end(results), now))) {
            while (found.hasNext()) {
                MutableValue value = found.next();
                if (newest == null || value.seq() > newest.seq()) newest = value;
            }
        }
        return newest;
    }

    /** How long a node takes to answer. */
    public Duration ping(PeerAddress to) {
        CompletableFuture<Duration> answered = new CompletableFuture<>();
        run(now -> node.ping(
                to,
                0,
                new Call.Listener() {
                    @Override
                    public void replied(Call.Answer answer) {
                        answered.complete(Duration.ofMillis(answer.roundTripMs()));
                    }

                    @Override
                    public void failed(Reason reason) {
                        answered.completeExceptionally(DhtException.of(reason));
                    }
                },
                now));
        return await(answered);
    }

    /** The nodes it knows, the closest to its own id first. */
    public List<PeerAddress> nodes() {
        return read(
                n -> n.table().all().stream().map(contact -> contact.address).toList());
    }

    /** How it is doing. */
    public DhtInfo info() {
        return read(n -> new DhtInfo(
                n.id(),
                n.reachability().address(),
                n.reachability().firewalled(),
                n.bootstrapped(),
                n.health().online(),
                n.health().degraded(),
                n.table().size(),
                store.announcements(),
                store.values(),
                n.calls().total(),
                n.calls().responses(),
                n.calls().timeouts(),
                n.calls().retries(),
                n.malformed()));
    }

    /** Stops all traffic until {@link #resume}: what is under way fails, and the ports are free for others. */
    public void suspend() {
        binding.lock();
        try {
            run(node::suspend);
            ports.unbind();
        } finally {
            binding.unlock();
        }
    }

    /**
     * Goes on after {@link #suspend}, in a network that may be another one: binds the ports again, others when somebody has
     * taken them meanwhile, unless this is a node whose address is told to others.
     *
     * @throws java.io.UncheckedIOException when no port can be bound; it stays suspended
     */
    public void resume() {
        binding.lock();
        try {
            ports.rebind(options.publicAddress() == null);
            int port = localAddress().getPort();
            run(now -> node.resume(port, now));
        } finally {
            binding.unlock();
        }
    }

    /** Ends it: what is under way fails. Announcements are not withdrawn. Closing twice does nothing. */
    @Override
    public void close() {
        run(now -> {
            closed = true;
            node.close(now);
            earlier.signalAll();
        });
        ports.close();
    }

    DhtNode node() {
        return node;
    }

    RecordStore store() {
        return store;
    }

    Router router() {
        return router;
    }

    DhtOptions options() {
        return options;
    }

    private static byte[] requireShort(byte[] value) {
        if (value.length > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("a value has up to " + MAX_VALUE_BYTES + " bytes, not " + value.length);
        }
        return value.clone();
    }

    /** Begins a query that tells a listener. */
    interface Start<T> {
        Query start(T listener, long now);
    }

    <T> DhtResults<T> stream(Start<DhtResults<T>> start) {
        AtomicReference<@Nullable Query> query = new AtomicReference<>();
        DhtResults<T> results = new DhtResults<>(() -> run(now -> {
            Query running = query.get();
            if (running != null) running.cancel();
        }));
        run(now -> query.set(start.start(results, now)));
        return results;
    }

    static RecordClient.End end(DhtResults<?> results) {
        return new RecordClient.End() {
            @Override
            public void finished(List<PeerAddress> closest) {
                results.end(null);
            }

            @Override
            public void failed(Reason reason) {
                results.end(reason);
            }
        };
    }

    private List<PeerAddress> write(Start<RecordClient.End> start) {
        CompletableFuture<List<PeerAddress>> done = new CompletableFuture<>();
        run(now -> start.start(
                new RecordClient.End() {
                    @Override
                    public void finished(List<PeerAddress> closest) {
                        done.complete(closest);
                    }

                    @Override
                    public void failed(Reason reason) {
                        done.completeExceptionally(DhtException.of(reason));
                    }
                },
                now));
        return await(done);
    }

    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw DhtException.of(Reason.INTERRUPTED);
        } catch (ExecutionException e) {
            // A new one, so that its trace shows who waited.
            if (e.getCause() instanceof DhtException cause) throw DhtException.of(cause.reason());
            throw new IllegalStateException("the DHT fails with DhtException only", e);
        }
    }

    private long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
    }

    <T> T read(Function<DhtNode, T> reading) {
        lock.lock();
        try {
            return reading.apply(node);
        } finally {
            lock.unlock();
        }
    }

    /** Lets the node do something, and sends what it wants sent. */
    void run(Consumer<Long> action) {
        List<Outgoing> outgoing = new ArrayList<>();
        lock.lock();
        try {
            long now = nowMs();
            node.enter(now);
            action.accept(now);
            for (Outgoing next = node.poll(); next != null; next = node.poll()) outgoing.add(next);
            if (node.nextWakeMs() < plannedWakeMs) earlier.signal();
        } finally {
            lock.unlock();
        }
        for (Outgoing datagram : outgoing) {
            if (datagram.socket().isLasting()) {
                ports.send(datagram);
            } else {
                others.accept(datagram);
            }
        }
    }

    void received(LocalSocket socket, byte[] datagram, InetSocketAddress from) {
        if (!Message.isMessage(datagram) || !(from.getAddress() instanceof Inet4Address)) return;
        try {
            run(now -> node.receive(socket, PeerAddress.of(from), datagram, now));
        } catch (RuntimeException e) {
            // A mistake of ours: it costs this datagram, not the node.
            LOG.log(Level.ERROR, () -> "a datagram from " + from + " could not be handled", e);
        }
    }

    private void keepTime() {
        try {
            while (awaitWake()) wake();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the timer", e);
        }
    }

    private void wake() {
        try {
            run(node::wake);
        } catch (RuntimeException e) {
            // A mistake of ours: it costs what was due, not the node.
            LOG.log(Level.ERROR, "what was due could not be done", e);
        }
    }

    /** Waits until something is due; false when it is all over. */
    private boolean awaitWake() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                plannedWakeMs = node.nextWakeMs();
                long waitMs = plannedWakeMs - nowMs();
                if (waitMs <= 0) return true;
                if (plannedWakeMs == Timers.NEVER) earlier.await();
                else earlier.awaitNanos(TimeUnit.MILLISECONDS.toNanos(waitMs));
            }
            return false;
        } finally {
            lock.unlock();
        }
    }
}
