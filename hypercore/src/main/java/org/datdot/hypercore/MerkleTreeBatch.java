package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * A Merkle tree that grows from a head: by appended leaves, or by the nodes of an upgrade proof. Collects the nodes it
 * learnt on the way, so that they can be stored. Source: npm hypercore lib/merkle-tree.js. Mutable, one user.
 */
public final class MerkleTreeBatch {
    private final List<TreeNode> roots;
    private final List<TreeNode> nodes;
    private final long fork;
    private final long start;
    private long length;

    /** A batch on top of a head. */
    public MerkleTreeBatch(TreeHead head) {
        this(head.fork(), head.length(), new ArrayList<>(head.roots()), new ArrayList<>());
    }

    private MerkleTreeBatch(long fork, long length, List<TreeNode> roots, List<TreeNode> nodes) {
        this.fork = fork;
        this.start = length;
        this.length = length;
        this.roots = roots;
        this.nodes = nodes;
    }

    MerkleTreeBatch copy() {
        return new MerkleTreeBatch(fork, length, new ArrayList<>(roots), new ArrayList<>(nodes));
    }

    /** Fork number. */
    public long fork() {
        return fork;
    }

    /** Length in blocks, grown so far. */
    public long length() {
        return length;
    }

    /** Whether the tree grew. */
    public boolean upgraded() {
        return length > start;
    }

    /** The roots now, left to right. */
    public List<TreeNode> roots() {
        return List.copyOf(roots);
    }

    /** All nodes learnt since the batch began (leaves, parents, proof nodes). */
    public List<TreeNode> nodes() {
        return nodes;
    }

    /** Hash over the roots. */
    public TreeHash treeHash() {
        return MerkleHash.tree(roots);
    }

    /** The head this batch arrived at, with its signature. */
    public TreeHead head(byte[] signature) {
        return new TreeHead(fork, length, roots, signature);
    }

    /** Appends a block by the hash of its leaf. */
    public void append(TreeHash leaf, long sizeBytes) {
        appendRoot(new TreeNode(length * 2, sizeBytes, leaf), new FlatIterator(length * 2));
    }

    void add(List<TreeNode> learnt) {
        nodes.addAll(learnt);
    }

    private void appendRoot(TreeNode node, FlatIterator at) {
        if (node.index() != at.index()) {
            throw new InvalidProofException("tree node " + node.index() + " does not belong at " + at.index());
        }
        length += at.leaves();
        roots.add(node);
        nodes.add(node);
        while (roots.size() > 1) {
            TreeNode right = roots.getLast();
            TreeNode left = roots.get(roots.size() - 2);
            if (at.sibling() != left.index()) {
                at.sibling();
                return;
            }
            at.parent();
            TreeNode parent = MerkleHash.parentNode(left, right);
            nodes.add(parent);
            roots.removeLast();
            roots.removeLast();
            roots.add(parent);
        }
    }

    /**
     * Grows the tree by an upgrade proof. The result is only as good as the signature, which the caller verifies.
     *
     * @param blockRoot the sub-root a block proof climbed to, or null
     * @return whether the sub-root became part of the upgraded tree (true when there was none)
     * @throws InvalidProofException when the nodes do not connect
     */
    boolean verifyUpgrade(
            long proofFork,
            Proof.DataUpgrade upgrade,
            @Nullable TreeNode blockRoot,
            Manifest.@Nullable Prologue prologue) {
        if (proofFork != fork) throw new InvalidProofException("fork " + proofFork + " instead of " + fork);
        checkBounds(upgrade);
        if (prologue != null
                && upgrade.start() < prologue.length()
                && (upgrade.start() != 0 || upgrade.length() < prologue.length())) {
            throw new InvalidProofException("the upgrade ends inside the prologue");
        }
        NodeQueue queue = new NodeQueue(upgrade.nodes(), blockRoot);
        grow(2 * (upgrade.start() + upgrade.length()), queue);
        if (prologue != null && length == prologue.length() && !treeHash().equals(prologue.hash())) {
            throw new InvalidProofException("the tree hash is not the prologue's");
        }
        if (roots.isEmpty()) throw new InvalidProofException("an upgrade to nothing");
        growAdditional(upgrade.additionalNodes());
        return queue.extraUsed();
    }

    private static void checkBounds(Proof.DataUpgrade upgrade) {
        long limit = 1L << 53;
        if (upgrade.start() < 0 || upgrade.length() < 0 || upgrade.start() > limit || upgrade.length() > limit) {
            throw new InvalidProofException("an upgrade of " + upgrade.length() + " blocks at " + upgrade.start());
        }
    }

    private void grow(long to, NodeQueue queue) {
        int matched = 0;
        boolean connect = !roots.isEmpty();
        for (FlatIterator at = new FlatIterator(0); at.fullRoot(to); at.nextTree()) {
            if (matched < roots.size() && roots.get(matched).index() == at.index()) {
                matched++;
                continue;
            }
            if (connect) {
                connect = false;
                if (matched < roots.size()) {
                    climb(at, queue);
                    continue;
                }
            }
            appendRoot(queue.take(at.index()), at);
        }
    }

    /** Merges the old roots below a new root into it, taking the right siblings from the proof. */
    private void climb(FlatIterator at, NodeQueue queue) {
        long target = at.index();
        long targetSpan = at.leaves();
        at.seek(roots.getLast().index());
        while (at.index() != target) {
            if (at.leaves() >= targetSpan) throw new InvalidProofException("the old roots do not lie under " + target);
            appendRoot(queue.take(at.sibling()), at);
        }
    }

    private void growAdditional(List<TreeNode> extra) {
        FlatIterator at = new FlatIterator(roots.getLast().index());
        int i = 0;
        while (i < extra.size() && extra.get(i).index() == at.sibling()) appendRoot(extra.get(i++), at);
        while (i < extra.size()) {
            TreeNode node = extra.get(i++);
            while (node.index() != at.index()) {
                if (at.factor() == 2) throw new InvalidProofException("unexpected tree node " + node.index());
                at.leftChild();
            }
            appendRoot(node, at);
            at.sibling();
        }
    }
}
