package org.datdot.interop;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A home router's address translation. Whatever the kind, only those are let in to whom something was sent from the same port
 * outside, and only from the very address it was sent to.
 */
final class LabNat {
    /** How a router chooses the port outside for a socket inside. */
    enum Kind {
        /** There is no translation: everybody reaches the host. */
        OPEN,
        /** One port for each socket. */
        CONSISTENT,
        /** Another port for each host it sends to, counted up. */
        BY_HOST,
        /** Another port for each address it sends to, drawn at random. */
        RANDOM
    }

    /** A host and a UDP port. */
    record Address(int host, int port) {}

    private record Flow(int inside, long to) {}

    private final Kind kind;
    private final Random random;
    private final Map<Flow, Integer> outside = new HashMap<>();
    private final Map<Integer, Integer> inside = new HashMap<>();
    private final Map<Integer, Set<Address>> opened = new HashMap<>();
    private int next = 30_000;

    LabNat(Kind kind, long seed) {
        this.kind = kind;
        this.random = new Random(seed);
    }

    /** The port outside for a datagram from a port inside. */
    int outbound(int port, Address to) {
        long distinct = switch (kind) {
            case OPEN, CONSISTENT -> 0;
            case BY_HOST -> to.host();
            case RANDOM -> (long) to.host() << 16 | to.port();
        };
        int chosen = outside.computeIfAbsent(new Flow(port, distinct), flow -> {
            int free = choose();
            while (inside.containsKey(free)) free = choose();
            inside.put(free, port);
            return free;
        });
        opened.computeIfAbsent(chosen, p -> new HashSet<>()).add(to);
        return chosen;
    }

    private int choose() {
        return kind == Kind.RANDOM ? 1_024 + random.nextInt(64_000) : next++;
    }

    /** The port inside a datagram is for; null when it is not let in. */
    @Nullable
    Integer inbound(int port, Address from) {
        return opened.getOrDefault(port, Set.of()).contains(from) ? inside.get(port) : null;
    }
}
