package org.datdot.dht;

import java.util.List;

/**
 * What is known before a hole is punched, for whoever decides whether that is done (npm {@code hyperdht}, option {@code
 * holepunch} of servers and connections).
 *
 * @param remote what the peer says of the address translation in front of it
 * @param local what this side found out of its own
 * @param remoteAddresses where the peer says it is seen
 * @param localAddresses where this side is seen
 */
public record PunchPlan(
        Firewall remote, Firewall local, List<PeerAddress> remoteAddresses, List<PeerAddress> localAddresses) {
    /** Copies the lists. */
    public PunchPlan {
        remoteAddresses = List.copyOf(remoteAddresses);
        localAddresses = List.copyOf(localAddresses);
    }
}
