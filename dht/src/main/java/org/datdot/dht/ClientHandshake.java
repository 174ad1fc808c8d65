package org.datdot.dht;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.Call.Question;
import org.datdot.dht.DhtException.Reason;
import org.datdot.dht.PeerStreams.PeerStream;
import org.datdot.encoding.DecodingException;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect to a peer by its key, without I/O (npm {@code hyperdht}, {@code lib/connect.js}): looks for nodes that
 * know the peer, sends the handshake through a few of them at a time, and connects the stream with what the first good answer
 * says.
 *
 * <p>All nodes pass on the same Noise message, so that the server makes one stream. An answer that does not fit is dropped
 * without harm: a node in between may invent one.
 */
final class ClientHandshake {
    static final int AT_ONCE = 2;
    static final int AT_ONCE_WITH_RELAYS = 3;

    /** Told how it ended, once; nothing after the stream was connected by the other side. */
    interface Outcome {
        /** What was agreed on; the stream is connected, or waits for the peer's first packet. */
        void agreed();

        void failed(ConnectException.Reason reason);
    }

    private final DhtNode node;
    private final Router router;
    private final KeyPair keys;
    private final PublicKey server;
    private final Target target;
    private final PeerStream stream;
    private final List<PeerAddress> local;
    private final Outcome outcome;
    private final byte[] request;
    private final Entropy repeated;
    private final Set<PeerAddress> known = new HashSet<>();
    private final Deque<PeerAddress> waiting = new ArrayDeque<>();
    private final SocketKind socket;
    private final @Nullable PeerAddress open;
    private int atOnce = AT_ONCE;
    private int inFlight;
    private int attempts;
    private boolean searching;
    private boolean over;
    private ConnectException.Reason failure = ConnectException.Reason.NOT_FOUND;
    private @Nullable Query query;

    /**
     * @param local where this peer may be reached in its own network
     */
    ClientHandshake(
            DhtNode node,
            Router router,
            KeyPair keys,
            PublicKey server,
            Entropy entropy,
            PeerStream stream,
            List<PeerAddress> local,
            Outcome outcome) {
        this.node = node;
        this.router = router;
        this.keys = keys;
        this.server = server;
        this.target = Target.of(server);
        this.stream = stream;
        this.local = local;
        this.outcome = outcome;
        this.socket = node.requestSocket();
        this.open = node.reachability().openAddress();
        // One message for all nodes, and a fresh handshake to try each answer with: they differ in nothing.
        byte[] seed = entropy.bytes(64);
        repeated = bytes -> System.arraycopy(seed, 0, bytes, 0, bytes.length);
        request = ConnectHandshake.client(keys, server, repeated).send(payload());
    }

    private NoisePayload payload() {
        Deque<PeerAddress> addresses = new ArrayDeque<>(local);
        if (open != null) addresses.addFirst(open);
        return new NoisePayload(
                NoisePayload.VERSION,
                ConnectError.NONE,
                open == null ? Firewall.UNKNOWN : Firewall.OPEN,
                null,
                List.copyOf(addresses),
                new NoisePayload.Udx(false, stream.id(), 0),
                true,
                null,
                List.of());
    }

    /**
     * Begins.
     *
     * @param relays nodes that are known to know the peer, to be asked first
     */
    void start(List<PeerAddress> relays, long now) {
        PeerAddress announcedHere = router.relay(target, now);
        if (announcedHere != null) ask(announcedHere);
        relays.forEach(this::ask);
        if (!known.isEmpty()) atOnce = AT_ONCE_WITH_RELAYS;
        searching = true;
        query = new RecordClient(node)
                .findPeer(
                        server,
                        found -> ask(found.from()),
                        new RecordClient.End() {
                            @Override
                            public void finished(List<PeerAddress> closest) {
                                searching = false;
                                askMore();
                            }

                            @Override
                            public void failed(Reason reason) {
                                searching = false;
                                if (reason == Reason.CLOSED || reason == Reason.SUSPENDED) {
                                    failure = ConnectException.Reason.UNAVAILABLE;
                                }
                                askMore();
                            }
                        },
                        now);
        if (over) query.cancel();
        askMore();
    }

    /** Ends it without an outcome. */
    void cancel() {
        over = true;
        if (query != null) query.cancel();
    }

