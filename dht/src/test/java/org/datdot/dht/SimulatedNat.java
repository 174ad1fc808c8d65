package org.datdot.dht;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Address translation as routers do it: only those are let in to whom something was sent from the same port, and only from the
 * very address it was sent to.
 */
final class SimulatedNat {
    /** Whom a port outside is for. */
    private record Flow(PeerAddress inside, @Nullable PeerAddress to) {}

    /** Its address outside. */
    final int host;

    /** Whether a socket inside is seen at another port by everybody. */
    boolean random;

    /** Whether hosts inside reach each other by their addresses outside. */
    boolean hairpin;

    private final Random ports;
    private final Map<Flow, Integer> outside = new HashMap<>();
    private final Map<Integer, PeerAddress> inside = new HashMap<>();
    private final Map<Integer, Set<PeerAddress>> opened = new HashMap<>();

    SimulatedNat(int host, boolean random, long seed) {
        this.host = host;
        this.random = random;
        this.ports = new Random(seed);
    }

    PeerAddress outbound(PeerAddress from, PeerAddress to) {
        int port = outside.computeIfAbsent(new Flow(from, random ? to : null), flow -> {
            int free = 1_024 + ports.nextInt(64_000);
            while (inside.containsKey(free)) free = 1_024 + ports.nextInt(64_000);
            inside.put(free, from);
            return free;
        });
        opened.computeIfAbsent(port, p -> new HashSet<>()).add(to);
        return new PeerAddress(host, port);
    }

    @Nullable
    PeerAddress inbound(int port, PeerAddress from) {
        return opened.getOrDefault(port, Set.of()).contains(from) ? inside.get(port) : null;
    }
}
