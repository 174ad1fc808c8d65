package org.datdot.udx;

import java.nio.ByteBuffer;

/**
 * The packets of UDX: a header of 20 bytes, then SACK ranges or padding, then payload (libudx {@code src/udx.c}, {@code
 * include/udx.h}):
 *
 * <pre>
 * 0 magic 0xff | 1 version 1 | 2 type bits | 3 bytes between header and payload
 * 4 receiver's stream id | 8 window in bytes | 12 sequence number | 16 next sequence number expected, all u32 LE
 * 20 SACK ranges (start, end exclusive) u32 LE, or zeros | payload
 * </pre>
 *
 * <p>An instance is a parsed packet which is used again for the next one, so that receiving allocates nothing. It refers to the
 * buffer it was read from.
 */
public final class UdxPacket {
    /** Bytes of the header. */
    public static final int HEADER_BYTES = 20;

    /** Type bit: payload in order. */
    public static final int DATA = 1;

    /** Type bit: the last packet of the sender, with or without payload. */
    public static final int END = 2;

    /** Type bit: ranges received out of order follow the header. */
    public static final int SACK = 4;

    /** Type bit: payload outside of the order, never repeated. */
    public static final int MESSAGE = 8;

    /** Type bit: the sender has dropped the stream. */
    public static final int DESTROY = 16;

    /** Type bit: asks for an acknowledgement and says nothing else. */
    public static final int HEARTBEAT = 32;

    /** The longest padding: what one byte can say. */
    static final int MAX_PADDING_BYTES = 255;

    /** So many ranges are sent at most, and so many read. */
    static final int MAX_SACK_RANGES = 50;

    static final int SACK_RANGE_BYTES = 8;

    private static final int MAGIC = 0xff;
    private static final int VERSION = 1;

    private ByteBuffer datagram = ByteBuffer.allocate(0);
    private int type;
    private int streamId;
    private int windowBytes;
    private int seq;
    private int ack;
    private int sackAt;
    private int sackRanges;
    private int payloadAt;
    private int payloadBytes;

    /** Whether bytes look like a packet of UDX: what a socket hands to streams, and not to whom it shares the port with. */
    public static boolean isUdx(ByteBuffer datagram) {
        int at = datagram.position();
        return datagram.remaining() >= HEADER_BYTES
                && (datagram.get(at) & 0xff) == MAGIC
                && datagram.get(at + 1) == VERSION;
    }

    /**
     * Reads the datagram between the buffer's position and limit; neither is moved.
     *
     * @return false when it is no well-formed packet; this object must not be asked for anything then
     */
    public boolean read(ByteBuffer source) {
        if (!isUdx(source)) {
            return false;
        }
        datagram = source;
        int at = source.position();
        int rest = source.remaining() - HEADER_BYTES;
        type = source.get(at + 2) & 0xff;
        int offset = source.get(at + 3) & 0xff;
        if (offset > rest) {
            return false;
        }
        streamId = intAt(at + 4);
        windowBytes = intAt(at + 8);
        seq = intAt(at + 12);
        ack = intAt(at + 16);
        sackAt = at + HEADER_BYTES;
        sackRanges = 0;
        payloadAt = sackAt + offset;
        payloadBytes = rest - offset;
        if ((type & SACK) != 0) {
            // Without an offset all that follows is ranges, which leaves no place for a payload.
            if (offset == 0 && (type & (DATA | MESSAGE)) != 0) {
                return false;
            }
            int sackBytes = offset == 0 ? rest : offset;
            sackRanges = Math.min(sackBytes / SACK_RANGE_BYTES, MAX_SACK_RANGES);
            if (offset == 0) {
                payloadAt += rest;
                payloadBytes = 0;
            }
        }
        return true;
    }

    /** The type bits; unknown ones are kept. */
    public int type() {
        return type;
    }

    /** Whether any of these type bits is set. */
    public boolean is(int bits) {
        return (type & bits) != 0;
    }

    /** The receiver's id of the stream. */
    public int streamId() {
        return streamId;
    }

    /** How many bytes the sender can take at present, without what is in flight. */
    public long windowBytes() {
        return Integer.toUnsignedLong(windowBytes);
    }

    /** The number of this packet if it has {@link #DATA} or {@link #END}, else the number of the sender's next one. */
    public int seq() {
        return seq;
    }

    /** The number of the packet which the sender waits for. */
    public int ack() {
        return ack;
    }

    /** How many ranges of packets arrived out of order. */
    public int sackRanges() {
        return sackRanges;
    }

    /** First packet of a range. */
    public int sackStart(int range) {
        return intAt(sackAt + range * SACK_RANGE_BYTES);
    }

    /** The packet after a range. */
    public int sackEnd(int range) {
        return intAt(sackAt + range * SACK_RANGE_BYTES + 4);
    }

    /** Bytes of payload. */
    public int payloadBytes() {
        return payloadBytes;
    }

    /** The buffer the packet was read from, its position and limit moved around the payload. No copy. */
    public ByteBuffer payload() {
        return datagram.limit(payloadAt + payloadBytes).position(payloadAt);
    }

    /** Puts a header into a buffer. */
    public static void putHeader(
            ByteBuffer target, int type, int offset, int streamId, int windowBytes, int seq, int ack) {
        target.put((byte) MAGIC).put((byte) VERSION).put((byte) type).put((byte) offset);
        putInt(target, streamId);
        putInt(target, windowBytes);
        putInt(target, seq);
        putInt(target, ack);
    }

    /** Puts a SACK range into a buffer. */
    static void putRange(ByteBuffer target, int start, int end) {
        putInt(target, start);
        putInt(target, end);
    }

    /** Addresses the datagram at the buffer's position to another stream: all that a relay changes. */
    static void readdress(ByteBuffer datagram, int streamId) {
        datagram.putInt(datagram.position() + 4, Integer.reverseBytes(streamId));
    }

    private int intAt(int index) {
        return Integer.reverseBytes(datagram.getInt(index));
    }

    private static void putInt(ByteBuffer target, int value) {
        target.putInt(Integer.reverseBytes(value));
    }
}
