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
    /** What is done with datagrams that are none of the DHT's. */
    interface Other {
        void received(LocalSocket socket, PeerAddress from, byte[] datagram);
    }

    /** A node with its two addresses, and those of the sockets it opens to punch. */
    static final class Host implements PunchSockets {
        final PeerAddress server;
        final PeerAddress client;
        final DhtNode node;
        final RecordStore store;
        final RecordClient records;
        final Router router;
        boolean up = true;

        /** Whether only those can reach the server port to whom it sent something; nobody in here does. */
        final boolean firewalled;

        /** What is between it and the others, if anything is. */
        @Nullable
        SimulatedNat nat;

        Other other = (socket, from, datagram) -> {};
        int maxSockets = 10_000;
        private final Map<LocalSocket, PeerAddress> addresses = new LinkedHashMap<>();
        private final Map<PeerAddress, LocalSocket> sockets = new LinkedHashMap<>();
        private final Map<PeerAddress, Host> everybody;
        private final Map<LocalSocket, PunchSockets.Listener> punches = new LinkedHashMap<>();
        private int nextPort = 20_000;

        private long wakeMs = Timers.NEVER;

        @Override
        public @Nullable LocalSocket open(PunchSockets.Listener listener) {
            if (punches.size() >= maxSockets) return null;
            LocalSocket socket = LocalSocket.forPunching(nextPort);
            put(socket, new PeerAddress(server.host(), nextPort++));
            punches.put(socket, listener);
            return socket;
        }

        @Override
        public void close(LocalSocket socket) {
            punches.remove(socket);
        }

        private void put(LocalSocket socket, PeerAddress address) {
            addresses.put(socket, address);
            sockets.put(address, socket);
            everybody.put(address, this);
        }

        /** One byte arrives at every socket that is open to punch. */
        void probe(PeerAddress from) {
            List.copyOf(punches.entrySet()).forEach(each -> each.getValue().probed(each.getKey(), from));
        }

        int punching() {
            return punches.size();
        }

        private void received(LocalSocket socket, PeerAddress from, byte[] datagram, long nowMs) {
            node.enter(nowMs);
            if (datagram.length == 1) {
                PunchSockets.Listener listener = punches.get(socket);
                if (listener != null) listener.probed(socket, from);
            } else if (Message.isMessage(datagram)) {
                node.receive(socket, from, datagram, nowMs);
            } else {
                other.received(socket, from, datagram);
            }
        }

        private Host(
                PeerAddress server,
                PeerAddress client,
                DhtNode node,
                RecordStore store,
                Router router,
                boolean firewalled,
                Map<PeerAddress, Host> everybody) {
            this.router = router;
            this.server = server;
            this.client = client;
            this.node = node;
            this.store = store;
            this.records = new RecordClient(node);
            this.firewalled = firewalled;
            this.everybody = everybody;
            put(LocalSocket.SERVER, server);
            put(LocalSocket.CLIENT, client);
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
    private final Map<Integer, SimulatedNat> nats = new LinkedHashMap<>();
    private @Nullable SimulatedNat next;
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
        Host host = new Host(server, client, node, store, router, firewalled, byAddress);
        host.nat = next;
        next = null;
        hosts.add(host);
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
        host.sockets.keySet().forEach(byAddress::remove);
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
        host.node.receive(LocalSocket.SERVER, from, datagram, nowMs);
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

    /** Sends a datagram from a host as it is. */
    void send(Host host, Outgoing outgoing) {
        sent++;
        trace.update(outgoing.datagram());
        PeerAddress inside = Objects.requireNonNull(host.addresses.get(outgoing.socket()));
        Host there = byAddress.get(outgoing.to());
        SimulatedNat nat = host.nat;
        boolean staysInside = there != null && there.nat == nat;
        PeerAddress from = nat == null || staysInside ? inside : nat.outbound(inside, outgoing.to());
        if (outgoing.near() || random.nextDouble() < loss) return;
        if (nat != null && outgoing.to().host() == nat.host && !nat.hairpin) return;
        if (there != null && there.nat != null && !staysInside) return; // an address nobody outside can reach
        at(nowMs + 5 + random.nextInt(60), () -> arrive(from, outgoing.to(), outgoing.datagram()));
    }

    /** Puts a host behind address translation before it says anything. */
    Host behind(SimulatedNat nat, PeerAddress inside, UnaryOperator<DhtOptions> changes) {
        return behind(nat, inside, false, changes);
    }

    Host behind(SimulatedNat nat, PeerAddress inside, boolean firewalled, UnaryOperator<DhtOptions> changes) {
        nats.put(nat.host, nat);
        next = nat;
        return add(inside, firewalled, begin(), changes);
    }

    private void arrive(PeerAddress from, PeerAddress to, byte[] datagram) {
        SimulatedNat nat = nats.get(to.host());
        PeerAddress inside = nat == null ? to : nat.inbound(to.port(), from);
        Host host = inside == null ? null : byAddress.get(inside);
        if (host == null) return;
        LocalSocket socket = Objects.requireNonNull(host.sockets.get(inside));
        if (host.firewalled && socket == LocalSocket.SERVER) return;
        host.received(socket, from, datagram, nowMs);
        flush(host);
    }
}
