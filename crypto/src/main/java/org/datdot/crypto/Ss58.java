package org.datdot.crypto;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.datdot.encoding.DecodingException;

/**
 * The text of an account: 32 bytes in SS58, the address format of Substrate (crate {@code sp-core}, {@code crypto.rs}). A
 * prefix says which network an address belongs to (42 is Substrate's own) and two bytes of BLAKE2b-512 catch mistypings. The
 * whole is written in base 58, which has no 0, O, I and l.
 */
public final class Ss58 {
    /** The network number of Substrate chains that registered none of their own. */
    public static final int SUBSTRATE_PREFIX = 42;

    private static final String ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final BigInteger BASE = BigInteger.valueOf(ALPHABET.length());
    private static final byte[] CONTEXT = "SS58PRE".getBytes(StandardCharsets.US_ASCII);
    private static final int ACCOUNT_BYTES = 32;
    private static final int CHECKSUM_BYTES = 2;
    private static final int HASH_BYTES = 64;
    private static final int MAX_PREFIX = (1 << 14) - 1;

    /** Longer texts are not decoded: no address of 32 bytes has more than 50 characters. */
    private static final int MAX_CHARACTERS = 64;

    private Ss58() {}

    /** The address of 32 bytes with the prefix 42. */
    public static String encode(byte[] account32) {
        return encode(account32, SUBSTRATE_PREFIX);
    }

    /**
     * The address of 32 bytes.
     *
     * @param prefix the network's number, 0 to 16,383; up to 63 it takes one byte, else two
     */
    public static String encode(byte[] account32, int prefix) {
        if (account32.length != ACCOUNT_BYTES || prefix < 0 || prefix > MAX_PREFIX) {
            throw new IllegalArgumentException(
                    "an address has 32 bytes and a prefix of 0 to 16383, not " + account32.length + " and " + prefix);
        }
        byte[] prefixBytes = prefix < 64
                ? new byte[] {(byte) prefix}
                : new byte[] {(byte) (((prefix & 0xfc) >>> 2) | 0x40), (byte) ((prefix >>> 8) | ((prefix & 3) << 6))};
        byte[] body = concat(prefixBytes, account32);
        return base58(concat(body, checksum(body)));
    }

    /**
     * The 32 bytes of an address with the prefix 42.
     *
     * @throws DecodingException saying what is wrong with the text
     */
    public static byte[] decode(String address) {
        return decode(address, SUBSTRATE_PREFIX);
    }

    /**
     * The 32 bytes of an address.
     *
     * @param prefix the network the address has to belong to
     * @throws DecodingException saying what is wrong with the text
     */
    public static byte[] decode(String address, int prefix) {
        String text = address.strip();
        if (text.length() > MAX_CHARACTERS) {
            throw new DecodingException("an address has at most 50 characters, this text has " + text.length());
        }
        byte[] bytes = bytesOfBase58(text);
        int prefixBytes = bytes.length > 0 && (bytes[0] & 0x40) != 0 ? 2 : 1;
        if (bytes.length != prefixBytes + ACCOUNT_BYTES + CHECKSUM_BYTES || bytes[0] < 0) {
            throw new DecodingException(
                    "this is no address of an account (a complete one starts with 5 and has 47 or 48 characters)");
        }
        byte[] body = Arrays.copyOf(bytes, bytes.length - CHECKSUM_BYTES);
        if (!Arrays.equals(checksum(body), Arrays.copyOfRange(bytes, body.length, bytes.length))) {
            throw new DecodingException("the address has a typing error: its checksum does not fit");
        }
        int found = prefixBytes == 1
                ? bytes[0]
                : ((bytes[0] & 0x3f) << 2) | ((bytes[1] & 0xff) >>> 6) | ((bytes[1] & 0x3f) << 8);
        if (found != prefix || (prefixBytes == 2 && found < 64)) {
            throw new DecodingException(
                    "the address belongs to another network: its prefix is " + found + ", expected " + prefix);
        }
        return Arrays.copyOfRange(body, prefixBytes, body.length);
    }

    private static byte[] checksum(byte[] body) {
        return Arrays.copyOf(Blake2b.hash(HASH_BYTES, null, CONTEXT, body), CHECKSUM_BYTES);
    }

    private static String base58(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        for (BigInteger rest = new BigInteger(1, bytes); rest.signum() > 0; ) {
            BigInteger[] step = rest.divideAndRemainder(BASE);
            out.append(ALPHABET.charAt(step[1].intValue()));
            rest = step[0];
        }
        for (int i = 0; i < bytes.length && bytes[i] == 0; i++) {
            out.append(ALPHABET.charAt(0));
        }
        return out.reverse().toString();
    }

    private static byte[] bytesOfBase58(String text) {
        BigInteger value = BigInteger.ZERO;
        int zeros = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = ALPHABET.indexOf(text.charAt(i));
            if (digit < 0) {
                throw new DecodingException(
                        "'" + text.charAt(i) + "' (character " + (i + 1) + ") does not occur in addresses");
            }
            if (digit == 0 && i == zeros) {
                zeros++;
            }
            value = value.multiply(BASE).add(BigInteger.valueOf(digit));
        }
        byte[] magnitude = value.signum() == 0 ? new byte[0] : value.toByteArray();
        int sign = magnitude.length > 0 && magnitude[0] == 0 ? 1 : 0;
        byte[] out = new byte[zeros + magnitude.length - sign];
        System.arraycopy(magnitude, sign, out, zeros, magnitude.length - sign);
        return out;
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] out = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, out, first.length, second.length);
        return out;
    }
}
