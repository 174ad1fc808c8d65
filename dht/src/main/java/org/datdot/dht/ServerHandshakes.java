package org.datdot.dht;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.PeerStreams.PeerStream;
import org.datdot.dht.Router.Knock;
import org.datdot.dht.Router.Reply;
import org.datdot.encoding.DecodingException;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * The handshakes of one server, without I/O (npm {@code hyperdht}, {@code lib/server.js}). A message that comes twice, as it
 * does when it comes through several nodes, is answered twice, but makes one stream.
 *
 * <p>A handshake is kept for about ten seconds, and as long as a hole is punched after it. At most {@value #MAX} are kept, and
 * {@value #MAX_PER_HOST} for one host; at most {@value #MAX_AT_WORK} are computed at a time, and {@value
 * #MAX_AT_WORK_PER_HOST} for one host; holes are punched for {@value #MAX_PUNCHING_PER_HOST} of one host. More are dropped, and
 * come again when they matter.
 */
final class ServerHandshakes implements Router.Server {
    static final int MAX = 1_024;
    static final int MAX_PER_HOST = 64;
    static final int MAX_AT_WORK = 128;
    static final int MAX_AT_WORK_PER_HOST = 8;
    static final int MAX_PUNCHING_PER_HOST = 8;
    static final int MAX_WAITING = 8;
    static final long KEPT_MS = 10_000;
    /** However long punching takes, a handshake is over after this. */
    static final long KEPT_WHILE_PUNCHING_MS = 60_000;

    /** Decides who may connect. */
    @FunctionalInterface
    interface Admission {
        boolean admits(PublicKey remote, PeerAddress from);
    }

    /**
     * What this node knows of its own place.
     *
     * @param open where everybody reaches it, if anybody does
     * @param local where it is in its own networks
     * @param relays nodes that pass handshakes on to it
     */
    record Place(@Nullable PeerAddress open, LocalAddresses local, List<NoisePayload.Relay> relays) {
        boolean isRelay(PeerAddress node) {
            return relays.stream().anyMatch(relay -> relay.relayAddress().equals(node));
        }
    }

    /**
     * What a server is made of.
     *
     * @param relayThrough names a peer that joins streams to those of clients, for each handshake
     * @param mayPunch decides before a hole is punched
     */
    record Parts(
            KeyPair keys,
            Entropy entropy,
            Supplier<Place> place,
            Admission admission,
            PeerStreams streams,
            Work work,
            Supplier<@Nullable PublicKey> relayThrough,
            Predicate<PunchPlan> mayPunch) {}

    /** What one host takes up. */
    private static final class Share {
        int kept;
        int atWork;
    }

    private static final class Entry implements PeerStreams.Watcher {
        final long id;
        final Hash key;
        final int host;
        final long sinceMs;
        final List<Consumer<Reply>> waiting = new ArrayList<>(1);
        boolean forgotten;

        @Nullable
        Reply reply;

        @Nullable
        PeerStream stream;

        @Nullable
        ServerPunch punch;

        NoisePayload.@Nullable RelayThrough relay;

        Entry(long id, Hash key, int host, long sinceMs) {
            this.id = id;
            this.key = key;
            this.host = host;
            this.sinceMs = sinceMs;
        }

        boolean isPunching() {
            return punch != null && !punch.isOver();
        }

        @Override
        public void reached() {
            if (punch != null) punch.end();
        }

        @Override
        public void closed() {
            if (punch != null) punch.end();
        }
    }

    /** What a client said. */
    private record Opening(ConnectHandshake handshake, NoisePayload payload, PublicKey remote) {}

    private final Parts parts;
    private final Punching punching;
    private final Map<Hash, Entry> entries = new HashMap<>();
    private final Map<Long, Entry> byId = new HashMap<>();
    private final Map<Integer, Share> shares = new HashMap<>();
    private final Deque<Entry> oldestFirst = new ArrayDeque<>();
    private long nextId;
    private int atWork;

    ServerHandshakes(Parts parts, Punching punching) {
        this.parts = parts;
        this.punching = punching;
    }

    @Override
    public void handshake(Knock knock, Consumer<Reply> answer) {
        expire(knock.nowMs());
        Hash key = new Hash(Blake2b.hash(knock.message()));
        Entry known = entries.get(key);
        if (known != null) {
            if (known.reply != null) answer.accept(known.reply);
            else if (!known.waiting.isEmpty() && known.waiting.size() < MAX_WAITING) known.waiting.add(answer);
            return;
        }
        int host = knock.client().host();
        Share share = shares.computeIfAbsent(host, h -> new Share());
        if (entries.size() >= MAX || share.kept >= MAX_PER_HOST) return;
        if (atWork >= MAX_AT_WORK || share.atWork >= MAX_AT_WORK_PER_HOST) {
            if (share.kept == 0) shares.remove(host);
            return;
        }
        Entry entry = new Entry(nextId++, key, host, knock.nowMs());
        entries.put(key, entry);
        byId.put(entry.id, entry);
        oldestFirst.add(entry);
        share.kept++;
        entry.waiting.add(answer);
        atWork++;
        share.atWork++;
        parts.work().run(() -> open(knock.message()), opening -> admit(entry, share, knock, opening));
    }

    private @Nullable Opening open(byte[] noise) {
        ConnectHandshake handshake = ConnectHandshake.server(parts.keys(), parts.entropy());
        try {
            NoisePayload payload = handshake.receive(noise);
            return new Opening(handshake, payload, Objects.requireNonNull(handshake.remotePublicKey()));
        } catch (WireException | DecodingException e) {
            // Not for this server, or not from a client: there is nobody to tell.
            return null;
        }
    }

    private void admit(Entry entry, Share share, Knock knock, @Nullable Opening opening) {
        boolean admitted =
                opening != null && !entry.forgotten && parts.admission().admits(opening.remote(), knock.client());
        if (!admitted || opening == null) {
            workDone(share);
            entry.waiting.clear();
            return;
        }
        NoisePayload.Udx theirs = opening.payload().udx();
        int error = opening.payload().version() != NoisePayload.VERSION
                ? ConnectError.VERSION_MISMATCH
                : theirs == null ? ConnectError.ABORTED : ConnectError.NONE;
        PeerStream stream = error == ConnectError.NONE ? parts.streams().open(entry) : null;
        entry.stream = stream;
        Place here = parts.place().get();
        List<PeerAddress> addresses = new ArrayList<>();
        if (here.open() != null) addresses.add(here.open());
        addresses.addAll(here.local().addresses());
        PublicKey relay = parts.relayThrough().get();
        if (relay != null) entry.relay = NoisePayload.RelayThrough.withFreshToken(relay, parts.entropy());
        NoisePayload payload = new NoisePayload(
                NoisePayload.VERSION,
                error,
                here.open() == null ? Firewall.UNKNOWN : Firewall.OPEN,
                here.open() == null ? new NoisePayload.Holepunch(entry.id, here.relays()) : null,
                addresses,
                new NoisePayload.Udx(false, stream == null ? 0 : stream.id(), 0),
                true,
                entry.relay,
                here.relays().stream().map(NoisePayload.Relay::relayAddress).toList());
        parts.work().run(() -> opening.handshake().send(payload), reply -> {
            workDone(share);
            if (reply != null && !entry.forgotten) answer(entry, knock, opening, here, reply);
        });
    }

    private void workDone(Share share) {
        atWork--;
        share.atWork--;
    }

    private void answer(Entry entry, Knock knock, Opening opening, Place here, byte[] noise) {
        NoisePayload payload = opening.payload();
        NoisePayload.Udx theirs = payload.udx();
        PeerStream stream = entry.stream;
        Reply reply = new Reply(null, noise);
        if (stream != null && theirs != null) {
            stream.agree(opening.handshake().session(), theirs.id());
            if (knock.direct() || payload.firewall() == Firewall.OPEN) {
                stream.connect(knock.direct() ? knock.socket() : punching.node().requestSocket(), knock.client());
            } else if (here.open() == null) {
                relay(entry, stream, payload);
                ServerPunch punch = punch(entry, opening, here);
                if (punch == null) {
                    entry.waiting.clear();
                    stream.abandon();
                    return;
                }
                // Behind the same address translation the client is to come to the server's own socket.
                if (!mayBeNear(knock, payload, here)) reply = new Reply(punch.socket(), noise);
            }
        }
        entry.reply = reply;
        List<Consumer<Reply>> waiting = List.copyOf(entry.waiting);
        entry.waiting.clear();
        for (Consumer<Reply> each : waiting) each.accept(reply);
    }

    /** Both sides may have named a relay: the server's counts. */
    private static void relay(Entry entry, PeerStream stream, NoisePayload payload) {
        boolean initiator = entry.relay != null;
        if (!initiator) entry.relay = payload.relayThrough();
        if (entry.relay != null) stream.relay(new PeerStreams.RelayRequest(entry.relay, initiator));
    }

    private static boolean mayBeNear(Knock knock, NoisePayload payload, Place here) {
        if (knock.client().host() != knock.seenAs().host()) return false;
        List<PeerAddress> candidates =
                payload.addresses4().stream().filter(PeerAddress::isPrivate).toList();
        return here.local().nearest(candidates) != null;
    }

    private @Nullable ServerPunch punch(Entry entry, Opening opening, Place here) {
        long ofHost = oldestFirst.stream()
                .filter(other -> other.host == entry.host && other.isPunching())
                .count();
        if (ofHost >= MAX_PUNCHING_PER_HOST) return null;
        HolepunchSecret secret = opening.handshake().holepunchSecret(parts.entropy());
        entry.punch = ServerPunch.open(
                punching, opening.payload().firewall(), secret, here::isRelay, parts.mayPunch(), entry.relay != null);
        return entry.punch;
    }

    @Override
    public void holepunch(long id, Knock knock, Consumer<Reply> answer) {
        Entry entry = byId.get(id);
        if (entry != null && entry.punch != null) entry.punch.take(knock, answer);
    }

    /** Forgets old handshakes, and streams nobody came to. */
    void expire(long nowMs) {
        for (int i = oldestFirst.size(); i > 0; i--) {
            Entry oldest = oldestFirst.element();
            if (oldest.sinceMs + KEPT_MS > nowMs) return;
            oldestFirst.remove();
            if (oldest.isPunching() && oldest.sinceMs + KEPT_WHILE_PUNCHING_MS > nowMs) oldestFirst.add(oldest);
            else forget(oldest);
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
        entry.forgotten = true;
        entry.reply = null; // the entry itself stays as long as its stream
        entry.waiting.clear();
        entries.remove(entry.key);
        byId.remove(entry.id);
        Share share = Objects.requireNonNull(shares.get(entry.host));
        if (--share.kept == 0) shares.remove(entry.host);
        if (entry.punch != null) entry.punch.end();
        if (entry.stream != null) entry.stream.abandon();
    }
}
