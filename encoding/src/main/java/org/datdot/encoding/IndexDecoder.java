package org.datdot.encoding;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads keys written by {@link IndexEncoder} or npm {@code index-encoder}; throws {@link DecodingException} on any other bytes. */
public final class IndexDecoder {
    private final byte[] bytes;
    private int position;

    /** Reads a key from its first byte. The array is not copied. */
    public IndexDecoder(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Reads a number; {@link IndexEncoder#INFINITY} for the value after all others. */
    public long uint() {
        int at = position;
        int first = next("a number");
        long value = switch (first) {
            case 0xfc -> bigEndian(2);
            case 0xfd -> bigEndian(4);
            case 0xfe -> bigEndian(8);
            case 0xff -> IndexEncoder.INFINITY;
            default -> first;
        };
        if (first == 0xfe && (value < 0 || value > CompactEncoder.MAX_UINT)) {
            throw new DecodingException(
                    "expected at most 2^53 - 1 at byte " + at + ", found " + Long.toUnsignedString(value));
        }
        return value;
    }

    /** Reads bytes of any length. */
    public byte[] buffer() {
        int start = position;
        if (next("a buffer") != 0) {
            throw new DecodingException("expected a buffer's first byte 00 at byte " + start);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (true) {
            int value = next("a buffer's end 00 01");
            if (value != 0) {
                out.write(value);
                continue;
            }
            int at = position;
            switch (next("01 or 02 after 00")) {
                case 1 -> {
                    return out.toByteArray();
                }
                case 2 -> out.write(0);
                default -> throw new DecodingException("expected 01 or 02 after 00 in a buffer at byte " + at);
            }
        }
    }

    /** Reads a text. */
    public String string() {
        return new String(buffer(), StandardCharsets.UTF_8);
    }

    /** Reads bytes of a known length. */
    public byte[] raw(int lengthBytes) {
        require(lengthBytes, lengthBytes + " bytes");
        byte[] out = Arrays.copyOfRange(bytes, position, position + lengthBytes);
        position += lengthBytes;
        return out;
    }

    /** How many bytes are left. */
    public int remaining() {
        return bytes.length - position;
    }

    /** Refuses bytes after the end of what was read. */
    public void requireEnd() {
        if (remaining() > 0) {
            throw new DecodingException(
                    "expected the end of the key at byte " + position + ", found " + remaining() + " bytes more");
        }
    }

    private long bigEndian(int widthBytes) {
        require(widthBytes, "a number of " + widthBytes + " bytes");
        long value = 0;
        for (int i = 0; i < widthBytes; i++) {
            value = value << 8 | (bytes[position++] & 0xff);
        }
        return value;
    }

    private int next(String what) {
        require(1, what);
        return bytes[position++] & 0xff;
    }

    private void require(int lengthBytes, String what) {
        if (lengthBytes < 0 || lengthBytes > remaining()) {
            throw new DecodingException(
                    "expected " + what + " at byte " + position + " of a key, found " + remaining() + " bytes left");
        }
    }
}
