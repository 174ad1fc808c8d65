package org.datdot.crypto;

import java.util.Arrays;

/** HMAC (RFC 2104) over BLAKE2b-512, block 128 bytes: npm {@code noise-handshake} ({@code hmac.js}). */
public final class HmacBlake2b {
    /** How many bytes a code has. */
    public static final int BYTES = 64;

    private static final int BLOCK_BYTES = 128;

    private HmacBlake2b() {}

    /** The authentication code of all parts as if they were one. */
    public static byte[] digest(byte[] key, byte[]... parts) {
        byte[] shortKey = key.length > BLOCK_BYTES ? Blake2b.hash(BYTES, null, key) : key;
        byte[] inner = new byte[BLOCK_BYTES];
        byte[] outer = new byte[BLOCK_BYTES];
        for (int i = 0; i < BLOCK_BYTES; i++) {
            int k = i < shortKey.length ? shortKey[i] : 0;
            inner[i] = (byte) (k ^ 0x36);
            outer[i] = (byte) (k ^ 0x5c);
        }
        Blake2b.Hasher hasher = new Blake2b.Hasher(BYTES, null).update(inner);
        for (byte[] part : parts) {
            hasher.update(part);
        }
        byte[] code = Blake2b.hash(BYTES, null, outer, hasher.digest());
        Arrays.fill(inner, (byte) 0);
        Arrays.fill(outer, (byte) 0);
        return code;
    }
}
