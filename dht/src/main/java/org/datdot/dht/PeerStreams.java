package org.datdot.dht;

import org.datdot.wire.NoiseSession;

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

        /** After {@link #agree}: connects it to where the other side is, unless it is connected. */
        void connect(SocketKind socket, PeerAddress remote);

        /** Drops it, unless it is connected. Returns whether it was. */
        boolean abandon();
    }

    /** A stream nobody is at the other end of yet. */
    PeerStream open();
}
