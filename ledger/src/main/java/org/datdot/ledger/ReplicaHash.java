package org.datdot.ledger;

import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;

/** Hashes of the tree over a replica's leaves (docs/protocol.md 3). */
public final class ReplicaHash {
    /** Bytes of every leaf but the last, which may be shorter. */
    public static final int LEAF_BYTES = 1024;

    private static final byte[] LEAF = {0};
    private static final byte[] PARENT = {1};

    private ReplicaHash() {}

    /** The hash of a leaf. */
    public static Hash leaf(byte[] bytes, int offset, int length) {
        return new Hash(new Blake2b.Hasher(Hash.BYTES, null)
                .update(LEAF)
                .update(bytes, offset, length)
                .digest());
    }

    /** The hash above two. */
    public static Hash parent(Hash left, Hash right) {
        return new Hash(Blake2b.hash(PARENT, left.bytes(), right.bytes()));
    }

    /** How many leaves a replica of so many bytes has. */
    public static long leafCount(long encodedBytes) {
        return encodedBytes / LEAF_BYTES + (encodedBytes % LEAF_BYTES == 0 ? 0 : 1);
    }
}
