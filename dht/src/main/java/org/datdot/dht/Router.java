package org.datdot.dht;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * Passes handshakes and holepunches on to peers that announced themselves at this node, their answers back, and hands those
 * for servers of this node over to them (npm {@code hyperdht}, {@code lib/router.js}).
 *
 * <p>For every datagram at most one of about the same size goes out. Unlike a stock node it sends requests only to peers that
 * announced themselves, or have answered through this node from another address lately, never where a stranger says, and
 * answers only to those whose request it passed on before.
 */
final class Router {
    private static final int MAX_PASSAGES = 8_192;
    private static final long PASSAGE_AGE_MS = 15_000;
    private static final long PLACE_AGE_MS = 60_000;
    private static final int MAX_WAYS = 512;
    private static final long WAYS_AGE_MS = 3_600_000;
    /** The peer itself, a node that passed a handshake on, and two more. */
    private static final int MAX_REMEMBERED = 4;

    /** A peer that listens on this node. */
    interface Server {
        /** A client begins a handshake. What is answered is a Noise message; silence is an answer, too. */
        void handshake(Knock knock, Consumer<Reply> answer);

        /** A client goes on with one; what is answered is a box as in {@link HolepunchMessage}. */
        void holepunch(long id, Knock knock, Consumer<Reply> answer);
    }

    /**
     * What a client sends to a server.
     *
     * @param message a Noise message, or a box
     * @param client where it is, as this node or the one between sees it
     * @param relay the node it came through
     * @param direct whether the client sent it itself
     * @param seenAs where the one who sent it sees this node
     * @param socket where it arrived
     */
    @SuppressWarnings("ArrayRecordComponent") // read only, inside this package
    record Knock(
            byte[] message,
            PeerAddress client,
            PeerAddress relay,
            boolean direct,
            PeerAddress seenAs,
            LocalSocket socket,
            long nowMs) {}

    /**
     * What a server answers.
     *
     * @param socket through which, null for where the question arrived
     */
    @SuppressWarnings("ArrayRecordComponent") // read only, inside this package
    record Reply(@Nullable LocalSocket socket, byte[] message) {}

    /** A request that was passed on: who asked. */
    private record Passage(PeerAddress client, int tid, long command) {}

    /** From where a peer has answered. */
    private record Place(Target target, PeerAddress address) {}

    private final Forwards forwards;
    private final Map<Target, Server> servers = new HashMap<>();
    private final GenerationCache<Passage, Boolean> passages;
    private final GenerationCache<Place, Boolean> places;
    private final GenerationCache<Target, List<PeerAddress>> ways;

    Router(Forwards forwards, long nowMs) {
        this.forwards = forwards;
        passages = new GenerationCache<>(limits(PASSAGE_AGE_MS), passage -> 0, nowMs);
        places = new GenerationCache<>(limits(PLACE_AGE_MS), place -> 0, nowMs);
        ways = new GenerationCache<>(
                new GenerationCache.Limits(MAX_WAYS, Long.MAX_VALUE, WAYS_AGE_MS, false), relays -> 0, nowMs);
    }

    private static GenerationCache.Limits limits(long ageMs) {
        return new GenerationCache.Limits(MAX_PASSAGES, Long.MAX_VALUE, ageMs, false);
    }

    /** From now on a peer listens here. Returns whether it did not before. */
    boolean add(PeerRecord peer, Server server) {
        Target target = Target.of(peer.publicKey());
        if (servers.putIfAbsent(target, server) != null) return false;
        forwards.addOwn(target, peer.encode());
        return true;
    }

    /** A peer no longer listens here. */
    void remove(PeerRecord peer) {
        Target target = Target.of(peer.publicKey());
        servers.remove(target);
        forwards.removeOwn(target);
    }

    /** This side's handshake reached a peer: where it is to go first the next time. */
    void reached(Target target, List<PeerAddress> through, long nowMs) {
        ways.put(
                target,
                through.stream()
                        .filter(node -> node.port() > 0)
                        .distinct()
                        .limit(MAX_REMEMBERED)
                        .toList(),
                nowMs);
    }

    /** Where to ask first for a peer this side has reached lately. */
    List<PeerAddress> ways(Target target, long nowMs) {
        List<PeerAddress> relays = ways.get(target, nowMs);
        return relays == null ? List.of() : relays;
    }

    /** Where a peer is that announced itself here, or null. */
    @Nullable
    PeerAddress relay(Target target, long nowMs) {
        Forwards.Forward forward = forwards.get(target, nowMs);
        return forward == null ? null : forward.relay();
    }

