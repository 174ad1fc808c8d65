package org.datdot.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Signatures as npm {@code hypercore-crypto} makes them, and the key agreement of npm {@code noise-curve-ed}, both with
 * libsodium.
 */
public final class Ed25519 {
    private static final int SCALAR_BYTES = 32;

    private Ed25519() {}

    /** Signs a message. The same message and key always give the same signature. */
    public static Signature sign(byte[] message, SecretKey secretKey) {
        byte[] signature = new byte[Signature.BYTES];
        Sodium.sign(signature, message, secretKey.shared());
        return new Signature(signature);
    }

    /**
     * Whether {@code signature} is one of {@code message} by {@code publicKey}. As libsodium: a signature whose S is not
     * reduced, and keys or points of small order or not in canonical form, are refused.
     */
    public static boolean verify(byte[] message, Signature signature, PublicKey publicKey) {
        return Sodium.verify(signature.shared(), message, publicKey.shared());
    }

    /**
     * The secret two key pairs share: the other's public point times one's own scalar, 32 bytes of an Edwards point (not
     * X25519).
     *
     * @throws CryptoException when the other's key is not a canonical point of the prime-order group, as libsodium checks
     */
    public static byte[] diffieHellman(SecretKey own, PublicKey other) {
        byte[] scalar = scalar(own);
        byte[] shared = new byte[PublicKey.BYTES];
        try {
            if (!Sodium.scalarMultiply(shared, scalar, other.shared())) {
                throw new CryptoException(other + " is not a public key to agree on a secret with");
            }
            return shared;
        } finally {
            Arrays.fill(scalar, (byte) 0);
        }
    }

    /** The number an Ed25519 seed stands for: half of its SHA-512, clamped. */
    private static byte[] scalar(SecretKey secretKey) {
        byte[] seed = secretKey.seed();
        byte[] digest = sha512(seed);
        byte[] scalar = Arrays.copyOf(digest, SCALAR_BYTES);
        Arrays.fill(seed, (byte) 0);
        Arrays.fill(digest, (byte) 0);
        scalar[0] &= (byte) 248;
        scalar[31] &= 127;
        scalar[31] |= 64;
        return scalar;
    }

    private static byte[] sha512(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-512").digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-512", e);
        }
    }
}
