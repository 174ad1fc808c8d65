package org.datdot.swarm;

import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.DhtException;
import org.datdot.dht.DhtResults;
import org.datdot.dht.LookupResult;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;
import org.datdot.dht.PeerRecord;
import org.datdot.dht.Target;
import org.datdot.dht.Topics;
import org.jspecify.annotations.Nullable;

/** Asks the DHT what the {@link TopicDiscovery} of one topic wants asked. Thread-safe. */
final class TopicMember {
    private static final System.Logger LOG = System.getLogger(TopicMember.class.getName());

    /** Of so many peers it is remembered that they were found, to count them against a limit. */
    private static final int MAX_REMEMBERED = 64;

    /** So long nodes are told that this side is not here any more; those that do not answer forget it by themselves. */
    private static final long WITHDRAW_MS = 5_000;

    /** Whose member it is. Called without the lock of the member. */
    interface Owner {
        PeerNetwork network();

        KeyPair keys();

        /** Accepts connections; the nodes that pass them on. */
        List<PeerAddress> listen();

        boolean connected(PublicKey peer);

        void found(PublicKey peer, List<PeerAddress> relays, Target topic);

        /** Nobody is left who joined the topic: {@link #end} it. */
        void unused(TopicMember member);

        long nowMs();
    }

    private final Target topic;
    private final Owner owner;
    private final TopicDiscovery discovery;
    /** Remembers the closest nodes, with which the next round begins. */
    private final Topics topics;

    private final ReentrantLock lock = new ReentrantLock();
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
    private int limit = Integer.MAX_VALUE;
    private Set<PublicKey> remembered = Set.of();
    private CompletableFuture<Boolean> round = CompletableFuture.completedFuture(true);
    private @Nullable DhtResults<LookupResult> results;

    /**
     * @param before of the same topic, to be over before this one begins
     */
    TopicMember(Target topic, Owner owner, RandomGenerator random, boolean suspended, @Nullable TopicMember before) {
        this.topic = topic;
        this.owner = owner;
        topics = new Topics(owner.network().dht());
        discovery = new TopicDiscovery(random, suspended);
        if (before != null) round = before.ended;
    }

    /** What is joined. */
    Target topic() {
        return topic;
    }

    /** One more who joins; null when the topic was left meanwhile. */
    @Nullable
    TopicSession session(JoinOptions how) {
        Session session = new Session();
        return session.change(how) ? new TopicSession(topic, session) : null;
    }

    private final class Session implements TopicSession.Owner {
        private boolean server;
        private boolean client;
        private boolean over;

        @Override
        public boolean flushed() {
            return TopicMember.this.flushed();
        }

        @Override
        public void refresh(JoinOptions how) {
            if (!change(how)) throw new IllegalStateException("this topic was left");
        }

        @Override
        public boolean refreshIfOpen() {
            JoinOptions how;
            lock.lock();
            try {
                if (over || discovery.closed()) return false;
                how = new JoinOptions(server, client, limit);
            } finally {
                lock.unlock();
            }
            return change(how);
        }

        private boolean change(JoinOptions how) {
            lock.lock();
            try {
                if (over || discovery.closed()) return false;
                discovery.sessions(difference(server, how.server()), difference(client, how.client()));
                server = how.server();
                client = how.client();
                limit = how.limit();
            } finally {
                lock.unlock();
            }
            TopicMember.this.refresh();
            return true;
        }

        @Override
        public void close() {
            boolean unused;
            boolean withdraw;
            lock.lock();
            try {
                if (over) return;
                over = true;
                discovery.sessions(server ? -1 : 0, client ? -1 : 0);
                unused = discovery.unused();
                if (unused) discovery.close();
                withdraw = discovery.announced();
            } finally {
                lock.unlock();
            }
            if (unused) {
                owner.unused(TopicMember.this);
            } else if (withdraw) {
                TopicMember.this.refresh();
                TopicMember.this.flushed();
            }
        }
    }

    private static int difference(boolean before, boolean now) {
        return (now ? 1 : 0) - (before ? 1 : 0);
    }

