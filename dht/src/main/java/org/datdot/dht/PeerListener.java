package org.datdot.dht;

import org.datdot.crypto.PublicKey;
import org.datdot.udx.StreamListener;
import org.jspecify.annotations.Nullable;

/** Takes peers that connect. Called by threads of the DHT, with its lock: must not block. */
@FunctionalInterface
public interface PeerListener {
    /**
     * Whether a peer may connect; one that may not gets no answer. Asked before anything else is done for it.
     *
     * @param from where it is, as far as it and the node between say
     */
    default boolean admits(PublicKey remote, PeerAddress from) {
        return true;
    }

    /** Whether a hole may be punched to a peer; when not, the connection comes about through a relay or not at all. */
    default boolean mayPunch(PunchPlan plan) {
        return true;
    }

    /** A peer that joins the stream to that of the next client when there is no direct way, or is none yet; null for none. */
    default @Nullable PublicKey relayThrough() {
        return null;
    }

    /**
     * A peer is connected; it has not proven yet that it holds its key: that does the first message of the secret stream.
     *
     * @return what hears the stream, from its first byte on
     */
    StreamListener connected(Peer peer);
}
