package org.datdot.dht;

import java.security.MessageDigest;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.datdot.crypto.CryptoException;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.Call.Question;
import org.datdot.dht.DhtException.Reason;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of punching a hole, without I/O (npm {@code hyperdht}, {@code lib/connect.js}). First, through a node the
 * server chose, both tell what is known of their address translations, and the server gives a token. Then, through the node the
 * client chose, both begin to punch: a token that comes back that other way proves that neither node lied about where the peer is.
 */
final class ClientPunch {
    private static final long SERVER_THINKS_MS = 1_000;
    private static final long LATER_MS = 10_000;

    /** What it is needed for. */
    interface Owner {
        /** The server was heard. */
        void connected(LocalSocket socket, PeerAddress peer);

        /** It did not work. */
        void failed();

        /** Whether a hole may be punched, now that it is known what for. */
        boolean mayPunch(PunchPlan plan);

        /** Whether the connection works meanwhile, so that there is time to try again later. */
        boolean mayWait();
    }

    /**
     * Between whom.
     *
     * @param relay the node through which the client asked
     * @param server where that node sees the server
     */
    record Ends(Target target, NoisePayload.Holepunch holepunch, PeerAddress relay, PeerAddress server) {}

    /** What a server answered in one round. */
    private record Reply(HolepunchPayload payload, PeerAddress from, PeerAddress seenAs, PeerAddress server) {}

    private final Punching punching;
    private final DhtNode node;
    private final HolepunchSecret secret;
    private final Ends ends;
    private final NoisePayload.Relay serverRelay;
    private final Owner owner;
    private final Holepuncher puncher;
    private PeerAddress server;
    private long round;
    private boolean over;

    private ClientPunch(Punching punching, HolepunchSecret secret, Ends ends, Owner owner, Holepuncher puncher) {
        this.punching = punching;
        this.node = punching.node();
        this.secret = secret;
        this.ends = ends;
        this.owner = owner;
        this.puncher = puncher;
        this.server = ends.server();
        List<NoisePayload.Relay> relays = ends.holepunch().relays();
        serverRelay = relays.stream()
                .filter(relay -> relay.relayAddress().equals(ends.relay()))
                .findFirst()
                .orElse(relays.getFirst());
    }

    /**
     * Begins; null when there are too many sockets already.
     *
     * @param firewall what the server knows of its own
     */
    static @Nullable ClientPunch start(
            Punching punching, HolepunchSecret secret, Ends ends, Firewall firewall, Owner owner) {
        ClientPunch[] self = new ClientPunch[1];
        Holepuncher puncher = Holepuncher.open(punching, true, firewall, new Holepuncher.Outcome() {
            @Override
            public void connected(LocalSocket socket, PeerAddress peer) {
                Objects.requireNonNull(self[0]).connected(socket, peer);
            }

            @Override
            public void gaveUp() {
                Objects.requireNonNull(self[0]).fail();
            }
        });
        if (puncher == null) return null;
        self[0] = new ClientPunch(punching, secret, ends, owner, puncher);
        puncher.name(ends.server());
        puncher.name(self[0].serverRelay.peerAddress());
        self[0].probe(true);
        return self[0];
    }

    /** Ends it without an outcome. */
    void end() {
        over = true;
        puncher.end();
    }

    private void connected(LocalSocket socket, PeerAddress peer) {
        if (over) return;
        over = true;
        owner.connected(socket, peer);
    }

    private void fail() {
        if (over) return;
        end();
        owner.failed();
    }

    private void abort() {
        if (over) return;
        HolepunchPayload aborted = new HolepunchPayload(
                ConnectError.ABORTED, Firewall.UNKNOWN, round++, false, false, null, null, null, null);
        send(serverRelay.peerAddress(), serverRelay.relayAddress(), aborted, Call.Listener.NOBODY);
        fail();
    }

    /** The first rounds: both find out what is in front of them. */
    private void probe(boolean again) {
        puncher.openPath(server);
        HolepunchPayload payload = payload(false, server, null, null);
        ask(serverRelay.peerAddress(), serverRelay.relayAddress(), payload, () -> {}, reply -> {
            puncher.nat().add(reply.seenAs(), reply.from());
            // The server may want to see first whether a probe comes through.
            if (puncher.remoteFirewall() == Firewall.UNKNOWN) later(SERVER_THINKS_MS, () -> analyze(reply, again));
            else analyze(reply, again);
        });
    }

    private void analyze(Reply reply, boolean again) {
        puncher.analyze(false, stable -> {
            if (over) return;
            if (stable) compare(reply, again);
            else {
                puncher.analyze(true, stableNow -> {
                    if (over) return;
                    if (stableNow) probe(false);
                    else compare(reply, again);
                });
            }
        });
    }

