package org.datdot.hosting;

import java.io.Closeable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StorageException;
import org.datdot.swarm.Connection;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.datdot.wire.ChannelSpec;
import org.datdot.wire.Protomux;
import org.jspecify.annotations.Nullable;

/**
 * Keeps cores that apps ask to be kept, unpaid: what npm {@code blind-peer} 3 is to apps that use npm {@code blind-peering}. A
 * core is downloaded as it grows, from whoever is connected, and served to whoever asks by its key. It stays kept after a
 * restart. Nothing of the content is understood. Of wakeups (npm {@code protomux-wakeup}) it knows nothing: readers learn of
 * news by replicating. Thread-safe.
 */
public final class BlindPeer implements Closeable {
    private static final System.Logger LOG = System.getLogger(BlindPeer.class.getName());
    private static final String RPC = "protomux-rpc";
    private static final String PROTOCOL = "blind-peer";
    private static final String USER_DATA = "datdot/blind-peer";
    private static final int VERSION = 1;
    /** Requests of one connection that are worked on at a time; more fail. */
    private static final int AT_ONCE = 16;

    private final PublicKey own;
    private final Corestore store;
    private final Peers peers;
    private final BlindPeerOptions options;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<CoreKey, Entry> kept = new HashMap<>();
    private boolean closed;

    /** Why a core is not kept. */
    private static final class NotKeptException extends Exception {
        private static final long serialVersionUID = 1L;

        NotKeptException(String message) {
            super(message);
        }
    }

    /** Who asked for a core, and how. */
    private record Terms(PublicKey by, @Nullable CoreKey referrer, long priority, boolean announce) {
        byte[] encode() {
            CompactEncoder encoder =
                    new CompactEncoder(80).uint(VERSION).fixed(by.bytes()).uint(priority);
            encoder.uint((announce ? 1 : 0) | (referrer == null ? 0 : 2));
            if (referrer != null) encoder.fixed(referrer.bytes());
            return encoder.toBytes();
        }

        static Terms decode(byte[] bytes) {
            CompactDecoder decoder = new CompactDecoder(bytes);
            long version = decoder.uint();
            if (version != VERSION) throw new DecodingException("version " + version + " of a kept core's terms");
            PublicKey by = new PublicKey(decoder.fixed(PublicKey.BYTES));
            long priority = decoder.uint();
            long flags = decoder.uint();
            CoreKey referrer = (flags & 2) == 0 ? null : new CoreKey(decoder.fixed(CoreKey.BYTES));
            return new Terms(by, referrer, priority, (flags & 1) != 0);
        }
    }

    /** A core that is kept. */
    private static final class Entry {
        final Hypercore core;
        Terms terms;

        @Nullable
        Download download;

        Entry(Hypercore core, Terms terms) {
            this.core = core;
            this.terms = terms;
        }
    }

    private BlindPeer(PublicKey own, Corestore store, Peers peers, BlindPeerOptions options) {
        this.own = own;
        this.store = store;
        this.peers = peers;
        this.options = options;
    }

    /**
     * Goes on keeping what the store has of an earlier life, and answers apps on all connections that come about from now on.
     *
     * @param own the key by which apps know this node
     * @param store where cores are kept
     * @param peers the connections, which replicate the store
     */
    public static BlindPeer start(PublicKey own, Corestore store, Peers peers, BlindPeerOptions options) {
        BlindPeer made = new BlindPeer(own, store, peers, options);
        for (Corestore.CoreInfo info : store.list()) if (!info.hosted() && !info.writable()) made.resume(info.key());
        peers.onConnection(made::attach);
        return made;
    }

    private void resume(CoreKey key) {
        Hypercore core = store.get(key);
        byte[] terms = core.userData(USER_DATA);
        if (terms == null) core.close();
        else keep(new Entry(core, Terms.decode(terms)));
    }

    /**
     * What is kept at the moment.
     *
     * @param cores how many
     * @param bytes of all their blocks, here or still to come
     */
    public record Status(int cores, long bytes) {}

