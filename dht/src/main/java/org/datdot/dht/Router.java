package org.datdot.dht;

import java.util.HashMap;
import java.util.Map;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * Passes handshakes and holepunches on to peers that announced themselves at this node, their answers back, and hands those
 * for servers of this node over to them (npm {@code hyperdht}, {@code lib/router.js}).
 *
 * <p>For every datagram at most one of about the same size goes out. Unlike a stock node it sends requests only to peers that
 * announced themselves, never where a stranger says, and answers only to those whose request it passed on before.
 */
final class Router {
    private static final int MAX_PASSAGES = 8_192;
    private static final long PASSAGE_AGE_MS = 15_000;

    /** A peer that listens on this node. */
    interface Server {
        /**
         * A client begins a handshake.
         *
         * @param client where it is, as this node or the one between sees it
         * @param direct whether it sent the message itself
         * @param socket where it arrived
         * @return the answering Noise message, or null to stay silent
         */
        byte @Nullable [] handshake(byte[] noise, PeerAddress client, boolean direct, SocketKind socket, long nowMs);
    }

    /** A request that was passed on: who asked. */
    private record Passage(PeerAddress client, int tid, long command) {}

    private final Forwards forwards;
    private final Map<Target, Server> servers = new HashMap<>();
    private final GenerationCache<Passage, Boolean> passages;

    Router(Forwards forwards, long nowMs) {
        this.forwards = forwards;
        GenerationCache.Limits limits = new GenerationCache.Limits(MAX_PASSAGES, Long.MAX_VALUE, PASSAGE_AGE_MS, false);
        passages = new GenerationCache<>(limits, passage -> 0, nowMs);
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
        byte[] noise = server.handshake(message.noise(), client, direct, request.socket(), nowMs);
        if (noise == null) return;
        if (direct) {
            request.replyTo(back, new HandshakeMessage(RelayMode.REPLY, noise, null, null).encode());
        } else {
            request.relay(back, new HandshakeMessage(RelayMode.FROM_SERVER, noise, peer, null).encode());
        }
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
                request.replyTo(peer, new HandshakeMessage(RelayMode.REPLY, noise, from, null).encode());
            }
            case FROM_SECOND_RELAY, REPLY -> {
                // Only servers are sent the one, and the other comes as a reply.
            }
        }
    }

    private void holepunch(IncomingRequest request, Target target, HolepunchMessage message, long nowMs) {
        PeerAddress from = request.from();
        switch (message.mode()) {
            case FROM_CLIENT -> {
                PeerAddress relay = relay(target, nowMs);
                if (relay == null) return;
                passages.put(passage(request, from), true, nowMs);
                request.relay(
                        relay,
                        new HolepunchMessage(RelayMode.FROM_RELAY, message.id(), message.payload(), from).encode());
            }
            case FROM_SERVER -> {
                PeerAddress peer = message.peerAddress();
                if (peer == null || !wasPassed(request, peer, nowMs)) return;
                request.replyTo(
                        peer, new HolepunchMessage(RelayMode.REPLY, message.id(), message.payload(), from).encode());
            }
            case FROM_RELAY, FROM_SECOND_RELAY, REPLY -> {
                // Servers of this node do not offer to punch, so nothing of that sort is for them.
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
