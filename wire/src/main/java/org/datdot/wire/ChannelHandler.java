package org.datdot.wire;

import org.datdot.encoding.CompactDecoder;

/**
 * What one end of a {@link Channel} does. All methods are called with the lock of the channel's {@link Protomux} held, one at
 * a time and in the order of the wire: {@code onOpen} (at most once) before any {@code onMessage}, {@code onClose} exactly
 * once and last. While a handler works the connection reads nothing more, so taking its time is how it slows the peer down.
 * A handler may lock its own state (after the mux lock, never the other way round) and may send on any connection.
 *
 * <p>A handler that throws closes the connection with a {@link WireException}.
 */
public interface ChannelHandler {
    /**
     * The peer opened its side too.
     *
     * @param handshake what the peer sent along with its open
     */
    default void onOpen(Channel channel, CompactDecoder handshake) {}

    /**
     * A message of the peer. Handlers ignore types they do not know, as the stock packages do. The payload's array is not
     * used again by the mux; the decoder may be kept.
     */
    default void onMessage(Channel channel, int type, CompactDecoder payload) {}

    /**
     * The channel is over, also when it never opened.
     *
     * @param byRemote the peer closed or rejected it, or the connection ended; false after {@link Channel#close()}
     */
    default void onClose(Channel channel, boolean byRemote) {}

    /** The connection became writable again after it was not. */
    default void onDrain(Channel channel) {}
}
