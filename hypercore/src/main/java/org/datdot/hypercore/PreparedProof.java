package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * A proof whose own hashes are computed, still to be compared with the core: the expensive half of verification, which
 * needs no lock. Source: verifyTree in npm hypercore lib/merkle-tree.js.
 */
public final class PreparedProof {
    private static final long MAX_INDEX = 1L << 52;

    private final Proof proof;
    private final List<TreeNode> nodes;
    private final @Nullable TreeNode root;

    private PreparedProof(Proof proof, List<TreeNode> nodes, @Nullable TreeNode root) {
        this.proof = proof;
        this.nodes = nodes;
        this.root = root;
    }

    /**
     * Hashes the block and climbs to the proof's sub-root.
     *
     * @throws InvalidProofException when the nodes do not form a path
     */
    public static PreparedProof of(Proof proof) {
        List<TreeNode> learnt = new ArrayList<>();
        TreeNode root = null;
        Proof.DataSeek seek = proof.seek();
        if (seek != null && !seek.nodes().isEmpty()) {
            FlatIterator at = iterator(seek.nodes().getFirst().index());
            root = climb(at, null, new NodeQueue(seek.nodes(), null), learnt);
        }
        Proof.DataBlock block = proof.block();
        Proof.DataHash hash = proof.hash();
        if (block != null) {
            if (block.index() < 0 || block.index() > MAX_INDEX) {
                throw new InvalidProofException("a block with index " + block.index());
            }
            FlatIterator at = iterator(2 * block.index());
            TreeNode leaf = MerkleHash.leafNode(block.index(), block.value());
            root = climb(at, leaf, new NodeQueue(block.nodes(), root), learnt);
        } else if (hash != null) {
            root = climb(iterator(hash.index()), null, new NodeQueue(hash.nodes(), root), learnt);
        }
        return new PreparedProof(proof, List.copyOf(learnt), root);
    }

    private static FlatIterator iterator(long index) {
        if (index < 0 || index > 2 * MAX_INDEX) throw new InvalidProofException("a tree node with index " + index);
        return new FlatIterator(index);
    }

    private static TreeNode climb(FlatIterator at, @Nullable TreeNode leaf, NodeQueue queue, List<TreeNode> learnt) {
        TreeNode root = leaf != null ? leaf : queue.take(at.index());
        learnt.add(root);
        while (!queue.isEmpty()) {
            TreeNode sibling = queue.take(at.sibling());
            at.parent();
            root = MerkleHash.parentNode(root, sibling);
            learnt.add(sibling);
            learnt.add(root);
        }
        return root;
    }

    /** The proof as it was received. */
    public Proof proof() {
        return proof;
    }

    List<TreeNode> nodes() {
        return nodes;
    }

    @Nullable
    TreeNode root() {
        return root;
    }
}
