package org.datdot.udx;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Where a stream puts the packets it sends. Buffers are big-endian, as they come from the JDK. */
public interface PacketSink {
    /** Whether it takes packets at present; when not, the stream is asked again later. */
    boolean ready();

    /**
     * A buffer for one packet of at most {@code maxBytes}, from its position on; {@link #end()} follows before the next.
     */
    ByteBuffer begin(InetSocketAddress to, int maxBytes);

    /** The packet is written into the buffer. */
    void end();
}
