package org.datdot.encoding;

import java.util.Arrays;

/**
 * Text of bytes in z-base-32, 5 bits a character: npm {@code z32} ({@code index.js}). 32 bytes make 52 characters.
 *
 * <p>Decoding ignores the bits of the last character that do not fill a byte, as the stock package does. It refuses lengths
 * which no bytes encode to (the stock package makes up zeros for them).
 */
public final class ZBase32 {
    private static final String ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769";
    private static final byte[] VALUES = values();

    private ZBase32() {}

    /** The text of {@code bytes}. */
    public static String encode(byte[] bytes) {
        StringBuilder out = new StringBuilder((bytes.length * 8 + 4) / 5);
        int bits = 0;
        int pending = 0;
        for (byte b : bytes) {
            pending = pending << 8 | (b & 0xff);
            for (bits += 8; bits >= 5; bits -= 5) {
                out.append(ALPHABET.charAt((pending >>> (bits - 5)) & 31));
            }
            pending &= (1 << bits) - 1;
        }
        if (bits > 0) {
            out.append(ALPHABET.charAt((pending << (5 - bits)) & 31));
        }
        return out.toString();
    }

    /**
     * The bytes of {@code text}.
     *
     * @throws DecodingException when a character is not of the alphabet or no bytes have a text of this length
     */
    public static byte[] decode(String text) {
        int last = text.length() & 7;
        if (last == 1 || last == 3 || last == 6) {
            throw new DecodingException("no bytes have a z-base-32 text of " + text.length() + " characters");
        }
        byte[] out = new byte[(int) (text.length() * 5L / 8)];
        int bits = 0;
        int pending = 0;
        int written = 0;
        for (int i = 0; i < text.length(); i++) {
            pending = (pending << 5) | value(text, i);
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                out[written++] = (byte) (pending >>> bits);
                pending &= (1 << bits) - 1;
            }
        }
        return out;
    }

    private static int value(String text, int at) {
        char c = text.charAt(at);
        int value = c < VALUES.length ? VALUES[c] : -1;
        if (value < 0) {
            throw new DecodingException("'" + c + "' (character " + (at + 1)
                    + ") is not a z-base-32 character: expected one of " + ALPHABET);
        }
        return value;
    }

    private static byte[] values() {
        byte[] values = new byte[128];
        Arrays.fill(values, (byte) -1);
        for (int i = 0; i < ALPHABET.length(); i++) {
            values[ALPHABET.charAt(i)] = (byte) i;
        }
        return values;
    }
}
