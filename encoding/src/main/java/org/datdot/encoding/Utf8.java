package org.datdot.encoding;

import java.nio.charset.StandardCharsets;

/**
 * Text out of bytes from strangers as JavaScript's decoders make it (WHATWG Encoding, "UTF-8 decoder"): each longest beginning of a character
 * that ends too early, and each byte that begins none, becomes one U+FFFD. The JDK makes one of two or three such bytes in some places.
 */
public final class Utf8 {
    private static final char REPLACEMENT = '\ufffd';

    private Utf8() {}

    /** The text of all bytes. */
    public static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    /** The text of the bytes from {@code start} to before {@code end}. */
    public static String decode(byte[] bytes, int start, int end) {
        String text = new String(bytes, start, end - start, StandardCharsets.UTF_8);
        return text.indexOf(REPLACEMENT) < 0 ? text : replacing(bytes, start, end);
    }

    private static String replacing(byte[] bytes, int start, int end) {
        StringBuilder text = new StringBuilder(end - start);
        for (int at = start; at < end; ) {
            int first = bytes[at++] & 0xff;
            if (first < 0x80) {
                text.append((char) first);
                continue;
            }
            int more = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
            // The second byte is bounded further where the character would be overlong, a surrogate or too large.
            int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
            int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
            int point = first & (0x3f >>> more);
            int taken = 0;
            while (taken < more && at < end && inRange(bytes[at] & 0xff, lowest, highest)) {
                point = (point << 6) | (bytes[at++] & 0x3f);
                lowest = 0x80;
                highest = 0xbf;
                taken++;
            }
            if (more > 0 && taken == more) text.appendCodePoint(point);
            else text.append(REPLACEMENT);
        }
        return text.toString();
    }

    private static boolean inRange(int value, int lowest, int highest) {
        return value >= lowest && value <= highest;
    }
}
