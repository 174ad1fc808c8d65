package org.datdot.crypto;

import java.security.MessageDigest;
import java.util.Arrays;

/**
 * An Ed25519 secret key in libsodium's form: 32 bytes of seed and the 32 bytes of the public key. Never shown: its text says
 * only what it is.
 */
public final class SecretKey {
    /** How many bytes a secret key has. */
    public static final int BYTES = 64;

    private static final int SEED_BYTES = 32;

    private final byte[] bytes;

    /**
     * @throws IllegalArgumentException when there are not exactly 64 bytes
     */
    public SecretKey(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a secret key has 64 bytes (seed and public key), not " + bytes.length);
        }
        this.bytes = bytes.clone();
    }

    /** A copy of the bytes, to be stored in a place only its owner can read. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** A copy of the 32 bytes the key pair is made from. */
    public byte[] seed() {
        return Arrays.copyOf(bytes, SEED_BYTES);
    }

    /** The public key this secret key carries. */
    public PublicKey publicKey() {
        return new PublicKey(bytes, SEED_BYTES);
    }

    /** The bytes themselves, for reading only, inside this package. */
    byte[] shared() {
        return bytes;
    }

    /** Compares in the same time wherever the first difference is. */
    @Override
    public boolean equals(Object other) {
        return other instanceof SecretKey that && MessageDigest.isEqual(bytes, that.bytes);
    }

    /** The hash code of the public half: nothing about the seed leaks. */
    @Override
    public int hashCode() {
        return publicKey().hashCode();
    }

    @Override
    public String toString() {
        return "SecretKey[hidden]";
    }
}
