package org.datdot.dht;

import org.jspecify.annotations.Nullable;

/**
 * How a node of the DHT is doing.
 *
 * @param id the id others know; null while they may not rely on this node
 * @param publicAddress its address as others see it: port 0 when they disagree about it, null when nothing is known
 * @param firewalled whether it is assumed that it cannot be reached from outside
 * @param bootstrapped whether it has found its neighbourhood, or given up looking
 * @param online whether anything was answered lately
 * @param degraded whether most requests were not answered lately
 * @param nodes how many nodes it knows
 * @param announcements how many announcements it stores for others
 * @param values how many values it stores for others
 * @param requests how many requests it sent, not counting repetitions
 * @param responses how many were answered
 * @param timeouts how many were not
 * @param retries how many repetitions it sent
 * @param malformed how many datagrams it dropped because they were malformed
 */
public record DhtInfo(
        @Nullable NodeId id,
        @Nullable PeerAddress publicAddress,
        boolean firewalled,
        boolean bootstrapped,
        boolean online,
        boolean degraded,
        int nodes,
        int announcements,
        int values,
        long requests,
        long responses,
        long timeouts,
        long retries,
        long malformed) {
    /** Whether others see it at another port each, so that no hole leads to a peer of which that is true as well. */
    public boolean randomized() {
        return publicAddress != null && publicAddress.port() == 0;
    }
}
