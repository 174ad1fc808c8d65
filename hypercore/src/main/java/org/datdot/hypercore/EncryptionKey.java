package org.datdot.hypercore;

import java.util.Arrays;
import org.datdot.crypto.CoreKey;

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

    /**
     * The key of the blocks of one core, to be given to somebody who shall read that core and none of the others that are
     * encrypted with this secret; as npm hypercore's {@code blockEncryptionKey}.
     *
     * @throws IllegalStateException when this is the key of some blocks already
     */
    public EncryptionKey ofBlocks(CoreKey core) {
        if (ofBlocks) throw new IllegalStateException("this is the key of one core's blocks");
        return ofBlocks(BlockCipher.blockKey(this, core));
    }

    /** The 32 bytes of the key. Keep them secret. */
    public byte[] toBytes() {
        return bytes.clone();
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
