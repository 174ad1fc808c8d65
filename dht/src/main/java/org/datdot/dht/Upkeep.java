package org.datdot.dht;

import java.util.random.RandomGenerator;

/**
 * What a node does every five seconds (npm {@code dht-rpc}, {@code index.js}): it pings neighbours it has not heard of for
 * long, looks around for new ones, checks its own state, and notices that the machine slept.
 */
final class Upkeep {
    static final long TICK_MS = 5_000;

    private static final long SLEPT_MS = 3 * TICK_MS;
    private static final long REFRESH_TICKS = 60;
    private static final int MAX_DOWN_HINTS = 50;

    /** What is needed of the node. */
    interface Owner {
        long nowMs();

        boolean bootstrapped();

        /** Looks around in the network. */
        void refresh();

        /** What others want to be done now and then. */
        void ticked();
    }

    private final Owner owner;
    private final Timers timers;
    private final Neighbours neighbours;
    private final Reachability reachability;
    private final Calls calls;
    private final NetworkHealth health = new NetworkHealth();
    private long tick;
    private long lastTickMs;
    private long refreshTicks;
    private int downHints;

    Upkeep(
            Owner owner,
            Timers timers,
            Neighbours neighbours,
            Reachability reachability,
            Calls calls,
            RandomGenerator random) {
        this.owner = owner;
        this.timers = timers;
        this.neighbours = neighbours;
        this.reachability = reachability;
        this.calls = calls;
        // Nodes which started together do not all tick alike.
        tick = 100 - random.nextLong(50);
        refreshTicks = REFRESH_TICKS - random.nextLong(REFRESH_TICKS / 2);
    }

    /** The time in ticks; starts above 0, and jumps when the machine slept. */
    long now() {
        return tick;
    }

    NetworkHealth health() {
        return health;
    }

    /** A query ran: the next look around can wait. */
    void queried() {
        refreshTicks = REFRESH_TICKS;
    }

    /** Whether one more node may be told about a dead one; counts it. */
    boolean mayHintDown() {
        return downHints++ < MAX_DOWN_HINTS;
    }

    /** Starts ticking. */
    void schedule() {
        lastTickMs = owner.nowMs();
        timers.at(lastTickMs + TICK_MS, this::tick);
    }

    /** After the machine slept or the node was suspended: all it knows is old, and the network may be another. */
    void wakeUp() {
        tick += 2 * Neighbours.OLD_TICKS;
        // The next but one tick pings some neighbours.
        tick += 8 - (tick & 7) - 2;
        refreshTicks = 1;
        health.reset();
        reachability.wakeUp();
    }

    private void tick() {
        boolean slept = owner.nowMs() - lastTickMs > SLEPT_MS;
        schedule();
        if (slept) wakeUp();
        else tick++;
        owner.ticked();
        if (!owner.bootstrapped()) return;
        reachability.tick();
        if ((tick & 7) == 0) {
            if (neighbours.size() == 0) owner.refresh();
            else neighbours.pingSome(calls.size() > 2);
        }
        if (((tick & 63) == 0 && neighbours.size() < RoutingTable.K) || --refreshTicks <= 0) owner.refresh();
        downHints = 0;
        health.update(calls.responses(), calls.timeouts());
    }
}
