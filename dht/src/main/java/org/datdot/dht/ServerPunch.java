package org.datdot.dht;

import java.security.MessageDigest;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.datdot.crypto.CryptoException;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of punching a hole after one handshake, without I/O (npm {@code hyperdht}, {@code lib/server.js}): answers
 * what the client tells through a node, and punches when the client does.
 */
final class ServerPunch {
    /** How long a client may take from its handshake to its punch. */
    static final long PATIENCE_MS = 10_000;

    private final Punching punching;
    private final Holepuncher puncher;
    private final HolepunchSecret secret;
    private final Predicate<PeerAddress> isRelay;
    private final Predicate<PunchPlan> mayPunch;
    private final boolean mayWait;
    private final Timers.Timer patience;
    private long round;

    private ServerPunch(
            Punching punching,
            Holepuncher puncher,
            HolepunchSecret secret,
            Predicate<PeerAddress> isRelay,
            Predicate<PunchPlan> mayPunch,
            boolean mayWait) {
        this.punching = punching;
        this.puncher = puncher;
        this.secret = secret;
        this.isRelay = isRelay;
        this.mayPunch = mayPunch;
        this.mayWait = mayWait;
        patience = punching.node().after(PATIENCE_MS, this::losePatience);
    }

    /**
     * Prepares it; null when too much is being punched already.
     *
     * @param client what the client said of its address translation
     * @param isRelay whether a node is one this server chose to be reached through
     * @param mayPunch the owner's decision, asked before the first probe
     * @param mayWait whether the client can be put off, because it is connected through a relay meanwhile
     */
    static @Nullable ServerPunch open(
            Punching punching,
            Firewall client,
            HolepunchSecret secret,
            Predicate<PeerAddress> isRelay,
            Predicate<PunchPlan> mayPunch,
            boolean mayWait) {
        Holepuncher puncher = Holepuncher.open(punching, false, client, new Holepuncher.Outcome() {
            @Override
            public void connected(LocalSocket socket, PeerAddress peer) {
                throw new IllegalStateException("the client decides");
            }

            @Override
            public void gaveUp() {
                // The handshake is forgotten soon, and its stream with it.
            }
        });
        return puncher == null ? null : new ServerPunch(punching, puncher, secret, isRelay, mayPunch, mayWait);
    }

    private void losePatience() {
        if (!puncher.isPunching()) puncher.end();
    }

    /** Through which socket the handshake is to be answered, so that the client learns where that is seen. */
    LocalSocket socket() {
        return puncher.socket();
    }

    boolean isOver() {
        return puncher.isOver();
    }

    void end() {
        patience.cancel();
        puncher.end();
    }

    /** The client tells something; what it did not encrypt, or what comes too late, is not answered. */
    void take(Router.Knock knock, Consumer<Router.Reply> answer) {
        HolepunchPayload payload;
        try {
            payload = secret.decrypt(knock.message());
        } catch (CryptoException | DecodingException e) {
            // Somebody else's.
            return;
        }
        if (puncher.isOver() || payload.error() != ConnectError.NONE) {
            round = Math.max(round, payload.round());
            refuse(ConnectError.ABORTED, answer);
            return;
        }
        boolean throughRelay = isRelay.test(knock.relay());
        byte[] token = secret.token(knock.client());
        boolean echoed =
                throughRelay && payload.remoteToken() != null && MessageDigest.isEqual(token, payload.remoteToken());
        if (knock.socket() == puncher.socket()) puncher.nat().add(knock.seenAs(), knock.relay());
        if (payload.round() >= round) {
            round = payload.round();
            puncher.updateRemote(payload, echoed ? knock.client() : null);
        }
        Runnable ready = () -> decide(knock, payload, throughRelay ? token : null, answer);
        puncher.analyze(false, stable -> {
            if (puncher.isOver()) return;
            if (stable || puncher.remotePunching()) ready.run();
            else {
                puncher.analyze(true, stableNow -> {
                    if (puncher.isOver()) return;
                    if (stableNow) ready.run();
                    else refuse(ConnectError.ABORTED, answer);
                });
            }
        });
    }

    private void decide(
            Router.Knock knock, HolepunchPayload payload, byte @Nullable [] token, Consumer<Router.Reply> answer) {
        NatAnalysis nat = puncher.nat();
        List<PeerAddress> seenAs = nat.addresses();
        PeerAddress opened = payload.remoteAddress();
        // The client has opened a way to where this side really is: a probe through it is all it takes.
        if (nat.firewall().consistent() && opened != null && seenAs != null && seenAs.contains(opened)) {
            puncher.ping(knock.client());
        }
        int error = ConnectError.NONE;
        if (puncher.remotePunching() && !puncher.isPunching()) {
            patience.cancel();
            boolean random = puncher.remoteFirewall() == Firewall.RANDOM || nat.firewall() == Firewall.RANDOM;
            if (!mayPunch.test(puncher.plan())) {
                error = ConnectError.ABORTED;
            } else if (random && !punching.random().allowed(knock.nowMs())) {
                error = ConnectError.TRY_LATER;
            } else if (!puncher.punch()) {
                error = ConnectError.ABORTED;
            }
        }
        if (error != ConnectError.NONE && !(error == ConnectError.TRY_LATER && mayWait)) {
            refuse(error, answer);
            return;
        }
        if (nat.firewall() != Firewall.UNKNOWN && error == ConnectError.NONE) nat.freeze();
        HolepunchPayload reply = new HolepunchPayload(
                error,
                nat.firewall(),
                round,
                puncher.isConnected(),
                puncher.isPunching(),
                nat.addresses(),
                null,
                token,
                payload.token());
        answer.accept(new Router.Reply(puncher.socket(), secret.encrypt(reply)));
    }

    private void refuse(int error, Consumer<Router.Reply> answer) {
        HolepunchPayload reply =
                new HolepunchPayload(error, Firewall.UNKNOWN, round, false, false, null, null, null, null);
        answer.accept(new Router.Reply(null, secret.encrypt(reply)));
        end();
    }
}
