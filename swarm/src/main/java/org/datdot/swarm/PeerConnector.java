package org.datdot.swarm;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.ConnectException;
import org.datdot.dht.ConnectOptions;
import org.datdot.dht.DhtException;
import org.datdot.dht.DhtServer;
import org.datdot.dht.Peer;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerListener;
import org.datdot.dht.PeerNetwork;
import org.datdot.udx.StreamListener;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/** Dials, takes and ends connections as a {@link ConnectionPolicy} decides. Thread-safe. */
final class PeerConnector {
    private static final System.Logger LOG = System.getLogger(PeerConnector.class.getName());

    private final Swarm swarm;
    private final PeerNetwork network;
    private final PeerWays ways;
    private final HyperswarmListener listener;
    private final ConnectionPolicy policy;
    private final RelayedThrough relays;
    private final Map<Long, Dial> dials = new HashMap<>();
    private final Map<Long, Connection> connections = new HashMap<>();
    private final Map<Long, CompletableFuture<Boolean>> flushes = new HashMap<>();
    /** Those who wait for a connection to a peer. */
    private final Map<PublicKey, CompletableFuture<Connection>> waiting = new HashMap<>();

    private final long startedNanos = System.nanoTime();
    /** Taken after those of the DHT; nothing that waits or takes another lock is called with it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final ReentrantLock listenLock = new ReentrantLock();
    private @Nullable DhtServer server;
    private boolean closed;

    /** Draws a relay for a connection, or none. */
    @FunctionalInterface
    interface RelayedThrough {
        @Nullable
        PublicKey choose(boolean force);
    }

    PeerConnector(
            Swarm swarm,
            PeerNetwork network,
            HyperswarmListener listener,
            ConnectionPolicy policy,
            RelayedThrough relays) {
        this.swarm = swarm;
        this.network = network;
        this.ways = new PeerWays(swarm, network, ConnectOptions.DEFAULT);
        this.listener = listener;
        this.policy = policy;
        this.relays = relays;
    }

    /** A peer being dialled. */
    private final class Dial implements Runnable {
        private final ConnectionPolicy.Action.Dial order;
        private final Thread thread;
        private @Nullable Connection connection;
        private boolean dropped;
        private volatile @Nullable Exception failure;

        @SuppressWarnings("this-escape")
        Dial(ConnectionPolicy.Action.Dial order) {
            this.order = order;
            thread = Thread.ofVirtual().name("hyperswarm-dial").unstarted(this);
        }

        @Override
        public void run() {
            try {
                ConnectOptions how = ConnectOptions.DEFAULT
                        .withRelays(order.relays())
                        .withRelayThrough(relays.choose(order.forceRelay()));
                ways.dial(order.peer(), how, List.of(), new Gate() {
                    @Override
                    public boolean begun(Connection made) {
                        return Dial.this.begun(made);
                    }

                    @Override
                    public boolean admits(Connection made) {
                        return opened(made);
                    }

                    @Override
                    public void joined(Connection made) {
                        ready(made);
                    }
                });
            } catch (IOException | WireException | DhtException | IllegalStateException e) {
                LOG.log(Level.DEBUG, () -> "could not connect to " + order.peer() + ": " + e.getMessage(), e);
                failure = e;
                boolean unreachable =
                        e instanceof ConnectException cause && cause.reason() == ConnectException.Reason.NOT_REACHABLE;
                if (unreachable) tell(policy -> policy.unreachable(order.link()));
            } finally {
                over(order.link());
                disappoint();
            }
        }

        private boolean begun(Connection made) {
            lock.lock();
            try {
                if (connection == null) connection = made;
                return !dropped;
            } finally {
                lock.unlock();
            }
        }

        /** The peer has proven its key. */
        private boolean opened(Connection made) {
            return ask(policy -> {
                if (dropped || !policy.opened(order.link(), nowMs())) return false;
                connection = made;
                keep(order.link(), made);
                return true;
            });
        }

