package org.datdot.dht;

import org.datdot.wire.NoiseSession;
import org.jspecify.annotations.Nullable;

/** Makes the streams peers connect with. */
interface PeerStreams {
    /** A stream under way to being connected. */
    interface PeerStream {
        /** How the other side addresses it. */
        long id();

        /**
         * What the handshake gave. A packet that came before, or comes from now on, tells where the other side is.
         *
         * @param remoteId how the stream of the other side is addressed
         */
        void agree(NoiseSession session, long remoteId);

        /** After {@link #agree}: connects it to where the other side is, unless it is connected to there already. */
        void connect(LocalSocket socket, PeerAddress remote);

        /** After {@link #agree}: lets a relay join it to the other side's, until there is a direct way. */
        void relay(RelayRequest request);

        /** Drops it, unless it is connected. Returns whether it was. */
        boolean abandon();
    }

    /** Hears what becomes of a stream, as events of the node. */
    interface Watcher {
        /** It is connected directly: there is nothing left to do. */
        void reached();

        /** It is connected through a relay; a direct way is still better. */
        default void relayed() {}

        /** No relay joins it to the other side. */
        default void relayFailed() {}

        /** It is closed, after it was connected. */
        default void closed() {}
    }

    /**
     * What is asked of a relaying peer.
     *
     * @param through the relay, and what both sides tell it
     * @param initiator whether this side named the relay
     */
    record RelayRequest(NoisePayload.RelayThrough through, boolean initiator) {}

    /** A stream nobody is at the other end of yet; null when that is not possible. */
    @Nullable
    PeerStream open(Watcher watcher);
}
