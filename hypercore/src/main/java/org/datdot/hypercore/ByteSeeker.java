package org.datdot.hypercore;

import java.util.List;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * Finds the block that holds a byte offset by descending the Merkle tree, as far as its nodes are known. Source: class
 * ByteSeeker in npm hypercore lib/merkle-tree.js.
 *
 * @param bytes the offset, without padding
 * @param padding bytes at the start of each block which do not count
 */
record ByteSeeker(long bytes, long padding) {

    /** What is known about the offset. */
    sealed interface Result {}

    /** It is here. */
    record Found(BytePosition position) implements Result {}

    /** It lies in one of blocks {@code [start, end)}, below a node whose children are not known. */
    record Within(long start, long end) implements Result {}

    /** It lies behind the last byte. */
    record Beyond() implements Result {}

    ByteSeeker {
        if (bytes < 0 || padding < 0) throw new IllegalArgumentException("byte " + bytes + ", padding " + padding);
    }

    /** Descends a tree. */
    Result find(List<TreeNode> roots, NodeSource nodes) {
        if (bytes == 0) return found(0, 0);
        long left = bytes;
        for (TreeNode root : roots) {
            FlatIterator at = new FlatIterator(root.index());
            long size = size(root, at);
            if (left == size) return found(at.rightSpan() + 2, 0);
            if (left > size) {
                left -= size;
                continue;
            }
            return descend(at, left, nodes);
        }
        return new Beyond();
    }

    private Result descend(FlatIterator at, long offset, NodeSource nodes) {
        long left = offset;
        while ((at.index() & 1) != 0) {
            TreeNode child = nodes.node(at.leftChild());
            if (child == null) {
                at.parent();
                return new Within(at.leftSpan() / 2, at.rightSpan() / 2 + 1);
            }
            long size = size(child, at);
            if (left == size) return found(at.rightSpan() + 2, 0);
            if (left > size) {
                left -= size;
                at.sibling();
            }
        }
        return found(at.index(), left);
    }

    private long size(TreeNode node, FlatIterator at) {
        return node.size() - padding * at.leaves();
    }

    private static Result found(long leaf, long offset) {
        return new Found(new BytePosition(leaf / 2, offset));
    }

    /** The request that brings the next nodes: a leaf's path up to the known node, and the way to the offset. */
    ProofRequest request(long leafBlock, Within range, boolean seeks) {
        long levels = Long.numberOfTrailingZeros(range.end() - range.start()); // a tree's width is a power of two
        return new ProofRequest(null, new ProofRequest.HashRequest(2 * leafBlock, levels), request(seeks), null, false);
    }

    /** The seek part of a request, null for a peer that does not answer it. */
    ProofRequest.@Nullable SeekRequest request(boolean seeks) {
        return seeks ? new ProofRequest.SeekRequest(bytes, padding) : null;
    }
}
