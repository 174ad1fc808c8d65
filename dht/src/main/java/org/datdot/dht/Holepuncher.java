package org.datdot.dht;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens a path through the address translations in front of two peers, without I/O (npm {@code hyperdht}, {@code
 * lib/holepuncher.js}). Both send datagrams of one byte to each other, until one arrives at the client.
 *
 * <p>When both are seen at one address each, they send there once a second. When one of them is seen at another port by
 * everybody, that one opens {@value #BIRTHDAY_SOCKETS} sockets, and the other one tries random ports. When both are, nothing
 * helps.
 *
 * <p>Anybody can send one byte. A probe from a host that neither the peer nor the nodes in between named only counts when none
 * from a named one came within {@value #STRANGER_MS} ms; and so many probes are answered, no more.
 */
final class Holepuncher implements PunchSockets.Listener {
    static final int BIRTHDAY_SOCKETS = 256;
    static final int MAX_ANSWERED = 256;
    static final long STRANGER_MS = 2_000;
    private static final int CONSISTENT_TRIES = 10;
    private static final long CONSISTENT_PAUSE_MS = 1_000;
    private static final int RANDOM_TRIES = 1_750;
    private static final long RANDOM_PAUSE_MS = 20;
    private static final int MAX_REOPENS = 3;
    private static final int MIN_PORT = 1_000;

    /** Told how it ended, once; nothing when it was ended from outside. */
    interface Outcome {
        /** The peer was heard. */
        void connected(LocalSocket socket, PeerAddress peer);

        /** It was tried for long enough. */
        void gaveUp();
    }

    /** Where the peer may be. */
    private record Place(PeerAddress address, boolean verified) {}

    private record Heard(LocalSocket socket, PeerAddress peer) {}

    private final Punching punching;
    private final boolean initiator;
    private final Outcome outcome;
    private final List<LocalSocket> sockets = new ArrayList<>();
    private final List<Consumer<Boolean>> reopening = new ArrayList<>();
    private final Set<Integer> named = new HashSet<>();
    private NatAnalysis nat;
    private Firewall remoteFirewall;
    private List<Place> remote = List.of();
    private boolean remotePunching;
    private boolean running;
    private boolean random;
    private boolean punched;
    private boolean ended;
    private boolean connected;
    private boolean reopened;
    private int answered;
    private @Nullable Heard stranger;
    private Timers.@Nullable Timer timer;

    private Holepuncher(
            Punching punching, boolean initiator, Firewall remoteFirewall, LocalSocket socket, Outcome outcome) {
        this.punching = punching;
        this.initiator = initiator;
        this.remoteFirewall = remoteFirewall;
        this.outcome = outcome;
        sockets.add(socket);
        nat = new NatAnalysis(punching.node(), socket);
    }

    /**
     * Begins to find out about this side's address translation; null when there are too many sockets already.
     *
     * @param initiator whether this side is the client, which decides about the path
     */
    static @Nullable Holepuncher open(Punching punching, boolean initiator, Firewall remoteFirewall, Outcome outcome) {
        Holepuncher[] self = new Holepuncher[1];
        LocalSocket socket = punching.sockets().open((at, from) -> self[0].probed(at, from));
        if (socket == null) return null;
        Holepuncher made = new Holepuncher(punching, initiator, remoteFirewall, socket, outcome);
        self[0] = made;
        punching.began(made);
        made.nat.sample();
        return made;
    }

    /** The socket which the peer is to reach. */
    LocalSocket socket() {
        return sockets.getFirst();
    }

    NatAnalysis nat() {
        return nat;
    }

    Firewall remoteFirewall() {
        return remoteFirewall;
    }

    /** Whether the peer sends probes, or is about to. */
    boolean remotePunching() {
        return remotePunching;
    }

    boolean isPunching() {
        return running;
    }

    boolean isConnected() {
        return connected;
    }

    boolean isOver() {
        return ended;
    }

    /** What is about to be done, as far as it is known. */
    PunchPlan plan() {
        List<PeerAddress> seenAs = nat.addresses();
        return new PunchPlan(
                remoteFirewall,
                nat.firewall(),
                remote.stream().map(Place::address).toList(),
                seenAs == null ? List.of() : seenAs);
    }

    /** A host from which probes are to be expected. */
    void name(PeerAddress address) {
        named.add(address.host());
    }

    /**
     * What the peer says of itself.
     *
     * @param verified where the peer has proven to be, or null
     */
    void updateRemote(HolepunchPayload payload, @Nullable PeerAddress verified) {
        List<Place> places = new ArrayList<>();
        if (payload.addresses() != null) {
            for (PeerAddress address : payload.addresses()) {
                boolean known = (verified != null && verified.host() == address.host()) || isVerified(address);
                places.add(new Place(address, known));
                name(address);
            }
        }
        remoteFirewall = payload.firewall();
        remote = places;
        remotePunching = payload.punching();
    }

    private boolean isVerified(PeerAddress address) {
        return remote.stream()
                .anyMatch(place -> place.verified() && place.address().host() == address.host());
    }

    /** Sends one probe. */
    void ping(PeerAddress to) {
        probe(socket(), to, false);
    }

    /** Sends one probe that only opens the way through this side's own address translation. */
    void openPath(PeerAddress to) {
        name(to);
        probe(socket(), to, true);
    }

    private void probe(LocalSocket from, PeerAddress to, boolean near) {
        if (to.port() == 0) return;
        punching.node().send(new Outgoing(from, to, new byte[1], near));
    }

    /**
     * Tells when enough is known of this side's address translation, whether that is good enough to punch.
     *
     * @param allowReopen whether to try other sockets if it is not
     */
    void analyze(boolean allowReopen, Consumer<Boolean> then) {
        nat.whenAnalyzed(() -> {
            if (!isUnstable()) then.accept(true);
            else if (!allowReopen || ended) then.accept(false);
            else reopen(then);
        });
    }

    private boolean isUnstable() {
        Firewall local = nat.firewall();
        return (remoteFirewall == Firewall.RANDOM && local == Firewall.RANDOM) || local == Firewall.UNKNOWN;
    }

    private void reopen(Consumer<Boolean> then) {
        if (reopened) {
            then.accept(nat.firewall().consistent());
            return;
        }
        reopening.add(then);
        if (reopening.size() == 1) reopen(MAX_REOPENS);
    }

    private void reopen(int left) {
        LocalSocket socket = left > 0 && isUnstable() && !isDone() && !running
                ? punching.sockets().open(this)
                : null;
        if (socket == null) {
            reopened = true;
            List<Consumer<Boolean>> waiting = List.copyOf(reopening);
            reopening.clear();
            waiting.forEach(then -> then.accept(nat.firewall().consistent()));
            return;
        }
        LocalSocket former = sockets.set(0, socket);
        punching.sockets().close(former);
        nat.end();
        nat = new NatAnalysis(punching.node(), socket);
        nat.sample();
        nat.whenAnalyzed(() -> reopen(left - 1));
    }

    private boolean isDone() {
        return ended || connected;
    }

    /** Begins to send probes; false when that makes no sense. */
    boolean punch() {
        if (!punched) {
            punched = true;
            running = !isDone() && !remote.isEmpty() && begin();
        }
        return running;
    }

    private boolean begin() {
        boolean here = nat.firewall().consistent();
        boolean there = remoteFirewall.consistent();
        if (here && there) {
            // The server has just answered the client's first probe.
            later(initiator ? 0 : CONSISTENT_PAUSE_MS, () -> probeAll(1));
            return true;
        }
        PeerAddress verified = remote.stream()
                .filter(Place::verified)
                .map(Place::address)
                .findFirst()
                .orElse(null);
        if (verified == null) return false;
        if (here && remoteFirewall == Firewall.RANDOM) {
            random = true;
            punching.random().began();
            later(0, () -> tryRandomPorts(verified, RANDOM_TRIES));
            return true;
        }
        if (nat.firewall() == Firewall.RANDOM && there && verified.port() > 0) {
            random = true;
            punching.random().began();
            openBirthdaySockets(verified);
            later(100, () -> probeFromAll(verified, 0));
            return true;
        }
        return false;
    }

    private void later(long delayMs, Runnable action) {
        if (timer != null) timer.cancel();
        timer = punching.node().after(delayMs, () -> {
            if (running) action.run();
        });
    }

    private void probeAll(int attempt) {
        for (Place place : remote) {
            // Where nobody has proven to be is tried now and then.
            if (place.verified() || (attempt & 3) == 0) probe(socket(), place.address(), false);
        }
        later(CONSISTENT_PAUSE_MS, attempt < CONSISTENT_TRIES ? () -> probeAll(attempt + 1) : this::giveUp);
    }

    private void tryRandomPorts(PeerAddress peer, int left) {
        int port = MIN_PORT + punching.node().random().nextInt(65_536 - MIN_PORT);
        probe(socket(), new PeerAddress(peer.host(), port), false);
        later(RANDOM_PAUSE_MS, left > 1 ? () -> tryRandomPorts(peer, left - 1) : this::giveUp);
    }

    private void openBirthdaySockets(PeerAddress peer) {
        while (sockets.size() < BIRTHDAY_SOCKETS) {
            LocalSocket socket = punching.sockets().open(this);
            if (socket == null) return;
            sockets.add(socket);
            probe(socket, peer, true);
        }
    }

    private void probeFromAll(PeerAddress peer, int attempt) {
        probe(sockets.get(attempt % sockets.size()), peer, attempt < sockets.size());
        later(RANDOM_PAUSE_MS, attempt + 1 < RANDOM_TRIES ? () -> probeFromAll(peer, attempt + 1) : this::giveUp);
    }

    /** A probe came. */
    @Override
    public void probed(LocalSocket socket, PeerAddress from) {
        if (isDone()) return;
        if (!initiator) {
            // The client decides: it hears that this path works.
            if (answered++ < MAX_ANSWERED) probe(socket, from, false);
        } else if (named.contains(from.host())) {
            connect(socket, from);
        } else if (stranger == null) {
            stranger = new Heard(socket, from);
            punching.node().after(STRANGER_MS, this::takeStranger);
        }
    }

    private void takeStranger() {
        if (stranger != null && !isDone()) connect(stranger.socket(), stranger.peer());
    }

    private void connect(LocalSocket socket, PeerAddress peer) {
        connected = true;
        finish();
        for (LocalSocket other : sockets) {
            if (other != socket) punching.sockets().close(other);
        }
        sockets.clear();
        sockets.add(socket);
        outcome.connected(socket, peer);
        // A stream keeps it open from now on, if there is one.
        punching.sockets().close(socket);
    }

    private void giveUp() {
        if (isDone()) return;
        if (stranger != null) {
            connect(stranger.socket(), stranger.peer());
            return;
        }
        end();
        outcome.gaveUp();
    }

    /** Ends it without an outcome; sockets that streams go through stay open for as long as those. */
    void end() {
        if (ended) return;
        ended = true;
        if (connected) return;
        sockets.forEach(punching.sockets()::close);
        finish();
    }

    private void finish() {
        running = false;
        if (timer != null) timer.cancel();
        if (random) punching.random().ended(punching.node().nowMs());
        random = false;
        nat.end();
        punching.ended(this);
    }
}