    /** How it is joined, if it is. */
    Optional<JoinOptions> joined() {
        lock.lock();
        try {
            return discovery.server() || discovery.client()
                    ? Optional.of(new JoinOptions(discovery.server(), discovery.client(), limit))
                    : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the round under way is over; false when it went wrong. */
    boolean flushed() {
        CompletableFuture<Boolean> running;
        lock.lock();
        try {
            running = round;
        } finally {
            lock.unlock();
        }
        return running.join();
    }

    /** Begins a round if none is under way that does. */
    void refresh() {
        begin(true);
    }

    /** Begins a round if it is time. */
    void wake() {
        begin(false);
    }

    private void begin(boolean now) {
        lock.lock();
        try {
            TopicDiscovery.Refresh refresh = now ? discovery.refresh() : discovery.wake(owner.nowMs());
            if (refresh == null) return;
            cancel();
            CompletableFuture<Boolean> done = new CompletableFuture<>();
            CompletableFuture<Boolean> before = round;
            round = done;
            Thread.ofVirtual().name("hyperswarm-topic").start(() -> {
                before.join(); // it was cancelled; what it still writes must not come after what this one writes
                run(refresh, done);
            });
        } finally {
            lock.unlock();
        }
    }

    private void run(TopicDiscovery.Refresh refresh, CompletableFuture<Boolean> done) {
        boolean well = false;
        try {
            well = ask(refresh);
        } catch (DhtException | IllegalStateException | IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "a topic could not be announced or looked up", e);
        } finally {
            lock.lock();
            try {
                discovery.finished(refresh, well, owner.nowMs());
            } finally {
                lock.unlock();
            }
            done.complete(well);
        }
    }

    private boolean ask(TopicDiscovery.Refresh refresh) {
        boolean announce = refresh.query() == TopicDiscovery.Query.ANNOUNCE;
        // Who only asks need not know its neighbourhood first: that takes seconds where some of it is dead.
        boolean tells = refresh.query() != TopicDiscovery.Query.LOOKUP;
        if (tells) owner.network().dht().awaitBootstrapped();
        List<PeerAddress> relays = announce ? owner.listen() : List.of();
        int left;
        DhtResults<LookupResult> asked;
        lock.lock();
        try {
            if (!discovery.current(refresh)) return false;
            if (announce) discovery.announcing();
            left = limit;
            asked = switch (refresh.query()) {
                case LOOKUP -> topics.lookup(topic);
                case ANNOUNCE -> topics.announce(topic, owner.keys(), relays, refresh.clear());
                case UNANNOUNCE -> topics.unannounce(topic, owner.keys());
            };
            results = asked;
        } finally {
            lock.unlock();
        }
        take(refresh, asked, left);
        lock.lock();
        try {
            return discovery.current(refresh);
        } finally {
            lock.unlock();
        }
    }

    /** Hands on the peers that nodes tell of, as many as the limit leaves. */
    private void take(TopicDiscovery.Refresh refresh, DhtResults<LookupResult> asked, int limited) {
        boolean counts = limited < Integer.MAX_VALUE;
        long left = limited;
        if (counts) left -= remembered.stream().filter(owner::connected).count();
        Set<PublicKey> seen = new HashSet<>();
        try (asked) {
            while (asked.hasNext()) {
                for (PeerRecord peer : asked.next().peers()) {
                    if (!refresh.dialling() || !isCurrent(refresh)) continue;
                    if (counts) {
                        boolean fresh = seen.size() < MAX_REMEMBERED && seen.add(peer.publicKey());
                        if (left <= 0) continue;
                        if (fresh && !owner.connected(peer.publicKey())) left--;
                    }
                    owner.found(peer.publicKey(), peer.relayAddresses(), topic);
                }
            }
        }
        remembered = seen;
    }

    private boolean isCurrent(TopicDiscovery.Refresh refresh) {
        lock.lock();
        try {
            return discovery.current(refresh);
        } finally {
            lock.unlock();
        }
    }

    /** Ends what is being asked. */
    private void cancel() {
        DhtResults<LookupResult> running = results;
        results = null;
        if (running != null) running.close();
    }

    /** Withdraws the announcement and asks nothing until {@link #resume}. */
    void suspend() {
        stop(discovery::suspend);
    }

    void resume() {
        lock.lock();
        try {
            discovery.resume();
        } finally {
            lock.unlock();
        }
        refresh();
    }

    /** Withdraws the announcement and asks nothing any more. */
    void end() {
        stop(discovery::close);
        ended.complete(true);
    }

    private void stop(Runnable how) {
        boolean withdraw;
        CompletableFuture<Boolean> running;
        lock.lock();
        try {
            how.run();
            cancel();
            withdraw = discovery.announced();
            running = round;
        } finally {
            lock.unlock();
        }
        running.join();
        if (!withdraw) return;
        try {
            FutureTask<Boolean> told =
                    new FutureTask<>(() -> owner.network().dht().unannounce(topic, owner.keys()), true);
            Thread.ofVirtual().name("hyperswarm-unannounce").start(told);
            told.get(WITHDRAW_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.DEBUG, "an announcement was not withdrawn; nodes forget it by themselves", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lock.lock();
        try {
            discovery.withdrawn();
        } finally {
            lock.unlock();
        }
    }
}
