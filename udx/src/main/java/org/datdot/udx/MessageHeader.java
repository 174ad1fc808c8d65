package org.datdot.udx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct mmsghdr} of 64-bit Linux, in an array:
 *
 * <pre>
 * 0 address | 8 its length u32 | 16 iovec | 24 number of iovecs u64 | 32 control | 40 its length u64 | 48 flags | 56 bytes u32
 * </pre>
 *
 * <p>An iovec is address and length, 8 bytes each. Control is one {@code cmsghdr}: length u64, level and type i32, then the size
 * of the packets, u16 to send and i32 when received.
 */
final class MessageHeader {
    static final int BYTES = 64;
    static final int VECTOR_BYTES = 16;
    static final int CONTROL_BYTES = 24;
    static final int CONTROL_LENGTH_AT = 40;
    static final int LENGTH_AT = 56;

    private static final long HEADER_BYTES = 16;

    private MessageHeader() {}

    /** Fills in what stays: where the address, the iovec of the same number and its buffer are. */
    static void init(
            MemorySegment headers, int index, MemorySegment address, MemorySegment vectors, MemorySegment buffer) {
        long at = (long) index * BYTES;
        headers.set(ADDRESS, at, address);
        headers.set(ADDRESS, at + 16, vectors.asSlice((long) index * VECTOR_BYTES));
        headers.set(JAVA_LONG, at + 24, 1);
        vectors.set(ADDRESS, (long) index * VECTOR_BYTES, buffer);
        vectors.set(JAVA_LONG, (long) index * VECTOR_BYTES + 8, buffer.byteSize());
    }

    static void control(MemorySegment headers, int index, MemorySegment control) {
        headers.set(ADDRESS, (long) index * BYTES + 32, control);
    }

    /** Before receiving: all of the rooms may be used. */
    static void reset(MemorySegment headers, int index) {
        long at = (long) index * BYTES;
        headers.set(JAVA_INT, at + 8, SocketAddresses.MAX_BYTES);
        headers.set(JAVA_LONG, at + CONTROL_LENGTH_AT, CONTROL_BYTES);
    }

    /** Before sending: how long address and control are. */
    static void lengths(MemorySegment headers, int index, int addressBytes, boolean control) {
        long at = (long) index * BYTES;
        headers.set(JAVA_INT, at + 8, addressBytes);
        headers.set(JAVA_LONG, at + CONTROL_LENGTH_AT, control ? CONTROL_BYTES : 0);
    }

    /** The message is a single packet. */
    static void noControl(MemorySegment headers, int index) {
        headers.set(JAVA_LONG, (long) index * BYTES + CONTROL_LENGTH_AT, 0);
    }

    /** Says how long the packets are which a buffer is to be cut into. */
    static void putSegmentBytes(MemorySegment controls, int index, int bytes) {
        long at = (long) index * CONTROL_BYTES;
        controls.set(JAVA_LONG, at, HEADER_BYTES + 2);
        controls.set(JAVA_INT, at + 8, LinuxCalls.SOL_UDP);
        controls.set(JAVA_INT, at + 12, LinuxCalls.UDP_SEGMENT);
        controls.set(JAVA_SHORT, at + 16, (short) bytes);
    }
}
