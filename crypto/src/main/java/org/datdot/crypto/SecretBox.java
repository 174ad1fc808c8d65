package org.datdot.crypto;

import java.util.Arrays;

/**
 * XSalsa20-Poly1305 with a random nonce in front: 24 bytes nonce, 16 bytes tag, ciphertext. What the two ends of a holepunch
 * send each other through a relay (libsodium {@code crypto_secretbox_easy}; npm {@code hyperdht}, {@code
 * lib/secure-payload.js}).
 */
public final class SecretBox {
    /** How many bytes longer a box is than what is in it. */
    public static final int OVERHEAD_BYTES = Sodium.SECRETBOX_NONCE_BYTES + Sodium.SECRETBOX_TAG_BYTES;

    private static final int KEY_BYTES = 32;

    private SecretBox() {}

    /** Encrypts with a 32-byte key. */
    public static byte[] seal(byte[] key, byte[] plain, Entropy entropy) {
        requireKey(key);
        byte[] nonce = entropy.bytes(Sodium.SECRETBOX_NONCE_BYTES);
        byte[] cipher = new byte[plain.length + Sodium.SECRETBOX_TAG_BYTES];
        Sodium.secretBox(cipher, plain, nonce, key);
        byte[] box = Arrays.copyOf(nonce, nonce.length + cipher.length);
        System.arraycopy(cipher, 0, box, nonce.length, cipher.length);
        return box;
    }

    /**
     * Decrypts with a 32-byte key.
     *
     * @throws CryptoException when the box was not made with this key, or was changed
     */
    public static byte[] open(byte[] key, byte[] box) {
        requireKey(key);
        if (box.length < OVERHEAD_BYTES) {
            throw new CryptoException("a secret box has at least " + OVERHEAD_BYTES + " bytes, not " + box.length);
        }
        byte[] nonce = Arrays.copyOf(box, Sodium.SECRETBOX_NONCE_BYTES);
        byte[] cipher = Arrays.copyOfRange(box, Sodium.SECRETBOX_NONCE_BYTES, box.length);
        byte[] plain = new byte[cipher.length - Sodium.SECRETBOX_TAG_BYTES];
        if (!Sodium.secretBoxOpen(plain, cipher, nonce, key)) {
            throw new CryptoException("a secret box was changed or made with another key");
        }
        return plain;
    }

    private static void requireKey(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a secret box takes a key of 32 bytes, not " + key.length);
        }
    }
}
