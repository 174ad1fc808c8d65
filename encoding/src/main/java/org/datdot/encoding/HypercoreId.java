package org.datdot.encoding;

import java.util.HexFormat;

/**
 * The text of a 32-byte Hypercore key: npm {@code hypercore-id-encoding} ({@code index.js}).
 *
 * <p>Written as 52 characters of z-base-32; read also as 64 characters of hex, and as a link with a scheme such as
 * {@code pear://} or {@code hyper://} and anything after the key from {@code /}, {@code ?} or {@code #} on.
 */
public final class HypercoreId {
    /** How many bytes a key has. */
    public static final int KEY_BYTES = 32;

    private static final int Z32_CHARACTERS = 52;
    private static final int HEX_CHARACTERS = 64;

    private HypercoreId() {}

    /**
     * The 52-character text of a key.
     *
     * @throws IllegalArgumentException when the key has not 32 bytes
     */
    public static String encode(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a Hypercore key has 32 bytes, not " + key.length);
        }
        return ZBase32.encode(key);
    }

    /**
     * The key a person or a program wrote down.
     *
     * @throws DecodingException saying what is wrong with the text
     */
    public static byte[] decode(String text) {
        String id = withoutLink(text.strip());
        return switch (id.length()) {
            case Z32_CHARACTERS -> ZBase32.decode(id);
            case HEX_CHARACTERS -> hex(id);
            default ->
                throw new DecodingException(
                        "a Hypercore key has 52 characters (z-base-32) or 64 (hex), this text has " + id.length());
        };
    }

    private static String withoutLink(String text) {
        int scheme = text.indexOf("://");
        if (scheme < 0) {
            return text;
        }
        int start = scheme + 3;
        int end = start;
        while (end < text.length() && "/?#".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return text.substring(start, end);
    }

    private static byte[] hex(String id) {
        for (int i = 0; i < id.length(); i++) {
            if (!HexFormat.isHexDigit(id.charAt(i))) {
                throw new DecodingException("'" + id.charAt(i) + "' (character " + (i + 1) + ") is not a hex digit");
            }
        }
        return HexFormat.of().parseHex(id);
    }
}
