package org.datdot.hosting;

import org.datdot.crypto.Hash;
import org.datdot.crypto.TreeHash;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.datdot.hypercore.Manifest;

/**
 * A published snapshot, as the index of snapshots has it ({@link SnapshotIndex}). Compact encoding: {@code uint 1}, then the fields.
 *
 * @param number the block it is after
 * @param block that block's hash
 * @param treeHash the tree hash of the core it is in, which has its bytes and no signers: its key follows from this and the length, and whoever makes the same snapshot has the same core
 * @param length of the core in blocks
 */
record SnapshotEntry(long number, Hash block, TreeHash treeHash, long length) {
    private static final int VERSION = 1;

    byte[] encode() {
        return new CompactEncoder()
                .uint(VERSION)
                .uint(number)
                .fixed(block.bytes())
                .fixed(treeHash.bytes())
                .uint(length)
                .toBytes();
    }

    /**
     * Reads an entry.
     *
     * @throws DecodingException when the bytes are none of a version known here
     */
    static SnapshotEntry decode(byte[] bytes) {
        CompactDecoder in = new CompactDecoder(bytes);
        if (in.uint() != VERSION) throw new DecodingException("a snapshot is published in a version not known here");
        SnapshotEntry entry =
                new SnapshotEntry(in.uint(), new Hash(in.fixed(32)), new TreeHash(in.fixed(32)), in.uint());
        in.requireEnd();
        return entry;
    }

    /** What the core of the snapshot is opened by. */
    Manifest manifest() {
        return Manifest.fixed(treeHash, length);
    }
}
