package org.datdot.encoding;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads SCALE (Rust crate {@code parity-scale-codec}), refusing every second way to write the same value: numbers longer
 * than necessary, booleans and options other than 0 and 1, malformed UTF-8. Two nodes that read the same bytes must get the
 * same value, and the same value must have one hash.
 *
 * <p>Made for input from strangers: throws {@link DecodingException} and never allocates more than what remains. The array
 * is not copied; it must not change while being decoded.
 */
public final class ScaleDecoder {
    private final byte[] bytes;
    private final int end;
    private int position;

    /** Reads a whole array. */
    public ScaleDecoder(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /**
     * Reads a part of an array.
     *
     * @param start first byte to read
     * @param end one past the last byte to read
     */
    public ScaleDecoder(byte[] bytes, int start, int end) {
        Objects.checkFromToIndex(start, end, bytes.length);
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    /** Reads one byte as 0 to 255. */
    public int u8() {
        return (int) take(1, "a u8");
    }

    /** Reads two bytes as 0 to 65,535. */
    public int u16() {
        return (int) take(2, "a u16");
    }

    /** Reads four bytes as 0 to 2^32 - 1. */
    public long u32() {
        return take(4, "a u32");
    }

    /** Reads eight bytes as 0 to 2^63 - 1; larger numbers are refused rather than turned negative. */
    public long u64() {
        int at = position;
        long value = take(8, "a u64");
        if (value < 0) {
            throw tooLarge(at, "2^63 - 1", Long.toUnsignedString(value));
        }
        return value;
    }

    /** Reads all 64 bits as they are. */
    public long u64Bits() {
        return take(8, "64 bits");
    }

    /** Reads sixteen bytes as 0 to 2^128 - 1. */
    public BigInteger u128() {
        return littleEndian(16);
    }

    /** Reads a compact number of at most 2^63 - 1. */
    public long compact() {
        int at = position;
        int first = at < end ? bytes[at] & 0xff : 0;
        int furtherBytes = (first & 3) < 3 ? (1 << (first & 3)) - 1 : (first >>> 2) + 4;
        // Nearly all numbers fit a word; the others, and those cut off, take the way below.
        if (furtherBytes <= Long.BYTES && furtherBytes < end - at) {
            position++;
            return (first & 3) < 3 ? shortCompact(at, first) : wordCompact(at, furtherBytes);
        }
        BigInteger value = compactBig();
        if (value.bitLength() >= Long.SIZE) {
            throw tooLarge(at, "2^63 - 1", value.toString());
        }
        return value.longValue();
    }

    /** Reads a compact number of any size the format allows, up to 2^536 - 1. */
    public BigInteger compactBig() {
        int at = position;
        int first = u8();
        if ((first & 3) < 3) {
            return BigInteger.valueOf(shortCompact(at, first));
        }
        int widthBytes = (first >>> 2) + 4;
        BigInteger value = littleEndian(widthBytes);
        if (value.bitLength() <= 30 || (widthBytes > 4 && value.bitLength() <= 8 * (widthBytes - 1))) {
            throw notShortest(at);
        }
        return value;
    }

    /** The rest of one whose first byte says that it has no more than three others. */
    private long shortCompact(int at, int first) {
        int mode = first & 3;
        long value = (take((1 << mode) - 1, "a compact number") << 6) | (first >>> 2);
        if (mode > 0 && value < (mode == 1 ? 1 << 6 : 1 << 14)) {
            throw notShortest(at);
        }
        return value;
    }

    /** The rest of one with four to eight bytes after the first. */
    private long wordCompact(int at, int widthBytes) {
        long value = take(widthBytes, "a compact number");
        if (value >>> 30 == 0 || (widthBytes > 4 && value >>> (8 * (widthBytes - 1)) == 0)) {
            throw notShortest(at);
        }
        if (value < 0) {
            throw tooLarge(at, "2^63 - 1", Long.toUnsignedString(value));
        }
        return value;
    }

    /** Reads a compact length and so many bytes. */
    public byte[] bytes() {
        return fixed(lengthBytes());
    }

    /** Reads {@code lengthBytes} bytes into a new array. */
    public byte[] fixed(int lengthBytes) {
        require(lengthBytes, lengthBytes + " bytes");
        byte[] out = Arrays.copyOfRange(bytes, position, position + lengthBytes);
        position += lengthBytes;
        return out;
    }

    /** Reads a compact byte length and so many bytes of UTF-8; malformed UTF-8 is refused. */
    public String string() {
        int lengthBytes = lengthBytes();
        try {
            String out = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, position, lengthBytes))
                    .toString();
            position += lengthBytes;
            return out;
        } catch (CharacterCodingException e) {
            DecodingException refusal = new DecodingException("expected UTF-8 at byte " + position);
            refusal.initCause(e);
            throw refusal;
        }
    }

    /** Reads one byte which must be 0 or 1. */
    public boolean bool() {
        int at = position;
        return switch (u8()) {
            case 0 -> false;
            case 1 -> true;
            default -> throw new DecodingException("expected 0 or 1 at byte " + at + ", found " + bytes[at]);
        };
    }

    /** Reads 0 for none, or 1 and a value. */
    public <T> @Nullable T option(Function<ScaleDecoder, T> decode) {
        return bool() ? decode.apply(this) : null;
    }

    /** Reads a compact number of items, at most one for each remaining byte, and the items. */
    public <T> List<T> list(Function<ScaleDecoder, T> decode) {
        return list(Integer.MAX_VALUE, decode);
    }

    /** Reads a list of at most {@code maxItems} items. */
    public <T> List<T> list(int maxItems, Function<ScaleDecoder, T> decode) {
        int at = position;
        long count = compact();
        if (count > Math.min(maxItems, remaining())) {
            throw tooLarge(at, Math.min(maxItems, remaining()) + " items", count + " items");
        }
        // A list's items may be larger in memory than on the wire, so room is made as they come.
        List<T> items = new ArrayList<>((int) Math.min(count, 16));
        for (long i = 0; i < count; i++) {
            items.add(decode.apply(this));
        }
        return List.copyOf(items);
    }

    /** How many bytes are left to read. */
    public int remaining() {
        return end - position;
    }

    /** The index in the array of the next byte to read. */
    public int position() {
        return position;
    }

    /** Refuses bytes after the end of what was read. */
    public void requireEnd() {
        if (remaining() > 0) {
            throw new DecodingException(
                    "expected the end at byte " + position + ", found " + remaining() + " bytes more");
        }
    }

    private int lengthBytes() {
        int at = position;
        long lengthBytes = compact();
        if (lengthBytes > remaining()) {
            throw tooLarge(at, remaining() + " bytes", lengthBytes + " bytes");
        }
        return (int) lengthBytes;
    }

    private BigInteger littleEndian(int widthBytes) {
        byte[] value = fixed(widthBytes);
        for (int i = 0, j = widthBytes - 1; i < j; i++, j--) {
            byte swap = value[i];
            value[i] = value[j];
            value[j] = swap;
        }
        return new BigInteger(1, value);
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

    private static DecodingException tooLarge(int at, String most, String found) {
        return new DecodingException("expected at most " + most + " at byte " + at + ", found " + found);
    }

    private static DecodingException notShortest(int at) {
        return new DecodingException("expected a compact number in its shortest form at byte " + at);
    }
}
