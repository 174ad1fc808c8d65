package org.datdot.udx;

import java.nio.ByteBuffer;

/**
 * What a stream tells its owner, on the thread that drives it. Must not block. What it throws closes the stream with {@link
 * CloseReason#FAILED}.
 */
public interface StreamListener {
    /** The next bytes in order, between position and limit. The buffer is used again after the call. */
    void onData(ByteBuffer data);

    /** The other side has ended: no more data. */
    default void onEnd() {}

    /** An unordered message. The buffer is used again after the call. */
    default void onMessage(ByteBuffer message) {}

    /** There is room again after {@code write} returned false. */
    default void onDrain() {}

    /** All that was sent to the former remote address is acknowledged. */
    default void onRemoteChanged() {}

    /** The last event. */
    void onClose(CloseReason reason);
}
