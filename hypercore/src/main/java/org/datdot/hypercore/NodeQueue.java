package org.datdot.hypercore;

import java.util.List;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/** Nodes of a proof, taken in the order verification needs them, plus one computed node that may stand in. */
final class NodeQueue {
    private final List<TreeNode> nodes;
    private @Nullable TreeNode extra;
    private int next;

    NodeQueue(List<TreeNode> nodes, @Nullable TreeNode extra) {
        this.nodes = nodes;
        this.extra = extra;
    }

    boolean isEmpty() {
        return next == nodes.size() && extra == null;
    }

    /** Whether the computed node was used (or there was none). */
    boolean extraUsed() {
        return extra == null;
    }

    TreeNode take(long index) {
        TreeNode computed = extra;
        if (computed != null && computed.index() == index) {
            extra = null;
            return computed;
        }
        if (next == nodes.size()) throw new InvalidProofException("the proof lacks tree node " + index);
        TreeNode node = nodes.get(next++);
        if (node.index() != index) {
            throw new InvalidProofException("the proof has tree node " + node.index() + " where " + index + " belongs");
        }
        return node;
    }
}