    private void compare(Reply reply, boolean again) {
        Firewall there = puncher.remoteFirewall();
        Firewall here = puncher.nat().firewall();
        byte[] token = reply.payload().token();
        if ((there == Firewall.UNKNOWN || token == null) && again) {
            probe(false);
        } else if (there == Firewall.UNKNOWN
                || here == Firewall.UNKNOWN
                || (there == Firewall.RANDOM && here == Firewall.RANDOM)) {
            abort();
        } else {
            // Where both chose the same node, the server may have taken another socket since.
            if (serverRelay.relayAddress().equals(ends.relay()) && !server.equals(reply.server())) {
                server = reply.server();
                puncher.openPath(server);
            }
            if (owner.mayPunch(puncher.plan())) punch(token, false);
            else abort();
        }
    }

    /** The last round: from now on both send probes. */
    private void punch(byte @Nullable [] token, boolean delayed) {
        puncher.nat().freeze();
        boolean random =
                puncher.remoteFirewall() == Firewall.RANDOM || puncher.nat().firewall() == Firewall.RANDOM;
        if (random && !punching.random().allowed(node.nowMs())) {
            putOff(token, delayed);
            return;
        }
        if (random) punching.random().began();
        byte[] own = delayed ? null : secret.token(server);
        PeerAddress to = delayed ? serverRelay.peerAddress() : server;
        PeerAddress through = delayed ? serverRelay.relayAddress() : ends.relay();
        Runnable answered = () -> {
            if (random) punching.random().calledOff(); // from here on the puncher counts itself
        };
        ask(to, through, payload(true, null, own, token), answered, reply -> {
            if (reply.payload().error() == ConnectError.TRY_LATER) tryLater(token);
            else if (!puncher.remotePunching() || !puncher.punch()) fail();
        });
    }

    private void putOff(byte @Nullable [] token, boolean delayed) {
        if (!owner.mayWait()) {
            fail();
        } else if (delayed) {
            tryLater(token);
        } else {
            ask(
                    server,
                    ends.relay(),
                    payload(false, null, secret.token(server), token),
                    () -> {},
                    reply -> tryLater(token));
        }
    }

    private void tryLater(byte @Nullable [] token) {
        if (!owner.mayWait()) fail();
        else later(LATER_MS + node.random().nextInt((int) LATER_MS), () -> punch(token, true));
    }

    private void later(long delayMs, Runnable action) {
        node.after(delayMs, () -> {
            if (!over) action.run();
        });
    }

    private HolepunchPayload payload(
            boolean punches, @Nullable PeerAddress opened, byte @Nullable [] token, byte @Nullable [] remoteToken) {
        NatAnalysis nat = puncher.nat();
        return new HolepunchPayload(
                ConnectError.NONE,
                nat.firewall(),
                round++,
                false,
                punches,
                nat.addresses(),
                opened,
                token,
                remoteToken);
    }

    private void ask(
            PeerAddress to, PeerAddress through, HolepunchPayload payload, Runnable answered, Consumer<Reply> then) {
        send(to, through, payload, new Call.Listener() {
            @Override
            public void replied(Answer answer) {
                answered.run();
                Reply reply = over ? null : read(answer, to, payload);
                if (reply == null) fail();
                else then.accept(reply);
            }

            @Override
            public void failed(Reason reason) {
                answered.run();
                fail();
            }
        });
    }

    private void send(PeerAddress to, PeerAddress through, HolepunchPayload payload, Call.Listener listener) {
        byte[] value = new HolepunchMessage(
                        RelayMode.FROM_CLIENT, ends.holepunch().id(), secret.encrypt(payload), to)
                .encode();
        Question question = Question.record(through, null, Command.Records.PEER_HOLEPUNCH, ends.target(), value);
        node.call(puncher.socket(), question, listener);
    }

    /** What a server answered to one of these; null when it is no good. */
    private @Nullable Reply read(Answer answer, PeerAddress asked, HolepunchPayload sent) {
        byte[] value = answer.message().value();
        if (value == null || answer.failed()) return null;
        HolepunchMessage message;
        HolepunchPayload payload;
        try {
            message = HolepunchMessage.decode(value);
            payload = secret.decrypt(message.payload());
        } catch (CryptoException | DecodingException e) {
            // The node in between made it up.
            return null;
        }
        PeerAddress at = message.peerAddress() == null ? answer.from() : message.peerAddress();
        Reply reply = new Reply(payload, answer.from(), answer.message().to(), at);
        if (payload.error() == ConnectError.TRY_LATER && owner.mayWait() && sent.punching()) return reply;
        if (message.mode() != RelayMode.REPLY || payload.error() != ConnectError.NONE) return null;
        boolean echoed = sent.token() != null
                && payload.remoteToken() != null
                && MessageDigest.isEqual(payload.remoteToken(), sent.token());
        puncher.updateRemote(payload, echoed ? asked : null);
        return reply;
    }
}
