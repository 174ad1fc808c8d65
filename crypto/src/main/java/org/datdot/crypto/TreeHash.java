package org.datdot.crypto;

/** The hash of a node of a core's Merkle tree, or of all its roots together (npm {@code hypercore-crypto}). */
public final class TreeHash extends Bytes32 {
    /** Copies the 32 bytes of {@code bytes}. */
    public TreeHash(byte[] bytes) {
        super(bytes);
    }

    /** Copies 32 bytes of {@code source} from {@code offset} on. */
    public TreeHash(byte[] source, int offset) {
        super(source, offset);
    }
}
