package org.datdot.crypto;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * ChaCha20-Poly1305 (RFC 8439) as the Noise protocol uses it: the nonce is 4 zero bytes and the counter in 8 bytes
 * little-endian; 16 bytes of tag follow the ciphertext. npm {@code noise-handshake} ({@code cipher.js}). Done by the JDK.
 */
public final class ChaChaPoly {
    /** How many bytes longer a ciphertext is. */
    public static final int TAG_BYTES = 16;

    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;

    private ChaChaPoly() {}

    /**
     * Encrypts.
     *
     * @param key 32 bytes; never use one twice with the same counter
     * @param counter how many messages this key encrypted before
     * @param associatedData authenticated with the message but not part of it
     */
    public static byte[] encrypt(byte[] key, long counter, byte[] associatedData, byte[] plain) {
        try {
            return run(Cipher.ENCRYPT_MODE, key, counter, associatedData, plain);
        } catch (GeneralSecurityException e) {
            throw new CryptoException("this Java platform could not encrypt with ChaCha20-Poly1305", e);
        }
    }

    /**
     * Decrypts.
     *
     * @throws CryptoException when the message was not made with this key, counter and associated data
     */
    public static byte[] decrypt(byte[] key, long counter, byte[] associatedData, byte[] cipher) {
        if (cipher.length < TAG_BYTES) {
            throw new CryptoException("an encrypted message has at least 16 bytes, not " + cipher.length);
        }
        try {
            return run(Cipher.DECRYPT_MODE, key, counter, associatedData, cipher);
        } catch (AEADBadTagException e) {
            throw new CryptoException("an encrypted message was changed or made with another key", e);
        } catch (GeneralSecurityException e) {
            throw new CryptoException("this Java platform could not decrypt with ChaCha20-Poly1305", e);
        }
    }

    private static byte[] run(int mode, byte[] key, long counter, byte[] associatedData, byte[] message)
            throws GeneralSecurityException {
        if (key.length != KEY_BYTES || counter < 0) {
            throw new IllegalArgumentException("ChaCha20-Poly1305 takes a key of 32 bytes and a counter from 0 on, not "
                    + key.length + " bytes and " + counter);
        }
        byte[] nonce = ByteBuffer.allocate(NONCE_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0)
                .putLong(counter)
                .array();
        Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
        cipher.init(mode, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(nonce));
        cipher.updateAAD(associatedData);
        return cipher.doFinal(message);
    }
}
