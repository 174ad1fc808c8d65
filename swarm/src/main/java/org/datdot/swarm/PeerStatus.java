package org.datdot.swarm;

import java.util.List;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.Target;

/**
 * A peer as a {@link Hyperswarm} knows it at one moment.
 *
 * @param key who it is
 * @param topics under which it was found, the first one first; none when it came by itself
 * @param connected whether there is a connection
 * @param initiated whether this side dialled the last connection
 * @param attempts how many connections ended, or did not come about, since it was found
 * @param waiting whether it will be dialled: is in the queue, or is to be tried again later
 * @param explicit whether it was asked for by its key
 * @param banned whether it is refused
 */
public record PeerStatus(
        PublicKey key,
        List<Target> topics,
        boolean connected,
        boolean initiated,
        int attempts,
        boolean waiting,
        boolean explicit,
        boolean banned) {
    /** Copies the list. */
    public PeerStatus {
        topics = List.copyOf(topics);
    }
}
