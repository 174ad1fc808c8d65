package org.datdot.dht;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.PeerStreams.PeerStream;
import org.datdot.encoding.DecodingException;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * The handshakes of one server, without I/O (npm {@code hyperdht}, {@code lib/server.js}). A message that comes twice, as it
 * does when it comes through several nodes, is answered twice, but makes one stream.
 *
 * <p>A handshake is kept for about ten seconds. Within these at most {@value #MAX} are answered, and {@value #MAX_PER_HOST}
 * for one host; more are dropped, and come again when they matter.
 */
final class ServerHandshakes implements Router.Server {
    static final int MAX = 1_024;
    static final int MAX_PER_HOST = 64;
    static final long KEPT_MS = 10_000;

    /** Decides who may connect. */
    @FunctionalInterface
    interface Admission {
        boolean admits(PublicKey remote, PeerAddress from);
    }

    /** What this node knows of its own place. */
    record Place(@Nullable PeerAddress open, List<PeerAddress> local, List<PeerAddress> relays) {}

    private static final class Entry {
        final Hash key;
        final int host;
        final long untilMs;
        byte @Nullable [] reply;

        @Nullable
        PeerStream stream;

        Entry(Hash key, int host, long untilMs) {
            this.key = key;
            this.host = host;
            this.untilMs = untilMs;
        }
    }

    private final KeyPair keys;
    private final Entropy entropy;
    private final Supplier<Place> place;
    private final Admission admission;
    private final PeerStreams streams;
    private final Map<Hash, Entry> entries = new HashMap<>();
    private final Map<Integer, Integer> perHost = new HashMap<>();
    private final Deque<Entry> oldestFirst = new ArrayDeque<>();

    ServerHandshakes(KeyPair keys, Entropy entropy, Supplier<Place> place, Admission admission, PeerStreams streams) {
        this.keys = keys;
        this.entropy = entropy;
        this.place = place;
        this.admission = admission;
        this.streams = streams;
    }

    @Override
    public byte @Nullable [] handshake(
            byte[] noise, PeerAddress client, boolean direct, SocketKind socket, long nowMs) {
        expire(nowMs);
        Hash key = new Hash(Blake2b.hash(noise));
        Entry known = entries.get(key);
        if (known != null) return known.reply;
        int ofHost = perHost.getOrDefault(client.host(), 0);
        if (entries.size() >= MAX || ofHost >= MAX_PER_HOST) return null;
        Entry entry = new Entry(key, client.host(), nowMs + KEPT_MS);
        entries.put(key, entry);
        oldestFirst.add(entry);
        perHost.put(client.host(), ofHost + 1);
        ConnectHandshake handshake = ConnectHandshake.server(keys, entropy);
        NoisePayload payload;
        try {
            payload = handshake.receive(noise);
        } catch (WireException | DecodingException e) {
            // Not for this server, or not from a client: there is nobody to tell.
            return null;
        }
        PublicKey remote = Objects.requireNonNull(handshake.remotePublicKey());
        if (!admission.admits(remote, client)) return null;
        entry.reply = answer(entry, handshake, payload);
        PeerStream stream = entry.stream;
        if (stream != null && (direct || payload.firewall() == Firewall.OPEN)) {
            stream.connect(direct ? socket : SocketKind.SERVER, client);
        }
        return entry.reply;
    }

    private byte[] answer(Entry entry, ConnectHandshake handshake, NoisePayload payload) {
        NoisePayload.Udx theirs = payload.udx();
        int error = payload.version() != NoisePayload.VERSION
                ? ConnectError.VERSION_MISMATCH
                : theirs == null ? ConnectError.ABORTED : ConnectError.NONE;
        PeerStream stream = error == ConnectError.NONE ? streams.open() : null;
        Place here = place.get();
        List<PeerAddress> addresses = new ArrayList<>();
        if (here.open() != null) addresses.add(here.open());
        addresses.addAll(here.local());
        byte[] reply = handshake.send(new NoisePayload(
                NoisePayload.VERSION,
                error,
                here.open() == null ? Firewall.UNKNOWN : Firewall.OPEN,
                null,
                addresses,
                new NoisePayload.Udx(false, stream == null ? 0 : stream.id(), 0),
                true,
                null,
                here.relays()));
        if (stream != null && theirs != null) {
            entry.stream = stream;
            stream.agree(handshake.session(), theirs.id());
        }
        return reply;
    }

    /** Forgets old handshakes, and streams nobody came to. */
    void expire(long nowMs) {
        for (Entry oldest = oldestFirst.peek();
                oldest != null && oldest.untilMs <= nowMs;
                oldest = oldestFirst.peek()) {
            forget(oldestFirst.remove());
        }
    }

    /** Ends it: what is not connected yet will not be. */
    void close() {
        while (!oldestFirst.isEmpty()) forget(oldestFirst.remove());
    }

    int size() {
        return entries.size();
    }

    private void forget(Entry entry) {
        entries.remove(entry.key);
        perHost.computeIfPresent(entry.host, (host, count) -> count == 1 ? null : count - 1);
        PeerStream stream = entry.stream;
        if (stream != null) stream.abandon();
    }
}