    /** What is kept at the moment. */
    public Status status() {
        lock.lock();
        try {
            return new Status(kept.size(), usedBytes());
        } finally {
            lock.unlock();
        }
    }

    private long usedBytes() {
        return kept.values().stream()
                .mapToLong(entry -> entry.core.byteLength())
                .sum();
    }

    private void attach(Connection connection) {
        Protomux mux = connection.mux();
        PublicKey remote = connection.remotePublicKey();
        Semaphore slots = new Semaphore(AT_ONCE);
        byte[] id = own.bytes();
        mux.pair(RPC, id, (on, _) -> on.tryOpen(new ChannelSpec(RPC, id, new byte[0], new Calls(remote, slots))));
        mux.pair(
                PROTOCOL,
                null,
                (on, _) -> on.tryOpen(new ChannelSpec(PROTOCOL, null, new byte[0], new Announcements(remote, slots))));
    }

    /** Calls of methods. */
    private final class Calls implements ChannelHandler {
        private final PublicKey remote;
        private final Semaphore slots;

        Calls(PublicKey remote, Semaphore slots) {
            this.remote = remote;
            this.slots = slots;
        }

        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            if (type != 0) return;
            BlindPeerMessage.Request request = BlindPeerMessage.Request.decode(payload);
            if (!slots.tryAcquire()) {
                answer(channel, request, failed(request, "too many requests at once"));
                return;
            }
            Thread.ofVirtual().name("blind-peer-call").start(() -> {
                try {
                    answer(channel, request, call(request));
                } finally {
                    slots.release();
                }
            });
        }

        private void answer(Channel channel, BlindPeerMessage.Request request, byte[] response) {
            if (request.id() != 0) channel.send(1, response);
        }

        private byte[] call(BlindPeerMessage.Request request) {
            try {
                return switch (request.method()) {
                    case "add-core" -> {
                        BlindPeerMessage.AddCore add = BlindPeerMessage.AddCore.decode(request.value());
                        Terms terms = terms(remote, add.referrer(), add.priority(), add.announce());
                        yield BlindPeerMessage.success(
                                request.id(), add(add.key(), terms).encode());
                    }
                    case "delete-core" -> {
                        CoreKey key = new CoreKey(request.value().fixed(CoreKey.BYTES));
                        yield BlindPeerMessage.success(request.id(), new byte[] {(byte) (delete(remote, key) ? 1 : 0)});
                    }
                    default ->
                        BlindPeerMessage.failure(
                                request.id(), "UNKNOWN_METHOD", "Unknown method '" + request.method() + "'", null);
                };
            } catch (DecodingException e) {
                return BlindPeerMessage.failure(request.id(), "DECODE_ERROR", "the request is malformed", null);
            } catch (NotKeptException | StorageException e) {
                return failed(request, String.valueOf(e.getMessage()));
            }
        }