    /** Takes a request; false when it is none about connecting. */
    boolean handle(IncomingRequest request, long nowMs) {
        long command = request.message().command();
        boolean isHandshake = command == Command.Records.PEER_HANDSHAKE;
        if (!isHandshake && command != Command.Records.PEER_HOLEPUNCH) return false;
        byte[] value = request.message().value();
        Target target = request.message().target();
        if (value == null || target == null) return true;
        try {
            if (isHandshake) handshake(request, target, HandshakeMessage.decode(value), nowMs);
            else holepunch(request, target, HolepunchMessage.decode(value), nowMs);
        } catch (DecodingException e) {
            // Not worth an answer: nobody who means it sends that.
            return true;
        }
        return true;
    }

    private void handshake(IncomingRequest request, Target target, HandshakeMessage message, long nowMs) {
        if (message.noise().length == 0) return;
        Server server = servers.get(target);
        if (server == null) pass(request, target, message, nowMs);
        else serve(server, request, message, nowMs);
    }

    private static void serve(Server server, IncomingRequest request, HandshakeMessage message, long nowMs) {
        PeerAddress peer = message.peerAddress();
        PeerAddress client = peer == null ? request.from() : peer;
        PeerAddress back = switch (message.mode()) {
            case FROM_CLIENT, FROM_RELAY -> request.from();
            case FROM_SECOND_RELAY -> message.relayAddress();
            case FROM_SERVER, REPLY -> null;
        };
        boolean direct = message.mode() == RelayMode.FROM_CLIENT;
        if (back == null || client.port() == 0 || back.port() == 0 || direct != (peer == null)) return;
        Knock knock = new Knock(
                message.noise(),
                client,
                request.from(),
                direct,
                request.message().to(),
                request.socket(),
                nowMs);
        server.handshake(knock, reply -> {
            IncomingRequest answered = request.through(reply.socket());
            byte[] noise = reply.message();
            if (direct) answered.replyTo(back, new HandshakeMessage(RelayMode.REPLY, noise, null, null).encode());
            else answered.relay(back, new HandshakeMessage(RelayMode.FROM_SERVER, noise, peer, null).encode());
        });
    }

    private void pass(IncomingRequest request, Target target, HandshakeMessage message, long nowMs) {
        PeerAddress relay = relay(target, nowMs);
        byte[] noise = message.noise();
        PeerAddress from = request.from();
        PeerAddress peer = message.peerAddress();
        switch (message.mode()) {
            case FROM_CLIENT -> {
                if (relay == null) {
                    request.recommend();
                } else {
                    passages.put(passage(request, from), true, nowMs);
                    request.relay(relay, new HandshakeMessage(RelayMode.FROM_RELAY, noise, from, null).encode());
                }
            }
            case FROM_RELAY -> {
                if (relay == null || peer == null) return;
                request.relay(relay, new HandshakeMessage(RelayMode.FROM_SECOND_RELAY, noise, peer, from).encode());
            }
            case FROM_SERVER -> {
                if (peer == null || !wasPassed(request, peer, nowMs)) return;
                places.put(new Place(target, from), true, nowMs);
                request.replyTo(peer, new HandshakeMessage(RelayMode.REPLY, noise, from, null).encode());
            }
            case FROM_SECOND_RELAY, REPLY -> {
                // Only servers are sent the one, and the other comes as a reply.
            }
        }
    }

    private void holepunch(IncomingRequest request, Target target, HolepunchMessage message, long nowMs) {
        PeerAddress from = request.from();
        PeerAddress peer = message.peerAddress();
        switch (message.mode()) {
            case FROM_CLIENT -> {
                boolean answeredFromThere = peer != null && places.get(new Place(target, peer), nowMs) != null;
                PeerAddress relay = answeredFromThere ? peer : relay(target, nowMs);
                if (relay == null) return;
                passages.put(passage(request, from), true, nowMs);
                request.relay(
                        relay,
                        new HolepunchMessage(RelayMode.FROM_RELAY, message.id(), message.payload(), from).encode());
            }
            case FROM_RELAY -> {
                Server server = servers.get(target);
                if (server == null || peer == null || peer.port() == 0) return;
                Knock knock = new Knock(
                        message.payload(), peer, from, false, request.message().to(), request.socket(), nowMs);
                server.holepunch(
                        message.id(),
                        knock,
                        reply -> request.through(reply.socket())
                                .relay(
                                        from,
                                        new HolepunchMessage(RelayMode.FROM_SERVER, 0, reply.message(), peer)
                                                .encode()));
            }
            case FROM_SERVER -> {
                if (peer == null || !wasPassed(request, peer, nowMs)) return;
                places.put(new Place(target, from), true, nowMs);
                request.replyTo(
                        peer, new HolepunchMessage(RelayMode.REPLY, message.id(), message.payload(), from).encode());
            }
            case FROM_SECOND_RELAY, REPLY -> {
                // Holepunches take one node between, and the other comes as a reply.
            }
        }
    }

    private static Passage passage(IncomingRequest request, PeerAddress client) {
        return new Passage(client, request.message().tid(), request.message().command());
    }

    private boolean wasPassed(IncomingRequest request, PeerAddress client, long nowMs) {
        return passages.get(passage(request, client), nowMs) != null;
    }
}
