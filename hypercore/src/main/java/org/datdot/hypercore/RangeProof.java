package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;

/**
 * Proves that blocks {@code [first, end)} belong to a core of {@code length} blocks: the tree nodes outside the range,
 * at most two per level, which together with the leaves of the range reproduce the roots. The nodes' places follow from
 * the range, so only sizes and hashes travel, from left to right. DatDot's own format on hypercore's tree.
 */
public final class RangeProof {
    private static final long MAX_LENGTH = 1L << 52;
    private static final int SMALLEST_NODE = 33;

    private final long length;
    private final BlockRange range;
    private final List<TreeNode> nodes;

    private RangeProof(long length, BlockRange range, List<TreeNode> nodes) {
        this.length = length;
        this.range = range;
        this.nodes = List.copyOf(nodes);
    }

    /**
     * Proves blocks of a core as it is now; their leaves and all their parents must be known.
     *
     * @throws InvalidRequestException when the range is empty or beyond the core's end
     * @throws StorageException when a node is missing because the core is held only in part
     */
    public static RangeProof create(Hypercore core, long first, long end) {
        CoreState state = core.state();
        try {
            return create(state.head(), state.nodes(), first, end);
        } catch (MissingNodeException e) {
            throw new StorageException(
                    StorageException.Kind.CONFLICT,
                    "blocks " + first + " to " + end + " cannot be proved, the core is held only in part: "
                            + e.getMessage() + "; download the blocks around it first",
                    e);
        }
    }

    /** Proves blocks from any source of tree nodes. */
    public static RangeProof create(TreeHead head, NodeSource source, long first, long end) {
        if (first < 0 || end <= first || end > head.length()) {
            throw new InvalidRequestException(
                    "blocks " + first + " to " + end + " of a core of " + head.length() + " blocks");
        }
        BlockRange range = new BlockRange(first, end);
        List<TreeNode> nodes = new ArrayList<>();
        for (long index : outside(head.length(), range)) nodes.add(source.require(index));
        return new RangeProof(head.length(), range, nodes);
    }

    /** Length in blocks of the core the proof is about. */
    public long lengthBlocks() {
        return length;
    }

    /** The proved blocks. */
    public BlockRange range() {
        return range;
    }

    /** The tree nodes outside the range, from left to right. */
    public List<TreeNode> nodes() {
        return nodes;
    }

    /**
     * Checks leaves against a head the caller trusts (whose signature it verified). Each leaf must be hashed from the
     * block's bytes by the caller: a parent commits only to the sum of its children's sizes, so sizes of leaves taken from
     * elsewhere could be exchanged among siblings.
     *
     * @param leaves the leaf of each block of the range, in order
     * @return all nodes learnt: leaves, the proof's nodes and their parents up to the roots
     * @throws InvalidProofException when anything does not fit
     */
    public List<TreeNode> verify(List<TreeNode> leaves, TreeHead head) {
        if (head.length() != length) {
            throw new InvalidProofException(
                    "the proof is about " + length + " blocks, the head about " + head.length());
        }
        if (leaves.size() != range.lengthBlocks()) {
            throw new InvalidProofException(leaves.size() + " leaves for " + range.lengthBlocks() + " blocks");
        }
        Climber climber = new Climber(leaves);
        int at = 0;
        for (long index : roots(length)) {
            TreeNode root = at < head.roots().size() ? head.roots().get(at) : null;
            at++;
            if (root == null || root.index() != index) throw new InvalidProofException("the head lacks root " + index);
            if (!overlaps(index)) continue;
            if (!climber.node(index).equals(root)) {
                throw new InvalidProofException("the leaves do not reproduce root " + index);
            }
        }
        return climber.learnt;
    }

    private boolean overlaps(long index) {
        return overlaps(range, new FlatIterator(index));
    }

    /** Rebuilds nodes from leaves and proof nodes, depth first and left to right. */
    private final class Climber {
        private final List<TreeNode> leaves;
        private final List<TreeNode> learnt = new ArrayList<>();
        private int nextNode;

        Climber(List<TreeNode> leaves) {
            this.leaves = leaves;
        }

        TreeNode node(long index) {
            FlatIterator at = new FlatIterator(index);
            TreeNode node;
            if (!overlaps(range, at)) {
                node = nodes.get(nextNode++);
            } else if (at.factor() == 2) {
                node = leaves.get((int) (index / 2 - range.start()));
                if (node.index() != index) {
                    throw new InvalidProofException("leaf " + node.index() / 2 + " in place of " + index / 2);
                }
            } else {
                long left = at.leftChild();
                long right = at.sibling();
                node = MerkleHash.parentNode(node(left), node(right));
            }
            learnt.add(node);
            return node;
        }
    }

    /** The wire bytes: length, first, end, then size and hash of each node. */
    public byte[] encode() {
        CompactEncoder out = new CompactEncoder();
        out.uint(length).uint(range.start()).uint(range.end());
        for (TreeNode node : nodes) out.uint(node.size()).fixed(node.hash().bytes());
        return out.toBytes();
    }

    /**
     * Reads wire bytes. That they decode says nothing about the proof: call {@link #verify}.
     *
     * @throws DecodingException when the bytes are not exactly one proof
     */
    public static RangeProof decode(byte[] bytes) {
        CompactDecoder in = new CompactDecoder(bytes);
        long length = in.uint();
        long first = in.uint();
        long end = in.uint();
        if (length > MAX_LENGTH || first >= end || end > length) {
            throw new DecodingException("a range proof for blocks " + first + " to " + end + " of " + length);
        }
        BlockRange range = new BlockRange(first, end);
        List<TreeNode> nodes = new ArrayList<>();
        for (long index : outside(length, range)) {
            if (in.remaining() < SMALLEST_NODE) throw new DecodingException("a range proof that ends too early");
            nodes.add(new TreeNode(index, in.uint(), new TreeHash(in.fixed(32))));
        }
        in.requireEnd();
        return new RangeProof(length, range, nodes);
    }

    private static List<Long> roots(long length) {
        List<Long> roots = new ArrayList<>();
        FlatIterator at = new FlatIterator(0);
        for (; at.fullRoot(length * 2); at.nextTree()) roots.add(at.index());
        return roots;
    }

    private static boolean overlaps(BlockRange range, FlatIterator at) {
        return at.leftSpan() / 2 < range.end() && at.rightSpan() / 2 >= range.start();
    }

    private static boolean inside(BlockRange range, FlatIterator at) {
        return at.leftSpan() / 2 >= range.start() && at.rightSpan() / 2 < range.end();
    }

    /** Indexes of the nodes beside the range below those roots that overlap it, left to right. */
    private static List<Long> outside(long length, BlockRange range) {
        List<Long> outside = new ArrayList<>();
        for (long root : roots(length)) {
            if (overlaps(range, new FlatIterator(root))) collect(root, range, outside);
        }
        return outside;
    }

    private static void collect(long index, BlockRange range, List<Long> outside) {
        FlatIterator at = new FlatIterator(index);
        if (!overlaps(range, at)) {
            outside.add(index);
        } else if (!inside(range, at)) {
            long left = at.leftChild();
            long right = at.sibling();
            collect(left, range, outside);
            collect(right, range, outside);
        }
    }
}
