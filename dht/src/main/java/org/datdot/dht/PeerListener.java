package org.datdot.dht;

import org.datdot.crypto.PublicKey;
import org.datdot.udx.StreamListener;

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

    /**
     * A peer is connected; it has not proven yet that it holds its key: that does the first message of the secret stream.
     *
     * @return what hears the stream, from its first byte on
     */
    StreamListener connected(Peer peer);
}
