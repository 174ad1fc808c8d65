package org.datdot.hypercore;

import java.util.Arrays;

/**
 * The secret that a core's blocks are encrypted with: either the secret of the core, from which the key of the blocks is
 * derived, or that key itself, which can be given to somebody for one core alone. 32 bytes; never printed. Source: npm
 * hypercore lib/default-encryption.js.
 */
public final class EncryptionKey {
    private static final int BYTES = 32;

    private final byte[] bytes;
    private final boolean ofBlocks;

    private EncryptionKey(byte[] bytes, boolean ofBlocks) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("an encryption key has 32 bytes, not " + bytes.length);
        }
        this.bytes = bytes.clone();
        this.ofBlocks = ofBlocks;
    }

    /** The secret of a core (or of many), as {@code encryptionKey} of the stock packages. */
    public static EncryptionKey of(byte[] secret) {
        return new EncryptionKey(secret, false);
    }

    /** The key that the blocks of one core are encrypted with, as {@code encryption: { key, block: true }}. */
    public static EncryptionKey ofBlocks(byte[] blockKey) {
        return new EncryptionKey(blockKey, true);
    }

    byte[] bytes() {
        return bytes;
    }

    boolean isOfBlocks() {
        return ofBlocks;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EncryptionKey that && ofBlocks == that.ofBlocks && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "EncryptionKey";
    }
}
