package org.datdot.hypercore;

import java.io.IOException;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/** Where a core's block bytes come from: the store, or for a hosted core the source that was handed in. */
final class Blocks {
    private static final System.Logger LOG = System.getLogger(Blocks.class.getName());

    private final CoreStorage storage;
    private final CoreStorage.Pointers pointers;
    private volatile boolean hosted;
    private volatile @Nullable BlockSource source;

    Blocks(CoreStorage storage, CoreStorage.Pointers pointers, boolean hosted) {
        this.storage = storage;
        this.pointers = pointers;
        this.hosted = hosted;
    }

    boolean hosted() {
        return hosted;
    }

    void makeHosted() {
        hosted = true;
    }

    /** Whether block bytes can be had at all: a hosted core waits for its source after each start. */
    boolean available() {
        return !hosted || source != null;
    }

    void source(@Nullable BlockSource value) {
        source = value;
    }

    /** A block's bytes, null when they cannot be had; bytes from a source are checked against the leaf. */
    byte @Nullable [] read(long index, NodeSource nodes) {
        if (!hosted) return storage.block(pointers, index);
        BlockSource from = source;
        if (from == null) return null;
        try {
            byte[] value = from.read(index);
            TreeNode leaf = nodes.node(2 * index);
            if (leaf == null || MerkleHash.leafNode(index, value).equals(leaf)) return value;
            LOG.log(System.Logger.Level.ERROR, "the source of a hosted core returned other bytes for block {0}", index);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "a block of a hosted core cannot be read: " + index, e);
        }
        return null;
    }
}
