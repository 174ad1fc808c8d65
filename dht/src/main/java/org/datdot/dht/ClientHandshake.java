package org.datdot.dht;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.Call.Question;
import org.datdot.dht.ConnectRequest.Agreement;
import org.datdot.dht.DhtException.Reason;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * Brings a client's handshake to a server and an answer back, without I/O (npm {@code hyperdht}, {@code lib/connect.js}): looks
 * for nodes that know the server, and sends it through a few of them at a time until one brings a good answer.
 *
 * <p>All nodes pass on the same Noise message, so that the server makes one stream. An answer that does not fit is dropped
 * without harm: a node in between may invent one.
 */
final class ClientHandshake {
    static final int AT_ONCE = 2;
    static final int AT_ONCE_WITH_RELAYS = 3;

    /** Told how it ended, once. */
    interface Outcome {
        void agreed(Agreement agreement, Route route);

        void failed(ConnectException.Reason reason);
    }

    /**
     * The way the answer came.
     *
     * @param relay the node it was asked through, or the server itself
     * @param server where the server is, as that node sees it
     * @param client where this side is, as that node sees it
     * @param relayed whether there was a node in between
     */
    record Route(PeerAddress relay, PeerAddress server, PeerAddress client, boolean relayed) {}

    private final DhtNode node;
    private final Router router;
    private final ConnectRequest request;
    private final Target target;
    private final Work work;
    private final Outcome outcome;
    private final Set<PeerAddress> known = new HashSet<>();
    private final Deque<PeerAddress> waiting = new ArrayDeque<>();
    private int atOnce = AT_ONCE;
    private int inFlight;
    private int attempts;
    private boolean searching;
    private boolean over;
    private ConnectException.Reason failure = ConnectException.Reason.NOT_FOUND;
    private @Nullable Query query;

    ClientHandshake(DhtNode node, Router router, ConnectRequest request, Work work, Outcome outcome) {
        this.node = node;
        this.router = router;
        this.request = request;
        this.target = Target.of(request.server());
        this.work = work;
        this.outcome = outcome;
    }

    /**
     * Begins.
     *
     * @param relays nodes that are known to know the server, to be asked first
     */
    void start(List<PeerAddress> relays, long now) {
        PeerAddress announcedHere = router.relay(target, now);
        if (announcedHere != null) ask(announcedHere);
        relays.forEach(this::ask);
        if (!known.isEmpty()) atOnce = AT_ONCE_WITH_RELAYS;
        searching = true;
        RecordClient.End end = new RecordClient.End() {
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
        };
        query = new RecordClient(node).findPeer(request.server(), found -> ask(found.from()), end, now);
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
        if (over || searching || inFlight > 0) return;
        cancel();
        outcome.failed(failure);
    }

    private void ask(PeerAddress to, int attempt) {
        inFlight++;
        if (attempt == 0) failure = ConnectException.Reason.NO_ANSWER;
        byte[] value = new HandshakeMessage(RelayMode.FROM_CLIENT, request.noise(), null, null).encode();
        Question question = Question.record(to, null, Command.Records.PEER_HANDSHAKE, target, value);
        node.call(question, new Call.Listener() {
            @Override
            public void replied(Answer answer) {
                read(answer);
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

    private void read(Answer answer) {
        HandshakeMessage message = over ? null : message(answer);
        if (message == null) {
            inFlight--;
            askMore();
            return;
        }
        work.run(() -> request.read(message.noise()), agreement -> {
            inFlight--;
            if (agreement != null && !over) take(agreement, message.peerAddress(), answer);
            askMore();
        });
    }

    private static @Nullable HandshakeMessage message(Answer answer) {
        byte[] value = answer.message().value();
        if (value == null || answer.failed()) return null;
        try {
            HandshakeMessage message = HandshakeMessage.decode(value);
            PeerAddress seenAt = message.peerAddress();
            return message.mode() == RelayMode.REPLY && (seenAt == null || seenAt.port() > 0) ? message : null;
        } catch (DecodingException e) {
            // The node in between made it up; another one may bring the server's answer.
            return null;
        }
    }

    private void take(Agreement agreement, @Nullable PeerAddress seenAt, Answer answer) {
        cancel();
        NoisePayload payload = agreement.payload();
        if (payload.version() != NoisePayload.VERSION
                || payload.error() != ConnectError.NONE
                || payload.udx() == null) {
            outcome.failed(ConnectException.Reason.REFUSED);
            return;
        }
        PeerAddress at = seenAt == null ? answer.from() : seenAt;
        outcome.agreed(agreement, new Route(answer.from(), at, answer.message().to(), seenAt != null));
    }
}
