package org.datdot.swarm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.random.RandomGenerator;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.Target;
import org.jspecify.annotations.Nullable;

/**
 * Whom a swarm dials and when, and which of two connections to one peer it keeps, without I/O (npm {@code hyperswarm}, {@code
 * index.js}). It is handed what happens and the time, and hands out what to do. For one thread at a time.
 *
 * <p>After every call, do what {@link #poll()} has, and call {@link #wake} at {@link #nextWakeMs()}. A <em>link</em> is a dial
 * and the connection it becomes, or a connection that came from outside; there is at most one for a peer.
 */
final class ConnectionPolicy {
    /** Peers found beyond these are not remembered: anybody can announce any number of made-up ones. */
    static final int MAX_KNOWN = 4_096;

    /** What is to be done. */
    sealed interface Action {
        /**
         * Dial a peer; then {@link #opened} or {@link #closed}, and before that {@link #unreachable} when there was no way.
         *
         * @param relays nodes that pass on handshakes to it
         * @param forceRelay whether it was not to be reached without a relay before
         */
        record Dial(long link, PublicKey peer, List<PeerAddress> relays, boolean forceRelay) implements Action {}

        /** End a dial or connection at once; then {@link #closed}. */
        record Drop(long link) implements Action {}

        /** Send something, to find out whether the peer is still there. */
        record Probe(long link) implements Action {}

        /** Tell that something changed. */
        record Update() implements Action {}

        /** Tell that a peer was banned. */
        record Ban(PublicKey peer) implements Action {}

        /** Tell that a {@link #flush} is over. */
        record Flushed(long flush, boolean done) implements Action {}
    }

    /** A peer connects: what there was at this moment, to decide on when it has proven who it is. */
    record Arrival(PublicKey peer, long existing, boolean flowing) {
        private static final long NOTHING = 0;
    }

    /** What becomes of a connection that came from outside. */
    sealed interface Verdict {
        /** It is a link now. */
        record Accepted(long link) implements Verdict {}

        /** It is not wanted. */
        record Refused() implements Verdict {}

        /** It is wanted instead of another: end that one, and {@link #accept} again. */
        record Instead(long existing) implements Verdict {}
    }

    private static final class Link {
        final long id;
        final PeerInfo peer;
        final boolean client;
        boolean open;

        Link(long id, PeerInfo peer, boolean client) {
            this.id = id;
            this.peer = peer;
            this.client = client;
            open = !client;
        }
    }

    private record Flush(long id, long tick) {}

    private final PublicKey own;
    private final HyperswarmOptions options;
    private final PeerQueue queue;
    private final RetryTimer retries;
    private final Map<PublicKey, PeerInfo> peers = new HashMap<>();
    private final Set<PeerInfo> explicitPeers = new LinkedHashSet<>();
    private final Map<PublicKey, Link> links = new LinkedHashMap<>();
    private final Map<Long, Link> linksById = new HashMap<>();
    private final Map<Target, Integer> topics = new HashMap<>();
    private final List<Flush> flushes = new ArrayList<>();
    private final Deque<Action> actions = new ArrayDeque<>();
    private long lastLink;
    private long lastFlush;
    private long flushTick;
    private int dialling;
    private int clientLinks;
    private boolean suspended;
    private boolean closed;
    private boolean draining;
    private long updates;
    private long dialled;
    private long clientOpened;
    private long clientClosed;
    private long serverOpened;
    private long serverClosed;
    private long bans;

    ConnectionPolicy(PublicKey own, HyperswarmOptions options, RandomGenerator random) {
        this.own = own;
        this.options = options;
        queue = new PeerQueue(random);
        retries = new RetryTimer(random);
    }

    /** The next thing to do, or null. */
    @Nullable
    Action poll() {
        return actions.poll();
    }

    /** When to call {@link #wake}. */
    long nextWakeMs() {
        return suspended || closed ? RetryTimer.NEVER : retries.nextMs();
    }

    /** Tries again those whose time has come. */
    void wake(long nowMs) {
        if (suspended || closed) return;
        retries.wake(nowMs, due -> {
            for (PeerInfo peer : due) {
                peer.waiting = false;
                boolean wanted = peer.explicit || wanted(peer);
                if (!wanted || !peer.updatePriority() || links.containsKey(peer.key)) forgetMaybe(peer);
                else enqueue(peer);
            }
        });
        dialMore(nowMs);
    }

    /** A topic was joined: its peers are wanted until it was left as often. */
    void joined(Target topic) {
        topics.merge(topic, 1, Integer::sum);
    }

    /** A topic was left: its peers are not dialled again for its sake; connections live on. */
    void left(Target topic) {
        topics.computeIfPresent(topic, (_, count) -> count == 1 ? null : count - 1);
    }

    /** Dials a peer that is neither connected nor being dialled, whatever the limits are; false when it is refused. */
    boolean connect(PublicKey key) {
        if (closed || suspended || refuses(key)) return false;
        if (!links.containsKey(key)) dial(remembered(key, List.of()));
        return true;
    }

