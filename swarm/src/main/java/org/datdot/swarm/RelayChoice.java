package org.datdot.swarm;

import java.util.List;
import org.datdot.crypto.PublicKey;

/**
 * Names peers that relay connections for which there is no direct way, or is none yet (npm {@code hyperswarm}, option {@code
 * relayThrough}). Of several one is drawn for each connection, of those that have not failed
 * lately if there are any. Asked for each connection, sometimes under a lock: must be quick.
 */
@FunctionalInterface
public interface RelayChoice {
    /** No relays. */
    RelayChoice NOBODY = (_, _) -> List.of();

    /**
     * Relays for the next connection; none for no relaying.
     *
     * @param force whether it is known that the peer was not to be reached without one
     */
    List<PublicKey> relays(boolean force, Hyperswarm swarm);

    /** These, for a peer that was not to be reached without, and for all when others see this side at another port each. */
    static RelayChoice whenNeeded(List<PublicKey> relays) {
        List<PublicKey> known = List.copyOf(relays);
        return (force, swarm) -> force || swarm.randomized() ? known : List.of();
    }

    /** These, for every connection. */
    static RelayChoice always(List<PublicKey> relays) {
        List<PublicKey> known = List.copyOf(relays);
        return (_, _) -> known;
    }
}
