package org.datdot.crypto;

/**
 * An Ed25519 key pair (npm {@code hypercore-crypto}, {@code keyPair}). Its text shows the public key only.
 *
 * @param publicKey what others know
 * @param secretKey what only the owner knows
 */
public record KeyPair(PublicKey publicKey, SecretKey secretKey) {
    /** How many bytes a key pair is made from. */
    public static final int SEED_BYTES = 32;

    /** Refuses halves that do not belong together. */
    public KeyPair {
        if (!publicKey.equals(secretKey.publicKey())) {
            throw new IllegalArgumentException("the secret key does not belong to the public key " + publicKey);
        }
    }

    /** The key pair of a secret key. */
    public KeyPair(SecretKey secretKey) {
        this(secretKey.publicKey(), secretKey);
    }

    /**
     * The key pair a seed determines.
     *
     * @throws IllegalArgumentException when the seed has not 32 bytes
     */
    public static KeyPair fromSeed(byte[] seed32) {
        if (seed32.length != SEED_BYTES) {
            throw new IllegalArgumentException("a key pair's seed has 32 bytes, not " + seed32.length);
        }
        byte[] publicKey = new byte[PublicKey.BYTES];
        byte[] secretKey = new byte[SecretKey.BYTES];
        Sodium.seedKeyPair(publicKey, secretKey, seed32);
        return new KeyPair(new PublicKey(publicKey), new SecretKey(secretKey));
    }

    /** A new key pair. */
    public static KeyPair generate(Entropy entropy) {
        return fromSeed(entropy.bytes(SEED_BYTES));
    }

    @Override
    public String toString() {
        return "KeyPair[" + publicKey + "]";
    }
}