    private void ask(PeerAddress node) {
        if (!known.add(node)) return;
        waiting.add(node);
        if (searching) askMore();
    }

    private void askMore() {
        while (!over && inFlight < atOnce && !waiting.isEmpty()) ask(waiting.remove(), attempts++);
        if (!over && !searching && inFlight == 0) end(failure);
    }

    private void ask(PeerAddress to, int attempt) {
        inFlight++;
        if (attempt == 0) failure = ConnectException.Reason.NO_ANSWER;
        byte[] value = new HandshakeMessage(RelayMode.FROM_CLIENT, request, null, null).encode();
        Question question = Question.record(to, null, Command.Records.PEER_HANDSHAKE, target, value);
        node.call(question, new Call.Listener() {
            @Override
            public void replied(Answer answer) {
                inFlight--;
                if (!over) take(answer);
                askMore();
            }

            @Override
            public void failed(Reason reason) {
                inFlight--;
                if (reason == Reason.CLOSED || reason == Reason.SUSPENDED || reason == Reason.BUSY) {
                    failure = ConnectException.Reason.UNAVAILABLE;
                }
                askMore();
            }
        });
    }

    private void take(Answer answer) {
        byte[] value = answer.message().value();
        if (value == null || answer.failed()) return;
        try {
            HandshakeMessage message = HandshakeMessage.decode(value);
            if (message.mode() != RelayMode.REPLY) return;
            ConnectHandshake handshake = ConnectHandshake.client(keys, server, repeated);
            if (!Arrays.equals(handshake.send(payload()), request)) {
                // What is known of the own address does not change while this runs.
                throw new IllegalStateException("the same handshake twice differs");
            }
            agree(handshake.receive(message.noise()), handshake, message.peerAddress(), answer);
        } catch (WireException | DecodingException e) {
            // The server did not write that; another node may bring its answer.
            failure = ConnectException.Reason.NO_ANSWER;
        }
    }

    private void agree(NoisePayload payload, ConnectHandshake handshake, @Nullable PeerAddress seenAt, Answer answer) {
        NoisePayload.Udx theirs = payload.udx();
        if (payload.version() != NoisePayload.VERSION || payload.error() != ConnectError.NONE || theirs == null) {
            end(ConnectException.Reason.REFUSED);
            return;
        }
        boolean relayed = seenAt != null;
        PeerAddress address = relayed ? Objects.requireNonNull(seenAt) : answer.from();
        if (address.port() == 0) return;
        NoisePayload.Holepunch holepunch = payload.holepunch();
        boolean punchable = holepunch != null && !holepunch.relays().isEmpty();
        boolean passive = open != null;
        PeerAddress nearby = relayed && answer.message().to().host() == address.host() ? nearby(payload) : null;
        if (relayed && payload.firewall() != Firewall.OPEN && punchable && !passive && nearby == null) {
            end(ConnectException.Reason.NEEDS_HOLEPUNCH);
            return;
        }
        over = true;
        if (query != null) query.cancel();
        stream.agree(handshake.session(), theirs.id());
        if (!relayed) {
            stream.connect(socket, address);
        } else if (payload.firewall() == Firewall.OPEN || !punchable) {
            stream.connect(socket, reachable(payload, address));
        } else if (!passive) {
            stream.connect(socket, Objects.requireNonNull(nearby));
        }
        outcome.agreed();
    }

    /** The first address that is one on the internet, or where the node in between sees the server. */
    private static PeerAddress reachable(NoisePayload payload, PeerAddress seenAt) {
        for (PeerAddress address : payload.addresses4()) {
            if (!address.isPrivate() && !address.isReserved() && address.port() > 0) return address;
        }
        return seenAt;
    }

    /** Behind the same address translation: where the server is in the network it shares with this peer, if it says so. */
    private static @Nullable PeerAddress nearby(NoisePayload payload) {
        for (PeerAddress address : payload.addresses4()) {
            if (address.isPrivate() && !address.isReserved() && address.port() > 0) return address;
        }
        return null;
    }

    private void end(ConnectException.Reason reason) {
        if (over) return;
        over = true;
        if (query != null) query.cancel();
        outcome.failed(reason);
    }
}