        private static byte[] failed(BlindPeerMessage.Request request, String why) {
            return BlindPeerMessage.failure(request.id(), "REQUEST_ERROR", "Request failed", why);
        }
    }

    /** Lists of cores, to which nothing is answered. */
    private final class Announcements implements ChannelHandler {
        private final PublicKey remote;
        private final Semaphore slots;

        Announcements(PublicKey remote, Semaphore slots) {
            this.remote = remote;
            this.slots = slots;
        }

        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            if (type != 0) return;
            BlindPeerMessage.Cores cores = BlindPeerMessage.Cores.decode(payload);
            if (!slots.tryAcquire()) {
                LOG.log(System.Logger.Level.DEBUG, "{0} asks for more than can be looked after", remote);
                return;
            }
            Thread.ofVirtual().name("blind-peer-cores").start(() -> {
                try {
                    Terms terms = terms(remote, cores.referrer(), cores.priority(), cores.announce());
                    for (CoreKey key : cores.keys()) add(key, terms);
                } catch (NotKeptException | StorageException e) {
                    LOG.log(System.Logger.Level.INFO, "cores of {0} are not kept: {1}", remote, e.getMessage());
                } finally {
                    slots.release();
                }
            });
        }
    }

    private Terms terms(PublicKey by, @Nullable CoreKey referrer, long priority, boolean announce) {
        boolean trusted = options.trusted().contains(by);
        return new Terms(by, referrer, Math.min(priority, trusted ? 2 : 1), announce && trusted);
    }

    private BlindPeerMessage.Kept add(CoreKey key, Terms terms) throws NotKeptException {
        lock.lock();
        try {
            if (closed) throw new NotKeptException("this node is closing");
            Entry known = kept.get(key);
            if (known == null) {
                requireRoom(terms);
                if (isOurs(key)) throw new NotKeptException("this node has the core by other means");
                Hypercore core = store.get(key);
                core.userData(USER_DATA, terms.encode());
                known = new Entry(core, terms);
                keep(known);
            } else if (terms.announce() && !known.terms.announce()) {
                known.core.userData(USER_DATA, terms.encode());
                known.terms = terms;
                peers.announce(key);
            }
            Terms now = known.terms;
            return new BlindPeerMessage.Kept(
                    key, known.core.length(), known.core.byteLength(), now.priority(), now.announce(), now.referrer());
        } finally {
            lock.unlock();
        }
    }

    private boolean isOurs(CoreKey key) {
        return store.list().stream().anyMatch(info -> info.key().equals(key) && (info.hosted() || info.writable()));
    }

    private void requireRoom(Terms terms) throws NotKeptException {
        if (kept.size() >= options.maxCores()) {
            throw new NotKeptException("there are " + options.maxCores() + " cores here, as many as may be");
        }
        long ofPeer = kept.values().stream()
                .filter(entry -> entry.terms.by().equals(terms.by()))
                .count();
        if (ofPeer >= options.maxCoresPerPeer()) {
            throw new NotKeptException("there are " + ofPeer + " cores of yours here, as many as may be");
        }
        if (usedBytes() >= options.maxBytes()) {
            throw new NotKeptException("all of the " + options.maxBytes() + " bytes lent are used");
        }
    }

    private void keep(Entry entry) {
        lock.lock();
        try {
            kept.put(entry.core.key(), entry);
            entry.core.onUpdate(_ -> check());
            check();
        } finally {
            lock.unlock();
        }
        if (entry.terms.announce()) peers.announce(entry.core.key());
    }

    /** Downloads what fits: a core whose newest head is too long for what is left waits until there is room. */
    private void check() {
        lock.lock();
        try {
            if (closed) return;
            long left = options.maxBytes();
            for (Entry entry : byLength()) {
                left -= entry.core.byteLength();
                Download download = entry.download;
                if (left >= 0 && download == null) {
                    entry.download = entry.core.download(0, Download.LIVE);
                } else if (left < 0 && download != null) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "core {0} has grown beyond what is lent; no more of it is fetched",
                            entry.core.key());
                    download.close();
                    entry.download = null;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** The shortest first, so that one that claims to be endless takes nothing from others. */
    private List<Entry> byLength() {
        List<Entry> entries = new ArrayList<>(kept.values());
        entries.sort(java.util.Comparator.comparingLong(entry -> entry.core.byteLength()));
        return entries;
    }

    private boolean delete(PublicKey by, CoreKey key) throws NotKeptException {
        if (!options.trusted().contains(by)) throw new NotKeptException("only trusted peers can delete cores");
        lock.lock();
        try {
            Entry entry = kept.remove(key);
            if (entry == null) return false;
            if (entry.download != null) entry.download.close();
            peers.withdraw(key);
            entry.core.userData(USER_DATA, null);
            entry.core.close();
            store.purge(key);
            check();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Fetches nothing more; what is kept stays in the store. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            for (Entry entry : kept.values()) {
                if (entry.download != null) entry.download.close();
                entry.core.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
