package org.datdot.encoding;

import java.util.Arrays;

/**
 * Writes keys whose bytes sort as their values do: npm {@code index-encoder} ({@code index.js}), the key format of
 * hypercore-storage.
 *
 * <p>A {@code uint} takes 1 byte up to 0xfb, else 0xfc, 0xfd or 0xfe and 2, 4 or 8 bytes big-endian; {@link #INFINITY} is
 * 0xff and sorts last. A buffer is {@code 00 <bytes, each 00 written as 00 02> 00 01}.
 */
public final class IndexEncoder {
    /** Stands for the value after all others, JavaScript's {@code Infinity}. */
    public static final long INFINITY = Long.MAX_VALUE;

    private byte[] bytes = new byte[32];
    private int length;

    /** An empty key. */
    public IndexEncoder() {}

    /**
     * Writes a number of 0 to 2^53 - 1, or {@link #INFINITY}.
     *
     * @throws IllegalArgumentException for any other number
     */
    public IndexEncoder uint(long value) {
        if (value == INFINITY) {
            return append(0xff, 1);
        }
        if (value < 0 || value > CompactEncoder.MAX_UINT) {
            throw new IllegalArgumentException("a key number is 0 to 2^53 - 1 or INFINITY, not " + value);
        }
        if (value <= 0xfb) {
            return append(value, 1);
        }
        if (value <= 0xffff) {
            return append(0xfc, 1).append(value, 2);
        }
        return value <= 0xffff_ffffL
                ? append(0xfd, 1).append(value, 4)
                : append(0xfe, 1).append(value, 8);
    }

    /** Writes bytes of any length, so that keys with shorter ones sort before keys with longer ones that begin alike. */
    public IndexEncoder buffer(byte[] value) {
        append(0, 1);
        for (byte b : value) {
            append(b, 1);
            if (b == 0) {
                append(2, 1);
            }
        }
        return append(0, 1).append(1, 1);
    }

    /** Writes a text's UTF-8 bytes as a buffer. */
    public IndexEncoder string(String value) {
        return buffer(CompactEncoder.utf8(value));
    }

    /** Writes bytes as they are, for parts of a known length or at the end of a key. */
    public IndexEncoder raw(byte[] value) {
        ensure(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    /** How many bytes have been written. */
    public int length() {
        return length;
    }

    /** A copy of the key. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    private IndexEncoder append(long value, int widthBytes) {
        ensure(widthBytes);
        for (int shift = 8 * (widthBytes - 1); shift >= 0; shift -= 8) {
            bytes[length++] = (byte) (value >>> shift);
        }
        return this;
    }

    private void ensure(int moreBytes) {
        int needed = Math.addExact(length, moreBytes);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(needed, 2L * bytes.length)));
        }
    }
}
