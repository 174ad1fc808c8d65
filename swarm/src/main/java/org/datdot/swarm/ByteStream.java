package org.datdot.swarm;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * What a {@link Connection} runs on: a reliable, ordered stream of bytes in both directions to one peer. One thread reads
 * while another writes; any thread closes.
 */
public interface ByteStream extends Closeable {
    /**
     * Waits for bytes and takes at least one.
     *
     * @return how many, -1 when the peer has ended the stream
     * @throws IOException when the stream broke or was closed
     */
    int read(ByteBuffer target) throws IOException;

    /** How many bytes can be read without waiting, or fewer. */
    int available() throws IOException;

    /**
     * Lets a thread that would wait in {@link #read} go instead.
     *
     * @param action runs once when a read would not wait any more, on any thread, which it must not hold up
     * @return false when a read would not wait, or this stream cannot tell: then nothing will run
     */
    default boolean whenReadable(Runnable action) {
        return false;
    }

    /**
     * Takes at least one byte, as soon as there is room.
     *
     * @return how many
     * @throws IOException when the stream broke or was closed
     */
    int write(ByteBuffer source) throws IOException;

    /** How long bytes and what answers them take, nanoseconds; empty when that is not measured (TCP), or not yet. */
    default OptionalLong roundTripNanos() {
        return OptionalLong.empty();
    }

    /** Where the peer is. */
    InetSocketAddress remoteAddress();

    /** Ends the stream; a thread that waits in it is thrown out. What was written before is still delivered if that works. */
    @Override
    void close() throws IOException;
}
