package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * The signed state of a core: fork, length, the Merkle roots and the signature over them (npm hypercore
 * lib/session-state.js). The signature is empty when nothing is signed (an empty or a static core). It is only as
 * trustworthy as {@link Manifest#verify} says.
 *
 * @param fork fork number
 * @param length length in blocks
 * @param roots Merkle roots, left to right
 * @param signature signature bytes as they travel on the wire; shared, do not modify
 */
@SuppressWarnings("ArrayRecordComponent") // equals below compares the content
public record TreeHead(long fork, long length, List<TreeNode> roots, byte[] signature) {

    private static final byte[] UNSIGNED = new byte[0];

    /** Checks that the roots are those of a tree of this length. */
    public TreeHead {
        roots = List.copyOf(roots);
        int at = 0;
        FlatIterator expected = new FlatIterator(0);
        for (; expected.fullRoot(2 * length); expected.nextTree()) {
            if (at == roots.size() || roots.get(at++).index() != expected.index()) {
                throw new IllegalArgumentException("roots " + roots + " are not those of " + length + " blocks");
            }
        }
        if (at != roots.size()) throw new IllegalArgumentException("more roots than a tree of " + length + " has");
        Objects.requireNonNull(signature, "signature");
    }

    /** The head of a core without blocks. */
    public static TreeHead empty() {
        return empty(0);
    }

    static TreeHead empty(long fork) {
        return new TreeHead(fork, 0, List.of(), UNSIGNED);
    }

    /** Whether what is appended gets the same index and fork. */
    boolean samePlace(TreeHead other) {
        return length == other.length && fork == other.fork;
    }

    /** This head with another signature. */
    TreeHead signed(byte[] by) {
        return new TreeHead(fork, length, roots, by);
    }

    /** The unsigned head of the first blocks of this tree, under another fork number. */
    TreeHead cutTo(long newLength, long newFork, NodeSource nodes) {
        if (newLength < 0 || newLength > length) {
            throw new IllegalArgumentException("a core of " + length + " blocks cannot be cut to " + newLength);
        }
        if (newFork <= fork) throw new IllegalArgumentException("fork " + newFork + " cannot follow fork " + fork);
        return beginning(newLength, newFork, nodes);
    }

    /** The unsigned head of the first blocks of this tree. */
    TreeHead beginning(long newLength, long ofFork, NodeSource nodes) {
        if (newLength < 0 || newLength > length) {
            throw new IllegalArgumentException("length " + newLength + " of a core of " + length + " blocks");
        }
        List<TreeNode> kept = new ArrayList<>();
        for (FlatIterator at = new FlatIterator(0); at.fullRoot(2 * newLength); at.nextTree()) {
            TreeNode root = rootAt(at.index());
            kept.add(root != null ? root : nodes.require(at.index()));
        }
        return new TreeHead(ofFork, newLength, kept, UNSIGNED);
    }

    private @Nullable TreeNode rootAt(long index) {
        for (TreeNode root : roots) if (root.index() == index) return root;
        return null;
    }

    /** Only those of the nodes that lie in this tree. */
    NodeSource within(NodeSource nodes) {
        return index -> new FlatIterator(index).rightSpan() < 2 * length ? nodes.node(index) : null;
    }

    /** The hash over all roots: what is signed. */
    public TreeHash treeHash() {
        return MerkleHash.tree(roots);
    }

    /** Sum of all block sizes, bytes. */
    public long byteLength() {
        long bytes = 0;
        for (TreeNode root : roots) bytes += root.size();
        return bytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TreeHead that
                && fork == that.fork
                && length == that.length
                && roots.equals(that.roots)
                && Arrays.equals(signature, that.signature);
    }

    @Override
    public int hashCode() {
        return Objects.hash(fork, length, roots);
    }
}
