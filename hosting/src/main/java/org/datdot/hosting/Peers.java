package org.datdot.hosting;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;
import org.datdot.hypercore.Corestore;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * A node's connections and what they carry: on each of them, whoever dialled, the corestore replicates with every
 * Hypercore peer, and DatDot's replica channel opens when one side asks for it. A peer that is connected already is not
 * dialled again. Thread-safe.
 */
public final class Peers implements Closeable {
    private static final Executor TASKS =
            task -> Thread.ofVirtual().name("datdot-replica-send").start(task);

    private final Corestore store;
    private final Swarm swarm;
    private final Set<PeerLink> links = ConcurrentHashMap.newKeySet();
    private final Map<PublicKey, ReentrantLock> dialling = new ConcurrentHashMap<>();
    private volatile ReplicaServer server = new NothingToServe();

    /** What a node answers that provides nothing. */
    private static final class NothingToServe implements ReplicaServer {
        @Override
        public Answer answer(PublicKey remote, ReplicaId id) {
            return new Answer.No(ReplicaMessage.Reason.NOT_YOURS, "this node provides nothing");
        }

        @Override
        public boolean receipt(PublicKey remote, ReplicaId id, Signature signature) {
            return false;
        }
    }

    /**
     * No connections yet.
     *
     * @param noise who this node is to its peers
     * @param store the cores replicated on every connection
     */
    public Peers(KeyPair noise, Corestore store, SwarmOptions options) {
        this.store = store;
        this.swarm = new Swarm(noise, this::onConnection, options);
    }

    /**
     * Accepts connections at an address.
     *
     * @param address port 0 for any free port
     * @return the address with its actual port
     * @throws IOException when it cannot be listened at, with advice
     */
    public InetSocketAddress listen(InetSocketAddress address) throws IOException {
        return swarm.listen(address);
    }

    /**
     * A connection to the peer with that key: one that exists, or else a new one.
     *
     * @throws IOException when nobody answers at the address
     * @throws WireException when somebody else answers, or no handshake comes about
     */
    public Connection connect(InetSocketAddress address, PublicKey key) throws IOException {
        return link(address, key).connection();
    }

    /**
     * A connection to whoever answers at the address.
     *
     * @throws IOException when nobody does
     * @throws WireException when no handshake comes about
     */
    public Connection connect(InetSocketAddress address) throws IOException {
        return swarm.connect(address, null);
    }

    /** The connections at this moment. */
    public List<Connection> connections() {
        return swarm.connections();
    }

    /** The replica channel to the peer with that key, over a connection that exists or a new one. */
    ReplicaChannel replicaChannel(InetSocketAddress address, PublicKey key) throws IOException {
        return link(address, key).open();
    }

    private PeerLink link(InetSocketAddress address, PublicKey key) throws IOException {
        ReentrantLock one = dialling.computeIfAbsent(key, _ -> new ReentrantLock());
        one.lock();
        try {
            PeerLink known = find(key);
            if (known != null) return known;
            swarm.connect(address, key);
            PeerLink made = find(key);
            if (made == null) throw new IOException("the connection to " + address + " ended at once");
            return made;
        } finally {
            one.unlock();
            if (!one.hasQueuedThreads()) dialling.remove(key, one);
        }
    }

    private @Nullable PeerLink find(PublicKey key) {
        for (PeerLink link : links) {
            if (link.remote().equals(key) && !link.connection().closed().isDone()) return link;
        }
        return null;
    }

    private void onConnection(Connection connection) {
        PeerLink link = new PeerLink(connection, new Delegate());
        store.replicate(connection.mux());
        link.attach();
        links.add(link);
        var _ = connection.closed().thenRun(() -> links.remove(link));
    }

    /** Whoever serves at the moment of the question. */
    private final class Delegate implements ReplicaServer {
        @Override
        public Answer answer(PublicKey remote, ReplicaId id) {
            return server.answer(remote, id);
        }

        @Override
        public boolean receipt(PublicKey remote, ReplicaId id, Signature signature) {
            return server.receipt(remote, id, signature);
        }
    }

    /** Answers replica channels from now on. */
    void serveReplicas(ReplicaServer replicas) {
        this.server = replicas;
    }

    /** What answers replica channels now. */
    ReplicaServer replicaServer() {
        return server;
    }

    /** Answers replica channels no more. */
    void serveNoReplicas() {
        this.server = new NothingToServe();
    }

    /** Looks again at what peers wait for. */
    void recheck(boolean newBlock) {
        for (PeerLink link : links) {
            ReplicaChannel channel = link.opened();
            if (channel != null) channel.recheck(newBlock);
        }
    }

    /** Ends all connections and listens no more. */
    @Override
    public void close() {
        swarm.close();
    }

    /** Runs short tasks of the channels. */
    static Executor tasks() {
        return TASKS;
    }
}
