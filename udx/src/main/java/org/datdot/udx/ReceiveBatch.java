package org.datdot.udx;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Room for what one {@code recvmmsg} brings: an array of {@code struct mmsghdr} with its buffers, addresses and the size of
 * the packets that each buffer holds.
 */
final class ReceiveBatch {
    static final int MESSAGES = 16;
    private static final int MESSAGE_BYTES = 1 << 16;

    private final MemorySegment headers;
    private final MemorySegment addresses;
    private final MemorySegment controls;
    private final ByteBuffer[] buffers = new ByteBuffer[MESSAGES];
    private final MemorySegment lastAddress;
    private @Nullable InetSocketAddress last;

    ReceiveBatch(Arena arena) {
        headers = arena.allocate((long) MESSAGES * MessageHeader.BYTES, 8);
        addresses = arena.allocate(MESSAGES * 32L, 8);
        controls = arena.allocate((long) MESSAGES * MessageHeader.CONTROL_BYTES, 8);
        lastAddress = arena.allocate(SocketAddresses.MAX_BYTES, 8);
        MemorySegment vectors = arena.allocate((long) MESSAGES * MessageHeader.VECTOR_BYTES, 8);
        // Of most messages no more than the first page is ever used: they are a single packet.
        MemorySegment all = LinuxCalls.reserve((long) MESSAGES * MESSAGE_BYTES, arena);
        for (int i = 0; i < MESSAGES; i++) {
            MemorySegment message = all.asSlice((long) i * MESSAGE_BYTES, MESSAGE_BYTES);
            buffers[i] = message.asByteBuffer();
            MessageHeader.init(headers, i, addresses.asSlice(i * 32L), vectors, message);
            MessageHeader.control(headers, i, controls.asSlice((long) i * MessageHeader.CONTROL_BYTES));
        }
    }

    MemorySegment headers() {
        return headers;
    }

    /** Makes the first so many messages fit to be received into. */
    void reset(int count) {
        for (int i = 0; i < count; i++) {
            MessageHeader.reset(headers, i);
        }
    }

    /** The bytes of a message. */
    int bytes(int message) {
        return headers.get(JAVA_INT, (long) message * MessageHeader.BYTES + MessageHeader.LENGTH_AT);
    }

    /** How long the packets of a message are, but for the last. */
    int packetBytes(int message) {
        long at = (long) message * MessageHeader.CONTROL_BYTES;
        long controlBytes =
                headers.get(JAVA_LONG, (long) message * MessageHeader.BYTES + MessageHeader.CONTROL_LENGTH_AT);
        boolean several = controlBytes > 0
                && controls.get(JAVA_INT, at + 8) == LinuxCalls.SOL_UDP
                && controls.get(JAVA_INT, at + 12) == LinuxCalls.UDP_GRO;
        int length = several ? controls.get(JAVA_INT, at + 16) : 0;
        return length > 0 ? length : Math.max(1, bytes(message));
    }

    ByteBuffer buffer(int message) {
        return buffers[message];
    }

    /** Where a message came from; the same object as before if it is the same address. */
    InetSocketAddress from(int message) {
        MemorySegment address = addresses.asSlice(message * 32L, SocketAddresses.MAX_BYTES);
        InetSocketAddress before = last;
        if (before != null && address.mismatch(lastAddress) < 0) {
            return before;
        }
        InetSocketAddress from = SocketAddresses.get(address, 0);
        lastAddress.copyFrom(address);
        last = from;
        return from;
    }
}