        /** Tells those who wait for the peer, unless another connection to it is on its way. */
        private void disappoint() {
            Exception cause = failure;
            if (cause == null) return;
            CompletableFuture<Connection> disappointed =
                    locked(() -> dropped || policy.link(order.peer()) != null ? null : waiting.remove(order.peer()));
            if (disappointed != null) disappointed.completeExceptionally(cause);
        }

        /** With the lock. What is there to end; the thread ends what it has begun besides. */
        @Nullable
        Connection drop() {
            dropped = true;
            thread.interrupt();
            return connection;
        }
    }

    private static WireException unwanted() {
        return new WireException(WireException.Reason.CLOSED, "this side does not need the connection any more");
    }

    /** A clock that does not jump, in milliseconds. */
    long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
    }

    /** Tells the policy something, and does what it wants done. */
    void tell(Consumer<ConnectionPolicy> event) {
        ask(policy -> {
            event.accept(policy);
            return true;
        });
    }

    private <T> T ask(Function<ConnectionPolicy, T> event) {
        List<ConnectionPolicy.Action> actions = new ArrayList<>();
        T answer;
        lock.lock();
        try {
            answer = event.apply(policy);
            for (ConnectionPolicy.Action next = policy.poll(); next != null; next = policy.poll()) {
                actions.add(next);
                if (next instanceof ConnectionPolicy.Action.Dial order) dials.put(order.link(), new Dial(order));
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        actions.forEach(this::perform);
        return answer;
    }

    /** Reads the policy. */
    <T> T read(Function<ConnectionPolicy, T> reading) {
        lock.lock();
        try {
            return reading.apply(policy);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all dials queued or under way are over; false when this is closed. */
    boolean flush() {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        tell(policy -> {
            if (closed) done.complete(false);
            else flushes.put(policy.flush(), done);
        });
        return done.join();
    }

    /** Waits until the policy may want to be woken, or until a time; false when this is closed. */
    boolean awaitWake(long untilMs) throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                long waitMs = Math.min(untilMs, policy.nextWakeMs()) - nowMs();
                if (waitMs <= 0) return true;
                changed.awaitNanos(TimeUnit.MILLISECONDS.toNanos(waitMs));
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** A connection to a peer: the one there is, or else a new one. */
    CompletableFuture<Connection> connect(PublicKey peer) {
        return ask(policy -> {
            Long link = policy.link(peer);
            Connection known = link == null ? null : connections.get(link);
            if (known != null) return CompletableFuture.completedFuture(known);
            if (!policy.connect(peer)) {
                return CompletableFuture.failedFuture(new ConnectException(
                        ConnectException.Reason.UNAVAILABLE, "this side does not connect to " + peer + " now"));
            }
            return waiting.computeIfAbsent(peer, _ -> new CompletableFuture<>());
        });
    }

    /** Ends all connections; no more come about. */
    void close() {
        List<CompletableFuture<Connection>> disappointed = ask(policy -> {
            closed = true;
            policy.close();
            List<CompletableFuture<Connection>> all = List.copyOf(waiting.values());
            waiting.clear();
            return all;
        });
        ConnectException cause =
                new ConnectException(ConnectException.Reason.UNAVAILABLE, "this hyperswarm was closed");
        disappointed.forEach(one -> one.completeExceptionally(cause));
        stopListening();
    }

    /** Peers may dial this side from now on. Waits until that is known in the network; the nodes that pass them on. */
    List<PeerAddress> listen() {
        network.dht().awaitBootstrapped();
        listenLock.lock();
        try {
            DhtServer listening = server;
            if (listening == null) {
                listening = network.listen(swarm.keys(), new Incoming());
                server = listening;
            }
            return listening.relays();
        } finally {
            listenLock.unlock();
        }
    }

    /** Peers may not dial this side any more. Waits until that is known in the network. */
    void stopListening() {
        listenLock.lock();
        try {
            DhtServer listening = server;
            server = null;
            if (listening != null) listening.close();
        } finally {
            listenLock.unlock();
        }
    }

    private void perform(ConnectionPolicy.Action action) {
        switch (action) {
            case ConnectionPolicy.Action.Dial order -> {
                Dial dial = locked(() -> dials.get(order.link()));
                if (dial != null) dial.thread.start();
            }
            case ConnectionPolicy.Action.Drop drop -> drop(drop.link());
            case ConnectionPolicy.Action.Probe probe -> {
                Connection connection = locked(() -> connections.get(probe.link()));
                if (connection != null) connection.sendKeepAlive();
            }
            case ConnectionPolicy.Action.Update _ -> listener.onUpdate();
            case ConnectionPolicy.Action.Ban ban -> listener.onBan(ban.peer());
            case ConnectionPolicy.Action.Flushed flushed -> {
                CompletableFuture<Boolean> waiting = locked(() -> flushes.remove(flushed.flush()));
                if (waiting != null) waiting.complete(flushed.done());
            }
        }
    }

    private <T> @Nullable T locked(java.util.function.Supplier<@Nullable T> reading) {
        lock.lock();
        try {
            return reading.get();
        } finally {
            lock.unlock();
        }
    }

    /** Ends a dial or connection. */
    private @Nullable Connection drop(long link) {
        Connection connection = locked(() -> {
            Dial dial = dials.get(link);
            return dial == null ? connections.get(link) : dial.drop();
        });
        if (connection != null) connection.fail(unwanted());
        return connection;
    }

    /** With the lock: a link has a connection now. */
    private void keep(long link, Connection connection) {
        dials.remove(link);
        connections.put(link, connection);
        var _ = connection
                .closed()
                .thenRunAsync(
                        () -> over(link),
                        task -> Thread.ofVirtual().name("hyperswarm-closed").start(task));
    }

    /** The listener has heard of a connection: whoever waits for the peer may use it. */
    private void ready(Connection connection) {
        CompletableFuture<Connection> wanted = locked(() -> waiting.remove(connection.remotePublicKey()));
        if (wanted != null) wanted.complete(connection);
    }

    /** A dial is over, unless it became a connection; or a connection is. */
    private void over(long link) {
        tell(policy -> {
            Connection connection = connections.get(link);
            if (connection != null && !connection.closed().isDone()) return;
            dials.remove(link);
            connections.remove(link);
            policy.closed(link, nowMs());
        });
    }

    /** Takes peers that come through the DHT; called with its lock. */
    private final class Incoming implements PeerListener {
        @Override
        public boolean admits(PublicKey remote, PeerAddress from) {
            return read(policy -> !policy.refuses(remote));
        }

        @Override
        public @Nullable PublicKey relayThrough() {
            return relays.choose(false);
        }

        @Override
        public StreamListener connected(Peer peer) {
            PublicKey remote = peer.session().remotePublicKey();
            ConnectionPolicy.Arrival arrival = read(policy -> policy.arrived(remote, PeerConnector.this::flows));
            return swarm.accept(peer, new Gate() {
                @Override
                public boolean admits(Connection connection) {
                    return accepted(arrival, connection);
                }

                @Override
                public void joined(Connection connection) {
                    ready(connection);
                }
            });
        }
    }

    /** With the lock: whether bytes came and went on a link. */
    private boolean flows(long link) {
        Dial dial = dials.get(link);
        Connection connection = dial == null ? connections.get(link) : dial.connection;
        return connection != null && connection.bytesRead() > 0 && connection.bytesWritten() > 0;
    }

    /** A peer that came has proven its key. Waits for the end of the connection it takes the place of. */
    private boolean accepted(ConnectionPolicy.Arrival arrival, Connection connection) {
        while (true) {
            ConnectionPolicy.Verdict verdict = ask(policy -> {
                ConnectionPolicy.Verdict said = policy.accept(arrival, this::flows);
                if (said instanceof ConnectionPolicy.Verdict.Accepted accepted) keep(accepted.link(), connection);
                return said;
            });
            switch (verdict) {
                case ConnectionPolicy.Verdict.Accepted _ -> {
                    return true;
                }
                case ConnectionPolicy.Verdict.Refused _ -> {
                    return false;
                }
                case ConnectionPolicy.Verdict.Instead instead -> replace(instead.existing());
            }
        }
    }

    private void replace(long link) {
        Connection existing = drop(link);
        if (existing != null) existing.closed().join();
        over(link);
    }
}
