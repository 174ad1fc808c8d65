package org.datdot.crypto;

import org.datdot.encoding.FlatTree;

/**
 * A node of a core's Merkle tree.
 *
 * @param index its flat-tree number ({@link FlatTree})
 * @param size how many bytes all blocks below it have together
 * @param hash its hash
 */
public record TreeNode(long index, long size, TreeHash hash) {
    /** Refuses numbers no tree has. */
    public TreeNode {
        if (index < 0 || size < 0) {
            throw new IllegalArgumentException("a tree node has no index " + index + " or size " + size);
        }
    }
}
