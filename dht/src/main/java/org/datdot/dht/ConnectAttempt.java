package org.datdot.dht;

import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.Call.Question;
import org.datdot.dht.ClientHandshake.Route;
import org.datdot.dht.ConnectRequest.Agreement;
import org.datdot.dht.DhtException.Reason;
import org.datdot.dht.PeerStreams.PeerStream;
import org.jspecify.annotations.Nullable;

/**
 * A client's way to a server from its first question to a connected stream, without I/O (npm {@code hyperdht}, {@code
 * lib/connect.js}): the handshake through the DHT, then straight to an open server, or waiting for the server when this side is
 * open, or through the network both are in, or through a punched hole; meanwhile, or in the end, through a relay.
 */
final class ConnectAttempt implements ClientHandshake.Outcome, ClientPunch.Owner, PeerStreams.Watcher {
    private static final long SERVER_COMES_MS = 10_000;

    /** Told when nothing worked, once. */
    @FunctionalInterface
    interface Outcome {
        void failed(ConnectException.Reason reason);
    }

    private final Punching punching;
    private final DhtNode node;
    private final ConnectRequest request;
    private final NoisePayload.@Nullable RelayThrough relayThrough;
    private final PeerStream stream;
    private final ClientHandshake handshake;
    private final Predicate<PunchPlan> mayPunch;
    private final Outcome outcome;
    private @Nullable ClientPunch punch;
    private boolean relaying;
    private boolean over;

    /**
     * @param relayThrough what the request says of a relay
     * @param mayPunch decides before a hole is punched
     * @param stream to be connected; this attempt is its watcher
     */
    ConnectAttempt(
            Punching punching,
            Router router,
            Work work,
            ConnectRequest request,
            NoisePayload.@Nullable RelayThrough relayThrough,
            PeerStream stream,
            Predicate<PunchPlan> mayPunch,
            Outcome outcome) {
        this.punching = punching;
        this.node = punching.node();
        this.request = request;
        this.relayThrough = relayThrough;
        this.stream = stream;
        this.mayPunch = mayPunch;
        this.outcome = outcome;
        this.handshake = new ClientHandshake(node, router, request, work, this);
    }

    /** Begins; see {@link ClientHandshake#start}. */
    void start(List<PeerAddress> relays, long now) {
        if (!over) handshake.start(relays, now);
    }

    /** Ends it without an outcome. */
    void cancel() {
        over = true;
        handshake.cancel();
        if (punch != null) punch.end();
    }

    @Override
    public void failed(ConnectException.Reason reason) {
        if (over) return;
        cancel();
        stream.abandon();
        outcome.failed(reason);
    }

    @Override
    public void agreed(Agreement agreement, Route route) {
        if (over) return;
        NoisePayload payload = agreement.payload();
        stream.agree(agreement.session(), Objects.requireNonNull(payload.udx()).id());
        if (over) return; // the server was here before its answer
        NoisePayload.Holepunch holepunch = payload.holepunch();
        boolean punchable = holepunch != null && !holepunch.relays().isEmpty();
        if (!route.relayed()) {
            stream.connect(node.requestSocket(), route.server());
        } else if (payload.firewall() == Firewall.OPEN || holepunch == null || !punchable) {
            stream.connect(node.requestSocket(), reachable(payload, route.server()));
        } else {
            relay(payload);
            if (request.place().open() != null) {
                node.after(SERVER_COMES_MS, this::failed);
            } else {
                if (route.client().host() == route.server().host()) tryNearby(payload);
                ClientPunch.Ends ends =
                        new ClientPunch.Ends(Target.of(request.server()), holepunch, route.relay(), route.server());
                punch = ClientPunch.start(punching, agreement.secret(), ends, payload.firewall(), this);
                if (punch == null) failed();
            }
        }
    }

    private void relay(NoisePayload payload) {
        NoisePayload.RelayThrough theirs = payload.relayThrough();
        NoisePayload.RelayThrough through = theirs == null ? relayThrough : theirs;
        if (through == null) return;
        relaying = true;
        stream.relay(new PeerStreams.RelayRequest(through, theirs == null));
    }

    /** The first address that is one on the internet, or where the node in between sees the server. */
    private static PeerAddress reachable(NoisePayload payload, PeerAddress seenAt) {
        for (PeerAddress address : payload.addresses4()) {
            if (!address.isPrivate() && !address.isReserved() && address.port() > 0) return address;
        }
        return seenAt;
    }

    /** Behind the same address translation: the server may be in the network this side is in. */
    private void tryNearby(NoisePayload payload) {
        List<PeerAddress> candidates = payload.addresses4().stream()
                .filter(address -> !address.isReserved() && address.port() > 0)
                .toList();
        if (candidates.isEmpty()) return;
        PeerAddress nearest = request.place().local().nearest(candidates);
        PeerAddress address = nearest == null ? candidates.getFirst() : nearest;
        node.call(Question.internal(address, Command.PING, null, null), new Call.Listener() {
            @Override
            public void replied(Answer answer) {
                if (!over) stream.connect(LocalSocket.SERVER, address);
            }

            @Override
            public void failed(Reason reason) {
                // Then the hole that is punched meanwhile has to do.
            }
        });
    }

    @Override
    public void connected(LocalSocket socket, PeerAddress peer) {
        if (!over) stream.connect(socket, peer);
    }

    @Override
    public void failed() {
        // A relay may still come; and a stream that goes through one stays as it is.
        punch = null;
        if (!relaying) failed(ConnectException.Reason.NOT_REACHABLE);
    }

    @Override
    public boolean mayPunch(PunchPlan plan) {
        return mayPunch.test(plan);
    }

    @Override
    public boolean mayWait() {
        return relaying;
    }

    @Override
    public void reached() {
        cancel();
    }

    @Override
    public void relayFailed() {
        relaying = false;
        if (punch == null) failed(ConnectException.Reason.NOT_REACHABLE);
    }

    @Override
    public void closed() {
        cancel();
    }
}
