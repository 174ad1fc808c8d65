package org.datdot.dht;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** Nodes on simulated time, with delays and losses drawn from a seed. Every run from one seed is the same, to the datagram. */
final class SimulatedNetwork {
    /** A node with its two addresses. */
    static final class Host {
        final PeerAddress server;
        final PeerAddress client;
        final DhtNode node;
        final RecordStore store;
        final RecordClient records;
        final Router router;
        boolean up = true;

        /** Whether only those can reach the server port to whom it sent something; nobody in here does. */
        final boolean firewalled;

        private long wakeMs = Timers.NEVER;

        private Host(
                PeerAddress server,
                PeerAddress client,
                DhtNode node,
                RecordStore store,
                Router router,
                boolean firewalled) {
            this.router = router;
            this.server = server;
            this.client = client;
            this.node = node;
            this.store = store;
            this.records = new RecordClient(node);
            this.firewalled = firewalled;
        }
    }

    private record Event(long atMs, long sequence, Runnable action) {}

    final long seed;
    final Random random;
    final List<Host> hosts = new ArrayList<>();
    final CRC32 trace = new CRC32();
    double loss;
    long sent;
    long nowMs = 1;
    private final Map<PeerAddress, Host> byAddress = new LinkedHashMap<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atMs).thenComparingLong(Event::sequence));
    private long sequence;

    SimulatedNetwork(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
    }

    /** The first node. */
    Host bootstrapper() {
        PeerAddress address = new PeerAddress(10 << 24 | 1, 49_737);
        return add(
                address,
                false,
                List.of(),
                options -> options.withReachable(DhtOptions.Mode.PERSISTENT).withPublicAddress(address));
    }

    /** A node others may rely on at once. */
    Host persistent() {
        return add(nextAddress(), false, begin(), options -> options.withReachable(DhtOptions.Mode.PERSISTENT));
    }

    Host add(PeerAddress server, boolean firewalled, List<PeerAddress> bootstrap, UnaryOperator<DhtOptions> changes) {
        PeerAddress client = new PeerAddress(server.host(), 50_000);
        Random own = new Random(random.nextLong());
        DhtOptions options = changes.apply(DhtOptions.joining(List.of())
                .withEntropy(own::nextBytes, () -> Instant.ofEpochMilli(1_700_000_000_000L + nowMs)));
        DhtNode[] self = new DhtNode[1];
        RecordStore store = new RecordStore(
                options.storage(), () -> Objects.requireNonNull(self[0]).id(), options.wallClock(), own, nowMs);
        Router router = new Router(store.forwards(), nowMs);
        IncomingRequest.Handler handler = (request, now) -> router.handle(request, now) || store.handle(request, now);
        DhtNode node = new DhtNode(options, bootstrap, server.port(), handler, nowMs);
        self[0] = node;
        Host host = new Host(server, client, node, store, router, firewalled);
        hosts.add(host);
        byAddress.put(server, host);
        byAddress.put(client, host);
        node.start(nowMs);
        flush(host);
        return host;
    }

    PeerAddress nextAddress() {
        return new PeerAddress(10 << 24 | hosts.size() + 1, 49_737);
    }

    List<PeerAddress> begin() {
        return hosts.isEmpty() ? List.of() : List.of(hosts.getFirst().server);
    }

    /** It vanishes without a word. */
    void stop(Host host) {
        host.up = false;
        byAddress.remove(host.server);
        byAddress.remove(host.client);
    }

    Host anyPersistent() {
        List<Host> up = hosts.stream().filter(h -> h.up && h.node.id() != null).toList();
        return up.get(random.nextInt(up.size()));
    }

    void runFor(long milliseconds) {
        long end = nowMs + milliseconds;
        while (!events.isEmpty() && events.peek().atMs <= end) step();
        nowMs = end;
    }

    void runUntil(String what, BooleanSupplier done) {
        long end = nowMs + 10 * 60_000;
        while (!done.getAsBoolean()) {
            if (events.isEmpty() || nowMs > end) throw new AssertionError(what + " did not happen, seed " + seed);
            step();
        }
    }

    /** Lets a datagram arrive at a host, from anywhere. */
    void inject(Host host, PeerAddress from, byte[] datagram) {
        host.node.receive(SocketKind.SERVER, from, datagram, nowMs);
        flush(host);
    }

    /** Sends what a host wants to send after it was called. */
    void flush(Host host) {
        for (@Nullable Outgoing next = host.node.poll(); next != null; next = host.node.poll()) send(host, next);
        long wake = host.node.nextWakeMs();
        if (wake < host.wakeMs) {
            host.wakeMs = wake;
            at(wake, () -> {
                if (host.wakeMs != wake) return;
                host.wakeMs = Timers.NEVER;
                if (!host.up) return;
                host.node.wake(nowMs);
                flush(host);
            });
        }
    }

    private void step() {
        Event event = events.remove();
        nowMs = Math.max(nowMs, event.atMs);
        event.action.run();
    }

    private void at(long atMs, Runnable action) {
        events.add(new Event(atMs, sequence++, action));
    }

    private void send(Host host, Outgoing outgoing) {
        sent++;
        trace.update(outgoing.datagram());
        PeerAddress from = outgoing.socket() == SocketKind.SERVER ? host.server : host.client;
        if (random.nextDouble() < loss) return;
        at(nowMs + 5 + random.nextInt(60), () -> {
            Host to = byAddress.get(outgoing.to());
            if (to == null) return;
            SocketKind socket = outgoing.to().equals(to.server) ? SocketKind.SERVER : SocketKind.CLIENT;
            if (to.firewalled && socket == SocketKind.SERVER) return;
            to.node.receive(socket, from, outgoing.datagram(), nowMs);
            flush(to);
        });
    }
}
