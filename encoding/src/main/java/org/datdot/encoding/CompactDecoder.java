package org.datdot.encoding;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link CompactEncoder} or the stock packages wrote: npm {@code compact-encoding} ({@code index.js}).
 *
 * <p>Made for input from strangers: every read checks what remains first, never allocates more than what remains, and
 * throws {@link DecodingException} with the place and the expectation. As in the stock decoder a uint may be written longer
 * than necessary, and must not exceed 2^53 - 1. The array is not copied; it must not change while being decoded.
 */
public final class CompactDecoder {
    private final byte[] bytes;
    private final int end;
    private int position;

    /** Reads a whole array. */
    public CompactDecoder(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /**
     * Reads a part of an array.
     *
     * @param start first byte to read
     * @param end one past the last byte to read
     */
    public CompactDecoder(byte[] bytes, int start, int end) {
        Objects.checkFromToIndex(start, end, bytes.length);
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    /** Reads a uint of 0 to 2^53 - 1. */
    public long uint() {
        int first = uint8();
        return switch (first) {
            case 0xfd -> take(2, "a 2-byte uint");
            case 0xfe -> take(4, "a 4-byte uint");
            case 0xff -> uint64();
            default -> first;
        };
    }

    /** Reads a uint which has to fit an int: a count or a length of something held in memory. */
    public int uintAsInt() {
        int at = position;
        long value = uint();
        if (value > Integer.MAX_VALUE) {
            throw new DecodingException(
                    "expected a number below 2^31 at byte " + at + ", found " + Long.toUnsignedString(value));
        }
        return (int) value;
    }

    /** Reads a zigzagged signed number. */
    public long sint() {
        long value = uint();
        return (value >>> 1) ^ -(value & 1);
    }

    /** Reads one byte as 0 to 255. */
    public int uint8() {
        require(1, "a byte");
        return bytes[position++] & 0xff;
    }

    /** Reads two bytes as 0 to 65,535. */
    public int uint16() {
        return (int) take(2, "a uint16");
    }

    /** Reads three bytes as 0 to 16,777,215. */
    public int uint24() {
        return (int) take(3, "a uint24");
    }

    /** Reads four bytes as 0 to 2^32 - 1. */
    public long uint32() {
        return take(4, "a uint32");
    }

    /** Reads eight bytes as 0 to 2^53 - 1. */
    public long uint64() {
        int at = position;
        long value = take(8, "a uint64");
        if (value < 0 || value > CompactEncoder.MAX_UINT) {
            throw new DecodingException(
                    "expected at most 2^53 - 1 at byte " + at + ", found " + Long.toUnsignedString(value));
        }
        return value;
    }

    /** Reads all 64 bits as they are (stock {@code biguint64}). */
    public long biguint64() {
        return take(8, "64 bits");
    }

    /** Reads {@code lengthBytes} bytes into a new array. */
    public byte[] fixed(int lengthBytes) {
        require(lengthBytes, lengthBytes + " bytes");
        byte[] out = Arrays.copyOfRange(bytes, position, position + lengthBytes);
        position += lengthBytes;
        return out;
    }

    /** Reads a uint length and so many bytes. */
    public byte[] buffer() {
        return fixed(length());
    }

    /** Reads a buffer; length 0 means there is none. */
    public byte @Nullable [] optionalBuffer() {
        int lengthBytes = length();
        return lengthBytes == 0 ? null : fixed(lengthBytes);
    }

    /** Reads a uint byte length and so many bytes of UTF-8; malformed parts become U+FFFD as in the stock decoder. */
    public String string() {
        int lengthBytes = length();
        String out = Utf8.decode(bytes, position, position + lengthBytes);
        position += lengthBytes;
        return out;
    }

    /** Reads one byte which is 1 for true and 0 for false; like the stock decoder, takes any other byte for false. */
    public boolean bool() {
        return uint8() == 1;
    }

    /** Reads all that remains. */
    public byte[] raw() {
        return fixed(remaining());
    }

    /**
     * Reads a uint count of items which take at least {@code minimumBytes} each, so that a short message cannot announce a
     * long list and have memory set aside for it.
     */
    public int count(int minimumBytes) {
        int at = position;
        long count = uint();
        if (count > remaining() / Math.max(1, minimumBytes)) {
            throw new DecodingException("expected no more items than fit into the remaining " + remaining()
                    + " bytes at byte " + at + ", found a list of " + count);
        }
        return (int) count;
    }

    /** How many bytes are left to read. */
    public int remaining() {
        return end - position;
    }

    /** The index in the array of the next byte to read. */
    public int position() {
        return position;
    }

    /** Passes over {@code lengthBytes} bytes, for callers which use the array itself from {@link #position()} on. */
    public CompactDecoder skip(int lengthBytes) {
        require(lengthBytes, lengthBytes + " bytes");
        position += lengthBytes;
        return this;
    }

    /** Refuses bytes after the end of what was read. */
    public void requireEnd() {
        if (remaining() > 0) {
            throw new DecodingException(
                    "expected the end at byte " + position + ", found " + remaining() + " bytes more");
        }
    }

    private int length() {
        int at = position;
        long lengthBytes = uint();
        if (lengthBytes > remaining()) {
            throw new DecodingException("expected " + lengthBytes + " bytes as announced at byte " + at + ", found "
                    + remaining() + " left");
        }
        return (int) lengthBytes;
    }

    private long take(int widthBytes, String what) {
        require(widthBytes, what);
        long value = 0;
        for (int i = 0; i < widthBytes; i++) {
            value |= (bytes[position++] & 0xffL) << (8 * i);
        }
        return value;
    }

    private void require(int lengthBytes, String what) {
        if (lengthBytes < 0 || lengthBytes > end - position) {
            throw new DecodingException(
                    "expected " + what + " at byte " + position + ", found " + remaining() + " left");
        }
    }
}
