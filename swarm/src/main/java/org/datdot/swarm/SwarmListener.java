package org.datdot.swarm;

/** What is done with new connections. */
@FunctionalInterface
public interface SwarmListener {
    /**
     * A connection whose handshake is over, dialled or accepted. Called before any message of it is dispatched, so that
     * channels and pair listeners can be attached first (an open of the peer which finds neither is rejected); the connection is not read until this returns. When it throws, the
     * connection is closed.
     */
    void onConnection(Connection connection);
}