    /** A peer was found under a topic. */
    void found(PublicKey key, List<PeerAddress> relays, Target topic, long nowMs) {
        PeerInfo peer = known(key, relays);
        if (peer == null) return;
        peer.foundUnder(topic);
        if (links.containsKey(key)) return;
        if (!peer.prioritized() || !peer.client) peer.reset();
        if (peer.updatePriority()) enqueue(peer);
        dialMore(nowMs);
    }

    /** A peer is to be connected to, whatever topics it has, for as long as this holds. */
    void joinPeer(PublicKey key, long nowMs) {
        PeerInfo peer = known(key, List.of());
        if (peer == null) return;
        peer.explicit = true;
        explicitPeers.add(peer);
        if (links.containsKey(key)) return;
        if (peer.updatePriority()) enqueue(peer);
        dialMore(nowMs);
    }

    /** Ends a {@link #joinPeer}; a connection lives on. */
    void leavePeer(PublicKey key) {
        PeerInfo peer = peers.get(key);
        if (peer == null) return;
        peer.explicit = false;
        explicitPeers.remove(peer);
        forgetMaybe(peer);
    }

    /** Refuses a peer from now on, or no more; a connection lives on. */
    void ban(PublicKey key, boolean banned) {
        PeerInfo peer = peers.get(key);
        if (peer == null && (!banned || key.equals(own))) return;
        if (peer == null) peer = remembered(key, List.of());
        peer.banned = banned;
        if (banned) {
            bans++;
            actions.add(new Action.Ban(key));
        } else {
            forgetMaybe(peer);
        }
    }

    /** Whether a peer is refused; asks the firewall, too. */
    boolean refuses(PublicKey key) {
        if (key.equals(own)) return true;
        PeerInfo peer = peers.get(key);
        if (peer != null && peer.banned) return true;
        if (!options.firewall().test(key)) return false;
        ban(key, true);
        return true;
    }

    /** A dial succeeded; false when it is not wanted any more. */
    boolean opened(long id, long nowMs) {
        Link link = linksById.get(id);
        if (link == null) return false;
        clientOpened++;
        link.open = true;
        dialling--;
        link.peer.connected(nowMs);
        link.peer.client = true;
        dialMore(nowMs);
        flushMaybe();
        changed();
        return true;
    }

    /** There is no direct way to the peer of a dial: it is tried again soon, with a relay if there is one. */
    void unreachable(long id) {
        Link link = linksById.get(id);
        if (link == null || link.peer.forceRelay || options.relayThrough().equals(RelayChoice.NOBODY)) return;
        link.peer.forceRelay = true;
        link.peer.attempts = 0;
    }

    /**
     * A peer connects.
     *
     * @param flowing whether bytes came and went on a link
     */
    Arrival arrived(PublicKey peer, LongPredicate flowing) {
        Link existing = links.get(peer);
        return existing == null
                ? new Arrival(peer, Arrival.NOTHING, false)
                : new Arrival(peer, existing.id, flowing.test(existing.id));
    }

    /** What becomes of a connection whose peer has proven its key. */
    Verdict accept(Arrival arrival, LongPredicate flowing) {
        if (closed || suspended || refuses(arrival.peer())) return new Verdict.Refused();
        Link existing = links.get(arrival.peer());
        if (existing != null) {
            // One that works must be one the peer has lost: it would not come again otherwise. Of two that begin at
            // once,
            // both sides keep the one dialled by the peer with the greater key.
            boolean lost = existing.id == arrival.existing() ? arrival.flowing() : flowing.test(existing.id);
            boolean weInitiate =
                    Arrays.compareUnsigned(own.bytes(), arrival.peer().bytes()) > 0;
            if (lost || !weInitiate) return new Verdict.Instead(existing.id);
            actions.add(new Action.Probe(existing.id));
            return new Verdict.Refused();
        }
        serverOpened++;
        PeerInfo peer = remembered(arrival.peer(), List.of());
        Link link = new Link(++lastLink, peer, false);
        links.put(peer.key, link);
        linksById.put(link.id, link);
        peer.client = false;
        changed();
        return new Verdict.Accepted(link.id);
    }

    /** A link is over. Telling twice does nothing. */
    void closed(long id, long nowMs) {
        Link link = linksById.remove(id);
        if (link == null) return;
        PeerInfo peer = link.peer;
        links.remove(peer.key);
        if (link.client) {
            clientClosed++;
            clientLinks--;
            if (!link.open) dialling--;
            peer.disconnected(nowMs);
            peer.waiting = wanted(peer) && retries.add(peer, nowMs);
        } else {
            serverClosed++;
        }
        forgetMaybe(peer);
        dialMore(nowMs);
        flushMaybe();
        changed();
    }

    /** Finds out which connections are still alive, as after a change of the network. */
    void probeAll() {
        for (Link link : links.values()) if (link.open) actions.add(new Action.Probe(link.id));
    }

