package org.datdot.dht;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What all attempts of a node to punch holes share, and the way to end them all. */
final class Punching {
    private final DhtNode node;
    private final PunchSockets sockets;
    private final RandomPunches random = new RandomPunches();
    private final Set<Holepuncher> running = new HashSet<>();

    Punching(DhtNode node, PunchSockets sockets) {
        this.node = node;
        this.sockets = sockets;
        node.onStop(() -> List.copyOf(running).forEach(Holepuncher::end));
    }

    DhtNode node() {
        return node;
    }

    PunchSockets sockets() {
        return sockets;
    }

    RandomPunches random() {
        return random;
    }

    void began(Holepuncher puncher) {
        running.add(puncher);
    }

    void ended(Holepuncher puncher) {
        running.remove(puncher);
    }

    int running() {
        return running.size();
    }
}
