package org.datdot.dht;

import java.net.InetSocketAddress;
import org.datdot.crypto.PublicKey;
import org.datdot.udx.UdxSocket;

/**
 * Has a third peer join two streams which find no direct way to each other; who speaks secret-stream and protomux with such a
 * peer provides it, see {@link PeerNetwork#relays}.
 */
@FunctionalInterface
public interface RelayDialer {
    /** Told how it goes, and once how it ended, by any thread. */
    interface Outcome {
        /**
         * The relay is about to be asked: what comes from there for the stream from now on was passed on.
         *
         * @param socket through which the relay is reached
         * @param relay where it is
         */
        void reached(UdxSocket socket, InetSocketAddress relay);

        /**
         * The relay passes on what comes for a stream of its own to the other side's.
         *
         * @param remoteId the id of its stream
         */
        void paired(int remoteId);

        /** It does not. */
        void failed();

        /** After {@link #paired}: the relay is gone, or about to pass nothing on any more. */
        void lost();
    }

    /** A stream that is relayed, or to be. */
    interface Pairing {
        /** The relay is not needed any more. Closing twice does nothing. */
        void close();
    }

    /**
     * Asks the relay, without waiting for it.
     *
     * @param initiator whether this side named the relay
     * @param token 32 bytes, the same for both sides
     * @param streamId the stream on this side
     */
    Pairing pair(PublicKey relay, boolean initiator, byte[] token, int streamId, Outcome outcome);
}
