package org.datdot.dht;

import java.util.function.Consumer;
import org.datdot.dht.Call.Answer;

/**
 * A node's first minutes (npm {@code dht-rpc}, {@code index.js}): it finds its own neighbourhood, and does so again when the
 * first time gave it another place to stand.
 */
final class Bootstrapping {
    /** What is needed of the node. */
    interface Owner {
        boolean bootstrapped();

        /** Asks for nodes around the node's own id. */
        void lookAround(Consumer<Answer> answers, Runnable over);

        void finishBootstrap();
    }

    private final boolean persistent;
    private final Reachability reachability;
    private final Owner owner;
    private boolean quick;
    private boolean reached;
    private int rounds;

    /**
     * @param persistent whether others are to rely on this node at once if they can
     */
    Bootstrapping(boolean persistent, Reachability reachability, Owner owner) {
        this.persistent = persistent;
        this.reachability = reachability;
        this.owner = owner;
        this.quick = reachability.firewalled() && !persistent;
    }

    void round() {
        rounds++;
        owner.lookAround(this::answered, this::looked);
    }

    /** One node that reaches the server socket is reason enough to check it properly. */
    private void answered(Answer answer) {
        if (!quick) return;
        quick = false;
        reachability.probe(answer.from(), () -> reached = true);
    }

    private void looked() {
        if (owner.bootstrapped()) return;
        if (!reached && !persistent) {
            owner.finishBootstrap();
            return;
        }
        reachability.update(!persistent, changed -> {
            if (changed && rounds < 2) round();
            else if (!owner.bootstrapped()) owner.finishBootstrap();
        });
    }
}
