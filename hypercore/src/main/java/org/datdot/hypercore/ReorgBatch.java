package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * The verified head of another fork of a core, on its way to replace the core's own: asks for proofs until it knows how
 * many blocks both have in common, then {@link ProofIntake#reorg} applies it. Source: ReorgBatch in npm hypercore
 * lib/merkle-tree.js. Mutable, one user.
 */
public final class ReorgBatch {
    private final TreeHead head;
    private final @Nullable Manifest learnt;
    private final List<TreeNode> nodes;
    private final NodeSource known;
    private final long treeFork;
    private final long treeLength;
    private @Nullable TreeNode diff;
    private @Nullable Want want;
    private long ancestors;

    /**
     * What to ask a peer of the new fork for next: the hashes on the way to a block.
     *
     * @param start first block whose history is in doubt
     * @param end one behind the last one
     * @param nodes how many levels of parents to ask for with {@code start}'s hash
     */
    public record Want(long start, long end, long nodes) {}

    private ReorgBatch(
            TreeHead head, @Nullable Manifest learnt, List<TreeNode> nodes, NodeSource known, TreeHead replaced) {
        this.head = head;
        this.learnt = learnt;
        this.nodes = new ArrayList<>(nodes);
        this.known = known;
        this.treeFork = replaced.fork();
        this.treeLength = replaced.length();
        this.want = new Want(0, 0, 0);
    }

    /** Begins with a proof of the whole new tree. */
    static ReorgBatch verify(PreparedProof prepared, CoreKeys keys, TreeHead replaced, NodeSource nodes) {
        Proof proof = prepared.proof();
        Proof.DataUpgrade upgrade = proof.upgrade();
        if (upgrade == null || upgrade.start() != 0) throw new InvalidProofException("not a proof of a whole tree");
        Manifest rules = keys.manifestFor(proof);
        Verifier signatures = new Verifier(keys.key(), rules);
        MerkleTreeBatch tree = new MerkleTreeBatch(TreeHead.empty(proof.fork()));
        tree.add(prepared.nodes());
        if (!tree.verifyUpgrade(proof.fork(), upgrade, prepared.root(), signatures.prologue())) {
            throw new InvalidProofException("the block of the proof is not in its tree");
        }
        byte[] signature = upgrade.signature() == null ? new byte[0] : upgrade.signature();
        if (!signatures.verify(tree, signature)) {
            throw new InvalidProofException("the signature of length " + tree.length() + " is not valid");
        }
        Manifest learnt = keys.manifest() == null ? rules : null;
        return begin(tree.head(signature), learnt, tree.nodes(), replaced.within(nodes), replaced);
    }

    private static ReorgBatch begin(
            TreeHead head, @Nullable Manifest learnt, List<TreeNode> nodes, NodeSource known, TreeHead replaced) {
        ReorgBatch batch = new ReorgBatch(head, learnt, nodes, known, replaced);
        for (TreeNode root : head.roots()) {
            if (root.equals(known.node(root.index()))) continue;
            batch.disagree(root);
            break;
        }
        if (batch.diff != null) {
            batch.narrow(nodes);
        } else {
            batch.want = null;
            batch.ancestors = head.length();
        }
        return batch;
    }

    /** The new signed head. */
    public TreeHead head() {
        return head;
    }

    /** The new fork number. */
    public long fork() {
        return head.fork();
    }

    /** What to ask for, null when the common history is known. */
    public @Nullable Want want() {
        return want;
    }

    /** Whether the common history is known, so that the batch can be applied. */
    public boolean finished() {
        return want == null;
    }

    /** How many blocks both forks have in common, as far as known: the old tree is cut there. */
    public long ancestors() {
        return Math.min(ancestors, treeLength);
    }

    /** Whether the core still is where the batch began. */
    boolean startsAt(TreeHead current) {
        return current.fork() == treeFork && current.length() == treeLength;
    }

    List<TreeNode> nodes() {
        return nodes;
    }

    @Nullable
    Manifest learnt() {
        return learnt;
    }

    /**
     * Takes an answer to what was wanted.
     *
     * @return whether the batch is finished now; false as well when the proof did not help
     * @throws InvalidProofException when its nodes do not form a path
     */
    public boolean update(PreparedProof proof) {
        TreeNode at = diff;
        if (want == null || at == null) return true;
        TreeNode root = proof.root();
        if (root == null || !root.hash().equals(at.hash())) return false;
        nodes.addAll(proof.nodes());
        return narrow(proof.nodes());
    }

    /** Descends from the topmost node that differs as far as the new nodes go. */
    private boolean narrow(List<TreeNode> learnt) {
        TreeNode start = diff;
        if (start == null) return true;
        Map<Long, TreeNode> byIndex = new HashMap<>();
        for (TreeNode node : learnt) byIndex.put(node.index(), node);
        FlatIterator at = new FlatIterator(start.index());
        TreeNode deeper = null;
        while ((at.index() & 1) != 0) {
            TreeNode left = byIndex.get(at.leftChild());
            if (left == null) break;
            if (left.equals(known.node(left.index()))) {
                deeper = byIndex.get(at.sibling());
                if (deeper == null) throw new InvalidProofException("tree node " + at.index() + " is missing");
            } else {
                deeper = left;
            }
        }
        if ((start.index() & 1) == 0) return true;
        return deeper != null && disagree(deeper);
    }

    /** From this node on the forks differ; true when that is exact enough. */
    private boolean disagree(TreeNode node) {
        FlatIterator at = new FlatIterator(node.index());
        long start = at.leftSpan() / 2;
        long end = Math.min(treeLength, at.rightSpan() / 2 + 1);
        ancestors = start;
        diff = node;
        if ((node.index() & 1) == 0 || start >= treeLength || end <= start) {
            want = null;
            return true;
        }
        want = new Want(start, end, Long.numberOfTrailingZeros(at.leaves()));
        return false;
    }
}
