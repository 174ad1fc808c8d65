package org.datdot.wire;

import java.util.OptionalLong;
import org.datdot.crypto.PublicKey;

/**
 * What a {@link Protomux} runs on: an encrypted stream of messages to one peer. A connection of the swarm is one; {@link
 * MemoryDuplex} makes two for tests and for peers in one process.
 *
 * <p>All methods may be called by any thread, return at once, and take no lock in which foreign code runs.
 */
public interface MessageStream {
    /** Whether this side dialled. */
    boolean initiator();

    /** The 64-byte hash of the whole handshake, the same on both sides: what capabilities are bound to. */
    byte[] handshakeHash();

    /** The key the peer proved to hold. */
    PublicKey remotePublicKey();

    /**
     * Queues a message. After the stream has failed or was closed, messages are dropped in silence. A queue beyond the
     * stream's hard limit fails the stream.
     */
    void send(OutgoingMessage message);

    /** Whether the queue is short enough for more; when it has become so again, the stream calls {@link Protomux#drained()}. */
    boolean writable();

    /** How long a message and its answer take, nanoseconds; empty on streams that do not measure it (TCP). */
    default OptionalLong roundTripNanos() {
        return OptionalLong.empty();
    }

    /** Asks for no more messages to be delivered (some may still come) until {@link #resume()}. */
    void pause();

    /** Ends the last {@link #pause()}. */
    void resume();

    /** Gives this stream up because of {@code cause}; the mux then gets {@link Protomux#shutdown()} from the stream's own thread. */
    void fail(WireException cause);
}
