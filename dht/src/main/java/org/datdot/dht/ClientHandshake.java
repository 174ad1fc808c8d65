package org.datdot.dht;

import java.util.ArrayDeque;
import java.util.ArrayList;
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
 * Brings a client's handshake to a server and an answer back, without I/O (npm {@code hyperdht}, {@code lib/connect.js}): through
 * nodes that are known to know the server, one after the other, and through those that a search finds, two at a time, until one
 * brings a good answer. The search begins when a known node fails or takes long; the stock package always begins it.
 *
 * <p>All nodes pass on the same Noise message, so that the server makes one stream. An answer that does not fit is dropped
 * without harm: a node in between may invent one.
 */
final class ClientHandshake {
    static final int AT_ONCE = 2;

    /** How long nodes that are known go alone. */
    static final long HEAD_START_MS = 250;

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
    private final Set<PeerAddress> met = new HashSet<>();
    private final Deque<PeerAddress> known = new ArrayDeque<>();
    private final Deque<PeerAddress> found = new ArrayDeque<>();
    private int inFlight;
    /** The known node that is being asked and did not let its time pass. */
    private @Nullable Asking trying;

    private int foundInFlight;
    private boolean searched;
    private boolean searching;
    private boolean over;
    private ConnectException.Reason failure = ConnectException.Reason.NOT_FOUND;
    private @Nullable Query query;
    private Timers.@Nullable Timer headStart;

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
     * @param relays nodes that are known to know the server; without them, those it was reached through before
     */
    void start(List<PeerAddress> relays, long now) {
        PeerAddress announcedHere = router.relay(target, now);
        if (announcedHere != null) known.add(announcedHere);
        known.addAll(relays.isEmpty() ? router.ways(target, now) : relays);
        known.removeIf(relay -> !met.add(relay));
        if (!known.isEmpty()) headStart = node.after(HEAD_START_MS, this::hurry);
        askMore();
    }

    /** Ends it without an outcome. */
    void cancel() {
        over = true;
        if (query != null) query.cancel();
        if (headStart != null) headStart.cancel();
    }

    /** The known node that is being asked takes long. */
    private void hurry() {
        trying = null;
        search();
        askMore();
    }

    private void search() {
        if (over || searched) return;
        searched = true;
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
        List<PeerAddress> first = List.copyOf(met);
        query = new RecordClient(node, first).findPeer(request.server(), this::found, end, node.nowMs());
        if (over) query.cancel();
    }

    private void found(FoundPeer peer) {
        if (!met.add(peer.from()) && !known.remove(peer.from())) return;
        found.add(peer.from());
        askMore();
    }

    private void askMore() {
        while (!over && trying == null && !known.isEmpty()) {
            Asking next = new Asking(true);
            trying = next;
            ask(known.remove(), next);
        }
        while (!over && foundInFlight < AT_ONCE && !found.isEmpty()) {
            foundInFlight++;
            if (failure == ConnectException.Reason.NOT_FOUND) failure = ConnectException.Reason.NO_ANSWER;
            ask(found.remove(), new Asking(false));
        }
        if (over || searching || inFlight > 0) return;
        if (searched) {
            cancel();
            outcome.failed(failure);
        } else {
            search();
        }
    }

    private void ask(PeerAddress to, Asking asking) {
        inFlight++;
        byte[] value = new HandshakeMessage(RelayMode.FROM_CLIENT, request.noise(), null, null).encode();
        node.call(Question.record(to, null, Command.Records.PEER_HANDSHAKE, target, value), asking);
    }

    /** One node being asked. */
    private final class Asking implements Call.Listener {
        private final boolean known;

        Asking(boolean known) {
            this.known = known;
        }

        @Override
        public void replied(Answer answer) {
            HandshakeMessage message = over ? null : message(answer);
            if (message == null) {
                goOn();
                return;
            }
            work.run(() -> request.read(message.noise()), agreement -> {
                if (agreement != null && !over) take(agreement, message.peerAddress(), answer);
                goOn();
            });
        }

        @Override
        public void failed(Reason reason) {
            if (reason == Reason.CLOSED || reason == Reason.SUSPENDED || reason == Reason.BUSY) {
                failure = ConnectException.Reason.UNAVAILABLE;
            }
            goOn();
        }

        @Override
        public void slow() {
            if (trying == this) hurry();
        }

        /** This node was of no use. */
        private void goOn() {
            inFlight--;
            if (!known) foundInFlight--;
            if (trying == this) trying = null;
            if (known) search();
            askMore();
        }
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
        List<PeerAddress> ways = new ArrayList<>();
        if (payload.firewall() == Firewall.OPEN) ways.add(at); // the next time without a node in between
        ways.add(answer.from());
        ways.addAll(payload.relayAddresses());
        router.reached(target, ways, node.nowMs());
        outcome.agreed(agreement, new Route(answer.from(), at, answer.message().to(), seenAt != null));
    }
}
