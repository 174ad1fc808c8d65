package org.datdot.encoding;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes the encoding every Hypercore message and record is made of: npm {@code compact-encoding} ({@code index.js}).
 *
 * <p>Numbers are little-endian. A {@code uint} takes 1 byte up to 0xfc, else a marker byte and 2, 4 or 8 bytes. Unlike the
 * stock encoder, which measures first and writes afterwards, this one grows as it goes. Not safe for use by several threads.
 *
 * <p>Values the format cannot carry (negative numbers, numbers of more than the named width, uints above
 * {@link #MAX_UINT}) are refused with {@link IllegalArgumentException}: they are mistakes of the caller.
 */
public final class CompactEncoder {
    /** The largest uint the stock packages can read: JavaScript's largest safe integer, 2^53 - 1. */
    public static final long MAX_UINT = (1L << 53) - 1;

    private static final byte[] REPLACEMENT = {(byte) 0xef, (byte) 0xbf, (byte) 0xbd};

    private byte[] bytes;
    private int length;

    /** An empty encoder with room for a typical message. */
    public CompactEncoder() {
        this(64);
    }

    /**
     * @param capacityBytes how many bytes can be written before the first growth
     */
    public CompactEncoder(int capacityBytes) {
        bytes = new byte[capacityBytes];
    }

    /** How many bytes {@link #uint(long)} takes for {@code value}: 1, 3, 5 or 9. */
    public static int uintLength(long value) {
        requireUint(value);
        return value <= 0xfc ? 1 : value <= 0xffff ? 3 : value <= 0xffff_ffffL ? 5 : 9;
    }

    /** Writes a number of 0 to {@link #MAX_UINT} in as few bytes as the format allows. */
    public CompactEncoder uint(long value) {
        switch (uintLength(value)) {
            case 1 -> append(value, 1);
            case 3 -> append(0xfd, 1).append(value, 2);
            case 5 -> append(0xfe, 1).append(value, 4);
            default -> append(0xff, 1).append(value, 8);
        }
        return this;
    }

    /** Writes a signed number zigzagged into a uint: 0, -1, 1, -2 become 0, 1, 2, 3. */
    public CompactEncoder sint(long value) {
        return uint((value << 1) ^ (value >> 63));
    }

    /** Writes one byte, 0 to 255. */
    public CompactEncoder uint8(int value) {
        return append(requireWidth(value, 8), 1);
    }

    /** Writes two bytes, 0 to 65,535. */
    public CompactEncoder uint16(int value) {
        return append(requireWidth(value, 16), 2);
    }

    /** Writes three bytes, 0 to 16,777,215. */
    public CompactEncoder uint24(int value) {
        return append(requireWidth(value, 24), 3);
    }

    /** Writes four bytes, 0 to 2^32 - 1. */
    public CompactEncoder uint32(long value) {
        return append(requireWidth(value, 32), 4);
    }

    /** Writes eight bytes, 0 to {@link #MAX_UINT}. */
    public CompactEncoder uint64(long value) {
        requireUint(value);
        return append(value, 8);
    }

    /** Writes all 64 bits of {@code value} as they are (stock {@code biguint64}), for words which are not counts. */
    public CompactEncoder biguint64(long value) {
        return append(value, 8);
    }

    /** Writes bytes whose number the reader knows: no length goes before them. */
    public CompactEncoder fixed(byte[] value) {
        return raw(value, 0, value.length);
    }

    /** Writes a uint length and the bytes. */
    public CompactEncoder buffer(byte[] value) {
        return buffer(value, 0, value.length);
    }

    /** Writes a uint length and a part of an array. */
    public CompactEncoder buffer(byte[] source, int offset, int lengthBytes) {
        return uint(lengthBytes).raw(source, offset, lengthBytes);
    }

    /** Writes a buffer where no buffer is written as length 0; an empty one therefore reads back as none. */
    public CompactEncoder optionalBuffer(byte @Nullable [] value) {
        return value == null ? uint(0) : buffer(value);
    }

    /** Writes a uint byte length and the text in UTF-8. Lone surrogates become U+FFFD, as they do in JavaScript. */
    public CompactEncoder string(String value) {
        return buffer(utf8(value));
    }

    /** Writes one byte: 1 for true, 0 for false. */
    public CompactEncoder bool(boolean value) {
        return append(value ? 1 : 0, 1);
    }

    /** Writes bytes as they are: the rest of a message. */
    public CompactEncoder raw(byte[] value) {
        return raw(value, 0, value.length);
    }

    /** Writes a part of an array as it is. */
    public CompactEncoder raw(byte[] source, int offset, int lengthBytes) {
        ensure(lengthBytes);
        System.arraycopy(source, offset, bytes, length, lengthBytes);
        length += lengthBytes;
        return this;
    }

    /** How many bytes have been written. */
    public int length() {
        return length;
    }

    /** A copy of what has been written. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    /** Copies what has been written into {@code target} from {@code offset} on, for callers that frame messages themselves. */
    public void copyTo(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, length);
    }

    /** Forgets what has been written and keeps the room, so that one encoder can write many messages. */
    public CompactEncoder reset() {
        length = 0;
        return this;
    }

    /** UTF-8 as JavaScript's encoder makes it: Java alone would turn a lone surrogate into a question mark. */
    static byte[] utf8(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (Character.isSurrogate(value.charAt(i))) {
                return utf8WithSurrogates(value);
            }
        }
        return value.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] utf8WithSurrogates(String value) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8
                    .newEncoder()
                    .replaceWith(REPLACEMENT)
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .encode(CharBuffer.wrap(value));
            byte[] out = new byte[encoded.remaining()];
            encoded.get(out);
            return out;
        } catch (CharacterCodingException e) {
            throw new IllegalStateException("UTF-8 with replacement refused a string", e);
        }
    }

    private CompactEncoder append(long value, int widthBytes) {
        ensure(widthBytes);
        for (int i = 0; i < widthBytes; i++) {
            bytes[length++] = (byte) (value >>> (8 * i));
        }
        return this;
    }

    private void ensure(int moreBytes) {
        int needed = Math.addExact(length, moreBytes);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(needed, 2L * bytes.length)));
        }
    }

    private static void requireUint(long value) {
        if (value < 0 || value > MAX_UINT) {
            throw new IllegalArgumentException("a uint holds 0 to 2^53 - 1, not " + value);
        }
    }

    private static long requireWidth(long value, int bits) {
        if (value < 0 || value >>> bits != 0) {
            throw new IllegalArgumentException("a uint" + bits + " cannot hold " + value);
        }
        return value;
    }
}
