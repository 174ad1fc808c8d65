package org.datdot.hypercore;

import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/** Where tree nodes are looked up by their flat-tree index. */
@FunctionalInterface
public interface NodeSource {

    /** The node, or null when it is not known here. */
    @Nullable
    TreeNode node(long index);

    /** The node; {@link MissingNodeException} when it is not known here. */
    default TreeNode require(long index) {
        TreeNode node = node(index);
        if (node == null) throw new MissingNodeException(index);
        return node;
    }
}