    /** Asks to be told when all dials are over that are queued or under way now. Returns the number it will be told by. */
    long flush() {
        Flush flush = new Flush(++lastFlush, flushTick++);
        flushes.add(flush);
        flushMaybe();
        return flush.id();
    }

    /** Ends all links, and dials nobody until {@link #resume}. */
    void suspend() {
        suspended = true;
        queue.clear();
        retries.clear();
        for (Link link : links.values()) actions.add(new Action.Drop(link.id));
    }

    /** Goes on: peers found from now on, and those asked for by their keys, are dialled. */
    void resume(long nowMs) {
        suspended = false;
        dialMore(nowMs);
    }

    /** Ends all links for good. */
    void close() {
        suspend();
        closed = true;
        flushes.forEach(flush -> actions.add(new Action.Flushed(flush.id(), false)));
        flushes.clear();
    }

    /** The link to a peer; null when there is none. */
    @Nullable
    Long link(PublicKey key) {
        Link link = links.get(key);
        return link == null ? null : link.id;
    }

    /** How many dials are under way. */
    int dialling() {
        return dialling;
    }

    boolean connected(PublicKey key) {
        Link link = links.get(key);
        return link != null && link.open;
    }

    Optional<PeerStatus> peer(PublicKey key) {
        return Optional.ofNullable(peers.get(key)).map(this::status);
    }

    List<PeerStatus> peers() {
        Collection<PeerInfo> all = peers.values();
        return all.stream().map(this::status).toList();
    }

    HyperswarmStats stats() {
        return new HyperswarmStats(updates, dialled, clientOpened, clientClosed, serverOpened, serverClosed, bans);
    }

    private PeerStatus status(PeerInfo peer) {
        return new PeerStatus(
                peer.key,
                peer.topics(),
                connected(peer.key),
                peer.client,
                peer.attempts,
                peer.queued || peer.waiting,
                peer.explicit,
                peer.banned);
    }

    private @Nullable PeerInfo known(PublicKey key, List<PeerAddress> relays) {
        if (key.equals(own) || closed) return null;
        PeerInfo peer = peers.get(key);
        if (peer == null) return peers.size() >= MAX_KNOWN ? null : remembered(key, relays);
        peer.relays = relays; // newer ones are better
        return peer;
    }

    private PeerInfo remembered(PublicKey key, List<PeerAddress> relays) {
        return peers.computeIfAbsent(key, _ -> new PeerInfo(key, relays));
    }

    private void forgetMaybe(PeerInfo peer) {
        if (peer.forgettable() && !links.containsKey(peer.key)) peers.remove(peer.key, peer);
    }

    private boolean wanted(PeerInfo peer) {
        if (suspended || closed) return false;
        return peer.explicit || peer.topics().stream().anyMatch(topics::containsKey);
    }

    private void enqueue(PeerInfo peer) {
        peer.queued = true;
        peer.flushTick = flushTick;
        queue.add(peer);
    }

    private boolean withinMaxPeers() {
        int count = explicitPeers.size();
        int factor = count == 0 ? 1 : count < 2 ? 2 : count < 4 ? 3 : 4;
        return (long) factor * links.size() < options.maxPeers() && clientLinks < options.maxClientConnections();
    }

    private boolean mayDial() {
        return !closed && !suspended && dialling < options.maxParallel();
    }

    private void dialMore(long nowMs) {
        if (draining) return;
        draining = true;
        for (PeerInfo peer : List.copyOf(explicitPeers)) {
            if (!mayDial()) break;
            // A quick second try and so on, before the timer has its turn.
            boolean early = nowMs - peer.disconnectedMs < peer.attempts * 1_000L;
            if (peer.attempts < 5 && !early) dial(peer);
        }
        while (mayDial() && withinMaxPeers()) {
            PeerInfo peer = queue.poll();
            if (peer == null) break;
            peer.queued = false;
            dial(peer);
            forgetMaybe(peer);
        }
        draining = false;
        flushMaybe();
    }

    private void dial(PeerInfo peer) {
        if (links.containsKey(peer.key) || refuses(peer.key)) return;
        Link link = new Link(++lastLink, peer, true);
        links.put(peer.key, link);
        linksById.put(link.id, link);
        dialled++;
        dialling++;
        clientLinks++;
        actions.add(new Action.Dial(link.id, peer.key, peer.relays, peer.forceRelay));
        changed();
    }

    private void flushMaybe() {
        if (flushes.isEmpty()) return;
        boolean noMore = dialling == 0 && (queue.isEmpty() || !withinMaxPeers());
        flushes.removeIf(flush -> {
            boolean over = noMore || !(queue.holdsFrom(flush.tick()) || dialledBy(flush.tick()));
            if (over) actions.add(new Action.Flushed(flush.id(), true));
            return over;
        });
    }

    private boolean dialledBy(long tick) {
        return links.values().stream().anyMatch(link -> !link.open && link.peer.flushTick <= tick);
    }

    private void changed() {
        updates++;
        actions.add(new Action.Update());
    }
}
