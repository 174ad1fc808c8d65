package org.datdot.crypto;

import java.security.GeneralSecurityException;
import java.util.Objects;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The ChaCha20 stream cipher (RFC 8439) without authentication. Done by the JDK, in place. */
public final class ChaCha20 {
    /** How many bytes of keystream one step of the counter makes. */
    public static final int BLOCK_BYTES = 64;

    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;

    private ChaCha20() {}

    /**
     * Encrypts or decrypts a part of an array in place: both are the same.
     *
     * @param key32 the key
     * @param nonce12 never to be used twice with the same key and counter for different data
     * @param counter the number of the first keystream block, unsigned
     * @throws IllegalArgumentException when a length is wrong or the counter would run over
     */
    public static void xor(byte[] key32, byte[] nonce12, int counter, byte[] data, int offset, int lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, data.length);
        if (key32.length != KEY_BYTES || nonce12.length != NONCE_BYTES) {
            throw new IllegalArgumentException("ChaCha20 takes a key of 32 bytes and a nonce of 12, not " + key32.length
                    + " and " + nonce12.length);
        }
        long blocks = (lengthBytes + BLOCK_BYTES - 1L) / BLOCK_BYTES;
        if (Integer.toUnsignedLong(counter) + blocks > 1L << 32) {
            throw new IllegalArgumentException("ChaCha20's counter would run over 2^32 after " + blocks + " blocks");
        }
        try {
            Cipher cipher = Cipher.getInstance("ChaCha20");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(key32, "ChaCha20"),
                    new ChaCha20ParameterSpec(nonce12, counter));
            cipher.doFinal(data, offset, lengthBytes, data, offset);
        } catch (GeneralSecurityException e) {
            throw new CryptoException("this Java platform could not run ChaCha20", e);
        }
    }
}
