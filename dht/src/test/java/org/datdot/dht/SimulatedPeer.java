package org.datdot.dht;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.SimulatedNetwork.Host;
import org.datdot.wire.NoiseSession;
import org.jspecify.annotations.Nullable;

/** A host that connects and is connected to. Its streams send one packet when they are connected, and answer one. */
final class SimulatedPeer implements PeerStreams {
    private static final int MAGIC = 0xff;

    /** A packet that came before the stream was agreed on. */
    private record Early(LocalSocket socket, PeerAddress from) {}

    /** A stream that notes what becomes of it. */
    final class Stream implements PeerStream {
        final Watcher watcher;
        private final int id;

        @Nullable
        NoiseSession session;

        @Nullable
        PeerAddress remote;

        @Nullable
        RelayRequest relay;

        boolean heard;
        boolean abandoned;
        private @Nullable Early early;
        private long remoteId;
        private @Nullable LocalSocket socket;

        private Stream(int id, Watcher watcher) {
            this.id = id;
            this.watcher = watcher;
        }

        @Override
        public long id() {
            return Integer.toUnsignedLong(id);
        }

        @Override
        public void agree(NoiseSession agreed, long newRemoteId) {
            session = agreed;
            remoteId = newRemoteId;
            if (early != null) hear(early.socket(), early.from());
        }

        @Override
        public void connect(LocalSocket through, PeerAddress to) {
            if (remote != null || session == null || abandoned) return;
            remote = to;
            socket = through;
            say();
            watcher.reached();
        }

        private void say() {
            if (remote == null || socket == null) return;
            byte[] packet = ByteBuffer.allocate(5)
                    .put((byte) MAGIC)
                    .putInt((int) remoteId)
                    .array();
            network.send(host, new Outgoing(socket, remote, packet));
        }

        private void hear(LocalSocket through, PeerAddress from) {
            if (session == null) early = new Early(through, from);
            connect(through, from);
            if (!heard && from.equals(remote)) {
                heard = true;
                say();
            }
        }

        @Override
        public void relay(RelayRequest request) {
            relay = request;
        }

        @Override
        public boolean abandon() {
            abandoned |= remote == null;
            return remote == null;
        }
    }

    final Host host;
    final List<Stream> streams = new ArrayList<>();
    final Punching punching;
    LocalAddresses local = new LocalAddresses(List.of());
    boolean admitting = true;
    Predicate<PunchPlan> mayPunch = _ -> true;
    Work work = Work.AT_ONCE;
    private final SimulatedNetwork network;
    private final Map<Integer, Stream> byId = new HashMap<>();
    private final Random random;
    private int nextId;

    SimulatedPeer(SimulatedNetwork network, Host host) {
        this.network = network;
        this.host = host;
        this.random = new Random(network.seed + network.hosts.indexOf(host));
        this.nextId = network.hosts.indexOf(host) * 1_000;
        this.punching = new Punching(host.node, host);
        host.other = (socket, from, datagram) -> {
            if (datagram.length != 5 || (datagram[0] & 0xff) != MAGIC) return;
            Stream stream = byId.get(ByteBuffer.wrap(datagram, 1, 4).getInt());
            if (stream != null) stream.hear(socket, from);
        };
    }

    @Override
    public Stream open(Watcher watcher) {
        Stream stream = new Stream(nextId++, watcher);
        streams.add(stream);
        byId.put(stream.id, stream);
        return stream;
    }

    /** A server on it. */
    final class Listening {
        final ServerHandshakes handshakes;
        final Announcer announcer;
        private final PeerRecord record;
        private boolean announced;
        private boolean withdrawn;

        private Listening(KeyPair keys) {
            record = new PeerRecord(keys.publicKey(), List.of());
            announcer = new Announcer(host.node, keys);
            handshakes = new ServerHandshakes(
                    new ServerHandshakes.Parts(
                            keys,
                            random::nextBytes,
                            () -> new ServerHandshakes.Place(
                                    host.node.reachability().openAddress(), local, announcer.ways()),
                            (remote, from) -> admitting,
                            SimulatedPeer.this,
                            work,
                            () -> null,
                            plan -> mayPunch.test(plan)),
                    punching);
            if (!host.router.add(record, handshakes)) throw new AssertionError("it listens already");
            host.node.onTick(handshakes::expire);
            announcer.start(() -> announced = true, network.nowMs);
            network.flush(host);
            network.runUntil("the announcement", () -> announced);
        }

        void stop() {
            host.router.remove(record);
            announcer.stop(() -> withdrawn = true);
            network.flush(host);
            network.runUntil("the withdrawal", () -> withdrawn);
        }
    }

    Listening listen(KeyPair keys) {
        return new Listening(keys);
    }

    /** An attempt of it to connect. */
    final class Dialling implements Watcher {
        final Stream stream;
        final ConnectAttempt attempt;
        ConnectException.@Nullable Reason failure;

        private Dialling(KeyPair keys, PublicKey server) {
            host.node.enter(network.nowMs);
            stream = open(this);
            ConnectRequest request = new ConnectRequest(
                    keys,
                    server,
                    random::nextBytes,
                    new ConnectRequest.Place(host.node.reachability().openAddress(), local),
                    stream.id(),
                    null);
            attempt = new ConnectAttempt(
                    punching, host.router, work, request, null, stream, mayPunch, reason -> failure = reason);
            attempt.start(List.of(), network.nowMs);
            network.flush(host);
        }

        @Override
        public void reached() {
            attempt.reached();
        }

        Dialling await() {
            network.runUntil("an outcome", () -> stream.remote != null || failure != null);
            return this;
        }
    }

    Dialling dial(KeyPair keys, PublicKey server) {
        return new Dialling(keys, server);
    }
}
