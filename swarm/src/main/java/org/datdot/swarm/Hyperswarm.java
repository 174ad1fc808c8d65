package org.datdot.swarm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;
import org.datdot.dht.Target;
import org.datdot.encoding.CompactDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Finds peers by topic and stays connected to them (npm {@code hyperswarm} 4): whoever joins a topic as server is found and
 * dialled by those who join it as client, whatever network each is in. There is one connection to a peer, however many topics
 * it shares. Connections belong to a {@link Swarm}, whose listener hears of them. Methods that wait are meant for virtual
 * threads. Thread-safe.
 */
public final class Hyperswarm implements AutoCloseable {
    /** How often it is looked whether it is time for a topic, and whether the network has come back. */
    private static final long LOOK_MS = 5_000;

    private final Swarm swarm;
    private final PeerNetwork network;
    private final PeerConnector connector;
    private final RandomGenerator random;
    private final HyperswarmOptions options;
    private final RelayClient relays;
    private final Map<Target, TopicMember> members = new HashMap<>();
    /** Those whose announcement is being withdrawn. */
    private final Map<Target, TopicMember> leaving = new HashMap<>();
    /** Nothing is called with it that waits or takes another lock. */
    private final ReentrantLock lock = new ReentrantLock();

    private boolean suspended;
    private boolean closed;

    /**
     * A swarm without topics; it announces nothing before one is joined as server.
     *
     * @param swarm makes the connections, under its key; stays the caller's, who closes it after this
     * @param network through which peers are found and reached; stays the caller's, too
     */
    public Hyperswarm(Swarm swarm, PeerNetwork network, HyperswarmOptions options, HyperswarmListener listener) {
        this.swarm = swarm;
        this.network = network;
        this.options = options;
        random = () -> new CompactDecoder(options.entropy().bytes(8)).biguint64();
        connector = new PeerConnector(
                swarm, network, listener, new ConnectionPolicy(swarm.publicKey(), options, random), this::relayThrough);
        // Also without relays of this side: peers may name theirs.
        relays = new RelayClient(network, KeyPair.generate(options.entropy()), SwarmOptions.defaults());
        network.relaysIfNobody(relays);
        Thread.ofVirtual().name("hyperswarm-timer").start(this::keepTime);
    }

    /** A swarm with the stock limits. */
    public Hyperswarm(Swarm swarm, PeerNetwork network) {
        this(swarm, network, HyperswarmOptions.defaults(), HyperswarmListener.NONE);
    }

    /**
     * Joins a topic. Returns at once; {@link TopicSession#flushed()} waits until that is known in the network.
     *
     * @throws IllegalStateException when this is closed
     */
    public TopicSession join(Target topic, JoinOptions how) {
        while (true) {
            TopicMember member;
            boolean fresh;
            lock.lock();
            try {
                if (closed) throw new IllegalStateException("this hyperswarm is closed");
                TopicMember known = members.get(topic);
                fresh = known == null;
                member = known != null ? known : newMember(topic);
            } finally {
                lock.unlock();
            }
            if (fresh) connector.tell(policy -> policy.joined(topic));
            TopicSession session = member.session(how);
            if (session != null) return session;
            left(member);
        }
    }

    private TopicMember newMember(Target topic) {
        // It must not be announced before an earlier announcement was withdrawn.
        TopicMember before = leaving.get(topic);
        TopicMember made = new TopicMember(topic, new Membership(), random, suspended, before);
        members.put(topic, made);
        return made;
    }

    private void left(TopicMember member) {
        lock.lock();
        try {
            if (!members.remove(member.topic(), member)) return;
            leaving.put(member.topic(), member);
        } finally {
            lock.unlock();
        }
        connector.tell(policy -> policy.left(member.topic()));
    }

    private void end(TopicMember member) {
        member.end();
        lock.lock();
        try {
            leaving.remove(member.topic(), member);
        } finally {
            lock.unlock();
        }
    }

    /** Leaves a topic, whoever joined it, and waits until that is known in the network. Connections live on. */
    public void leave(Target topic) {
        TopicMember member = member(topic);
        if (member == null) return;
        left(member);
        end(member);
    }

    private @Nullable TopicMember member(Target topic) {
        lock.lock();
        try {
            return members.get(topic);
        } finally {
            lock.unlock();
        }
    }

    /** Connects to a peer, and again whenever the connection ends, until {@link #leavePeer}. */
    public void joinPeer(PublicKey peer) {
        connector.tell(policy -> policy.joinPeer(peer, connector.nowMs()));
    }

    /**
     * A connection to a peer: the one there is, or else a new one, whatever the limits are.
     *
     * @return fails with {@link org.datdot.dht.ConnectException} when the peer is not found or does not answer, with {@link
     *     org.datdot.wire.WireException} when it is somebody else
     */
    public CompletableFuture<Connection> connect(PublicKey peer) {
        return connector.connect(peer);
    }

    /** Lets peers connect that know this side's key, whatever topics are joined. Waits until that is known in the network. */
    public void listen() {
        connector.listen();
    }

    /** Ends a {@link #joinPeer}. A connection lives on. */
    public void leavePeer(PublicKey peer) {
        connector.tell(policy -> policy.leavePeer(peer));
    }

