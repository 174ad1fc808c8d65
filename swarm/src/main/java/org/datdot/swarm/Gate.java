package org.datdot.swarm;

/** Decides on a connection whose handshake is over, before the swarm's listener hears of it. */
@FunctionalInterface
interface Gate {
    /** Its handshake begins. Returns whether it is still wanted. */
    default boolean begun(Connection connection) {
        return true;
    }

    /** Whether the connection is wanted; may wait. */
    boolean admits(Connection connection);

    /** It was admitted, and the listener has heard of it. */
    default void joined(Connection connection) {}
}
