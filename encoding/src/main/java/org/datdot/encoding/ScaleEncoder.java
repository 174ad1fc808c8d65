package org.datdot.encoding;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes SCALE, the encoding Substrate chains use for transactions and state ("Simple Concatenated Aggregate Little-Endian";
 * Rust crate {@code parity-scale-codec}).
 *
 * <p>Numbers are little-endian. A compact number takes 1, 2 or 4 bytes with its length in the two lowest bits, or a byte
 * with the number of further bytes (4 to 67) in its upper six. Lists, bytes and strings begin with their compact length. A
 * value which does not fit is refused with {@link IllegalArgumentException}. Not safe for use by several threads.
 */
public final class ScaleEncoder {
    /** The largest number of bytes of a compact number beside its first. */
    static final int MAX_COMPACT_BYTES = 67;

    private byte[] bytes = new byte[64];
    private int length;

    /** An empty encoder. */
    public ScaleEncoder() {}

    /** Writes one byte, 0 to 255. */
    public ScaleEncoder u8(int value) {
        return append(requireWidth(value, 8), 1);
    }

    /** Writes two bytes, 0 to 65,535. */
    public ScaleEncoder u16(int value) {
        return append(requireWidth(value, 16), 2);
    }

    /** Writes four bytes, 0 to 2^32 - 1. */
    public ScaleEncoder u32(long value) {
        return append(requireWidth(value, 32), 4);
    }

    /** Writes eight bytes, 0 to 2^63 - 1: half of what the format could hold, all that a Java long can count. */
    public ScaleEncoder u64(long value) {
        return append(requireNotNegative(value), 8);
    }

    /** Writes all 64 bits of {@code value} as they are, for words which are not counts. */
    public ScaleEncoder u64Bits(long value) {
        return append(value, 8);
    }

    /** Writes sixteen bytes, 0 to 2^128 - 1. */
    public ScaleEncoder u128(BigInteger value) {
        if (value.signum() < 0 || value.bitLength() > 128) {
            throw new IllegalArgumentException("a u128 cannot hold " + value);
        }
        return littleEndian(value, 16);
    }

    /** Writes a number of 0 to 2^63 - 1 in as few bytes as the format allows. */
    public ScaleEncoder compact(long value) {
        requireNotNegative(value);
        if (value < 1 << 6) {
            return append(value << 2, 1);
        }
        if (value < 1 << 14) {
            return append((value << 2) | 1, 2);
        }
        if (value < 1 << 30) {
            return append((value << 2) | 2, 4);
        }
        int widthBytes = Math.max(4, (71 - Long.numberOfLeadingZeros(value)) / 8);
        return append(((widthBytes - 4L) << 2) | 3, 1).append(value, widthBytes);
    }

    /** Writes a number of 0 to 2^536 - 1 in as few bytes as the format allows. */
    public ScaleEncoder compact(BigInteger value) {
        if (value.signum() < 0 || value.bitLength() > 8 * MAX_COMPACT_BYTES) {
            throw new IllegalArgumentException("a compact number is 0 to 2^536 - 1, not " + value);
        }
        if (value.bitLength() < Long.SIZE) {
            return compact(value.longValue());
        }
        int widthBytes = (value.bitLength() + 7) / 8;
        return append(((widthBytes - 4L) << 2) | 3, 1).littleEndian(value, widthBytes);
    }

    /** Writes a compact length and the bytes. */
    public ScaleEncoder bytes(byte[] value) {
        return compact(value.length).fixed(value);
    }

    /** Writes bytes whose number the reader knows. */
    public ScaleEncoder fixed(byte[] value) {
        ensure(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    /** Writes a text's UTF-8 bytes with their compact length. */
    public ScaleEncoder string(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes one byte: 1 for true, 0 for false. */
    public ScaleEncoder bool(boolean value) {
        return append(value ? 1 : 0, 1);
    }

    /** Writes 0 for none, or 1 and the value. */
    public <T> ScaleEncoder option(@Nullable T value, BiConsumer<ScaleEncoder, T> encode) {
        if (value == null) {
            return append(0, 1);
        }
        append(1, 1);
        encode.accept(this, value);
        return this;
    }

    /** Writes the compact number of items and the items. */
    public <T> ScaleEncoder list(List<T> items, BiConsumer<ScaleEncoder, T> encode) {
        compact(items.size());
        for (T item : items) {
            encode.accept(this, item);
        }
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

    private ScaleEncoder littleEndian(BigInteger value, int widthBytes) {
        byte[] magnitude = value.toByteArray();
        ensure(widthBytes);
        for (int i = 0; i < widthBytes; i++) {
            int from = magnitude.length - 1 - i;
            bytes[length++] = from >= 0 ? magnitude[from] : 0;
        }
        return this;
    }

    private ScaleEncoder append(long value, int widthBytes) {
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

    private static long requireNotNegative(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("SCALE numbers are not negative: " + value);
        }
        return value;
    }

    private static long requireWidth(long value, int bits) {
        if (value < 0 || value >>> bits != 0) {
            throw new IllegalArgumentException("a u" + bits + " cannot hold " + value);
        }
        return value;
    }
}