    /** Refuses a peer from now on, or no more. A connection lives on. */
    public void ban(PublicKey peer, boolean banned) {
        connector.tell(policy -> policy.ban(peer, banned));
    }

    /**
     * Waits until all topics are announced and looked up, and all peers that were found were dialled, well or not.
     *
     * @return false when this was closed meanwhile
     */
    public boolean flush() {
        all().forEach(TopicMember::flushed);
        return connector.flush();
    }

    /** What is known of a peer; nothing of one that is neither connected nor to be dialled again. */
    public Optional<PeerStatus> peer(PublicKey key) {
        return connector.read(policy -> policy.peer(key));
    }

    /** All peers that are known. */
    public List<PeerStatus> peers() {
        return connector.read(ConnectionPolicy::peers);
    }

    /** How many peers are being dialled. */
    public int connecting() {
        return connector.read(ConnectionPolicy::dialling);
    }

    /** What was done so far. */
    public HyperswarmStats stats() {
        return connector.read(ConnectionPolicy::stats);
    }

    private @Nullable PublicKey relayThrough(boolean force) {
        List<PublicKey> known = options.relayThrough().relays(force, this);
        List<PublicKey> promising =
                known.stream().filter(relay -> !relays.failedLately(relay)).toList();
        List<PublicKey> drawn = promising.isEmpty() ? known : promising;
        return drawn.isEmpty() ? null : drawn.get(random.nextInt(drawn.size()));
    }

    /** Whether others see this side at another port each: peers of which that is true as well are only reached by relays. */
    public boolean randomized() {
        return network.dht().info().randomized();
    }

    /** How a topic is joined, if it is. */
    public Optional<JoinOptions> status(Target topic) {
        return Optional.ofNullable(member(topic)).flatMap(TopicMember::joined);
    }

    /** The topics that are joined. */
    public List<Target> topics() {
        lock.lock();
        try {
            return List.copyOf(members.keySet());
        } finally {
            lock.unlock();
        }
    }

    private List<TopicMember> all() {
        lock.lock();
        try {
            return List.copyOf(members.values());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Withdraws all announcements, ends the connections that came about here and suspends the network with all that goes
     * through it, as before a machine goes to sleep.
     */
    public void suspend() {
        List<TopicMember> all;
        lock.lock();
        try {
            if (suspended || closed) return;
            suspended = true;
            all = List.copyOf(members.values());
        } finally {
            lock.unlock();
        }
        connector.tell(ConnectionPolicy::suspend);
        all.forEach(TopicMember::suspend);
        connector.stopListening();
        network.suspend();
    }

    /**
     * Goes on after {@link #suspend}: announces and looks up all topics again.
     *
     * @throws java.io.UncheckedIOException when no UDP port can be bound; it stays suspended
     */
    public void resume() {
        List<TopicMember> all;
        lock.lock();
        try {
            if (!suspended || closed) return;
        } finally {
            lock.unlock();
        }
        network.resume();
        lock.lock();
        try {
            suspended = false;
            all = List.copyOf(members.values());
        } finally {
            lock.unlock();
        }
        connector.tell(policy -> policy.resume(connector.nowMs()));
        all.forEach(TopicMember::resume);
    }

    /** Leaves all topics, withdrawing what is announced, and ends the connections that came about here. */
    @Override
    public void close() {
        List<TopicMember> all = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            all.addAll(members.values());
            members.clear();
        } finally {
            lock.unlock();
        }
        List<Thread> ends = all.stream()
                .map(member -> Thread.ofVirtual().name("hyperswarm-leave").start(member::end))
                .toList();
        try {
            for (Thread end : ends) end.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        connector.close();
        relays.close();
    }

    /** What the members of this swarm need of it. */
    private final class Membership implements TopicMember.Owner {
        @Override
        public PeerNetwork network() {
            return network;
        }

        @Override
        public KeyPair keys() {
            return swarm.keys();
        }

        @Override
        public List<PeerAddress> listen() {
            return connector.listen();
        }

        @Override
        public boolean connected(PublicKey peer) {
            return connector.read(policy -> policy.connected(peer));
        }

        @Override
        public void found(PublicKey peer, List<PeerAddress> relays, Target topic) {
            connector.tell(policy -> policy.found(peer, relays, topic, connector.nowMs()));
        }

        @Override
        public void unused(TopicMember member) {
            left(member);
            end(member);
        }

        @Override
        public long nowMs() {
            return connector.nowMs();
        }
    }

    private void keepTime() {
        boolean online = true;
        try {
            long lookAtMs = connector.nowMs() + LOOK_MS;
            while (connector.awaitWake(lookAtMs)) {
                connector.tell(policy -> policy.wake(connector.nowMs()));
                if (connector.nowMs() < lookAtMs) continue;
                lookAtMs = connector.nowMs() + LOOK_MS;
                boolean nowOnline = network.dht().info().online();
                if (nowOnline && !online) connector.tell(ConnectionPolicy::probeAll);
                for (TopicMember member : all()) {
                    if (nowOnline && !online) member.refresh();
                    else member.wake();
                }
                online = nowOnline;
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the timer", e);
        }
    }
}
