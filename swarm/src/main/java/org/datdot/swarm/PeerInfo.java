package org.datdot.swarm;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.Target;

/** What a {@link ConnectionPolicy} knows of one peer (npm {@code hyperswarm}, {@code lib/peer-info.js}). */
final class PeerInfo {
    static final int LOW_PRIORITY = 1;
    static final int NORMAL_PRIORITY = 2;
    static final int HIGH_PRIORITY = 3;
    static final int VERY_HIGH_PRIORITY = 4;

    /** A connection that lasted so long was a good one: the next attempt counts as the first. */
    static final long MIN_CONNECTION_MS = 15_000;

    /** After so many attempts only a peer that was asked for by its key is tried again. */
    static final int MAX_ATTEMPTS = 3;

    private static final long NOT_CONNECTED = -1;

    final PublicKey key;
    private final List<Target> topics = new ArrayList<>();
    List<PeerAddress> relays;
    boolean banned;
    boolean explicit;
    /** It was not to be reached without a relay. */
    boolean forceRelay;
    /** In the queue of those to be dialled. */
    boolean queued;
    /** In the retry timer. */
    boolean waiting;
    /** Whether the last connection was dialled by us. */
    boolean client;
    /** Whether a connection came about since it was found. */
    boolean proven;

    int attempts;
    int priority = NORMAL_PRIORITY;
    long flushTick;
    long disconnectedMs;
    private long connectedMs = NOT_CONNECTED;

    PeerInfo(PublicKey key, List<PeerAddress> relays) {
        this.key = key;
        this.relays = relays;
    }

    /** The topics it was found under, in this order. */
    List<Target> topics() {
        return topics;
    }

    void foundUnder(Target topic) {
        if (!topics.contains(topic)) topics.add(topic);
    }

    boolean prioritized() {
        return priority >= NORMAL_PRIORITY;
    }

    void connected(long nowMs) {
        proven = true;
        connectedMs = nowMs;
    }

    void disconnected(long nowMs) {
        disconnectedMs = nowMs;
        if (connectedMs != NOT_CONNECTED) {
            if (nowMs - connectedMs >= MIN_CONNECTION_MS) attempts = 0;
            connectedMs = NOT_CONNECTED;
        }
        attempts++;
    }

    /** It was found again: what was before does not count. */
    void reset() {
        client = false;
        proven = false;
        attempts = 0;
    }

    /** Decides when it is its turn; false when it is not to be dialled. */
    boolean updatePriority() {
        if (explicit && attempts > MAX_ATTEMPTS) attempts = MAX_ATTEMPTS;
        if (banned || queued || attempts > MAX_ATTEMPTS) return false;
        priority = switch (attempts) {
            case 0 -> NORMAL_PRIORITY;
            case 1 -> VERY_HIGH_PRIORITY;
            case 2 -> HIGH_PRIORITY;
            default -> LOW_PRIORITY;
        };
        return true;
    }

    /** Whether nothing but a connection keeps it worth remembering. */
    boolean forgettable() {
        return !(banned || queued || explicit || waiting);
    }
}
