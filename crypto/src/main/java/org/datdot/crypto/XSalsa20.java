package org.datdot.crypto;

/**
 * The XSalsa20 stream cipher, without authentication (libsodium {@code crypto_stream_xor}). Encrypting twice decrypts; a
 * nonce must not be used twice with a key.
 */
public final class XSalsa20 {
    /** Length of a nonce. */
    public static final int NONCE_BYTES = 24;

    private static final int KEY_BYTES = 32;

    private XSalsa20() {}

    /** Encrypts or decrypts {@code length} bytes; both arrays may be the same when the positions are. */
    public static void xor(byte[] out, int outAt, byte[] in, int inAt, int length, byte[] nonce, byte[] key) {
        if (nonce.length != NONCE_BYTES || key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a nonce of " + nonce.length + " bytes, a key of " + key.length);
        }
        if (length > 0) Sodium.xsalsa20(out, outAt, in, inAt, length, nonce, key);
    }
}
