package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * Collects the tree nodes that answer a request: those a reader lacks to check a block, a tree node, a byte offset or a
 * newer head, in the order stock readers take them. Source: the proof production half of npm hypercore
 * lib/merkle-tree.js. One use per request.
 */
final class TreeProof {
    /** Where numbers of JavaScript stop being exact. */
    private static final long NUMBERS_END = 1L << 53;

    private final TreeHead head;
    private final NodeSource source;
    private final @Nullable Wanted node;
    private final ProofRequest.@Nullable SeekRequest seek;

    private @Nullable List<TreeNode> nodePath;
    private @Nullable List<TreeNode> seekPath;
    private @Nullable List<TreeNode> upgradePath;
    private List<TreeNode> additionalPath = List.of();

    /** The block or hash part of a request in tree terms. */
    private record Wanted(boolean block, long index, long nodes, long lastBlock) {
        static @Nullable Wanted of(ProofRequest request) {
            ProofRequest.BlockRequest block = request.block();
            if (block != null) return new Wanted(true, block.index() * 2, block.nodes(), block.index());
            ProofRequest.HashRequest hash = request.hash();
            if (hash == null) return null;
            return new Wanted(false, hash.index(), hash.nodes(), new FlatIterator(hash.index()).rightSpan() / 2);
        }
    }

    private TreeProof(TreeHead head, NodeSource source, ProofRequest request) {
        this.head = head;
        this.source = source;
        this.node = Wanted.of(request);
        this.seek = request.seek();
    }

    /**
     * Answers a request from a core's tree. The block's value is not looked up here: {@code value} is put in.
     *
     * @throws InvalidRequestException when no honest reader asks this
     * @throws MissingNodeException when this core lacks a node the answer needs
     */
    static Proof create(
            TreeHead head,
            NodeSource source,
            ProofRequest request,
            Manifest.@Nullable Prologue prologue,
            byte @Nullable [] value) {
        checkBounds(request);
        TreeProof proof = new TreeProof(head, source, request);
        ProofRequest.UpgradeRequest upgrade = request.upgrade();
        if (upgrade != null && prologue != null && upgrade.start() < prologue.length()) {
            upgrade = new ProofRequest.UpgradeRequest(0, prologue.length());
        }
        proof.collect(upgrade);
        return proof.assemble(upgrade, value);
    }

    private static void checkBounds(ProofRequest request) {
        long limit = NUMBERS_END;
        ProofRequest.BlockRequest block = request.block();
        ProofRequest.HashRequest hash = request.hash();
        ProofRequest.UpgradeRequest upgrade = request.upgrade();
        ProofRequest.SeekRequest seek = request.seek();
        boolean sane = (block == null || (inside(block.index(), limit / 2) && inside(block.nodes(), limit)))
                && (hash == null || (inside(hash.index(), limit) && inside(hash.nodes(), limit)))
                && (upgrade == null || (inside(upgrade.start(), limit / 4) && inside(upgrade.length(), limit / 4)))
                && (seek == null || (inside(seek.bytes(), limit) && inside(seek.padding(), limit)))
                && (block == null || hash == null);
        if (!sane) throw new InvalidRequestException("a request out of bounds: " + request);
    }

    private static boolean inside(long value, long limit) {
        return value >= 0 && value <= limit;
    }

    private void collect(ProofRequest.@Nullable UpgradeRequest upgrade) {
        long end = 2 * head.length();
        long from = upgrade == null ? 0 : upgrade.start() * 2;
        long to = upgrade == null ? end : from + upgrade.length() * 2;
        if (end == 0) throw new InvalidRequestException("the core is empty");
        if (from >= to || to > end) {
            throw new InvalidRequestException("an upgrade to " + to / 2 + " of a core of " + head.length() + " blocks");
        }
        // A node that reaches across the upgrade's start is refused too: what proves it is no part of the upgrade.
        if (seek != null && upgrade != null && node != null && node.lastBlock() >= upgrade.start()) {
            throw new InvalidRequestException("a seek together with blocks beyond the upgrade's start");
        }
        if (node != null && node.lastBlock() >= to / 2) {
            throw new InvalidRequestException("tree node " + node.index() + " lies beyond the proof's end");
        }
        long subTree = end;
        if (node != null && (upgrade == null || node.lastBlock() < upgrade.start())) {
            subTree = ancestor(node.index(), node.nodes(), to);
            long seekRoot = seek == null ? end : seekBelow(subTree);
            nodeAndSeek(seekRoot, subTree);
        } else if (upgrade != null && seek != null) {
            subTree = seekFromStart(to);
        } else if (upgrade != null && node != null) {
            subTree = node.index();
        }
        if (upgrade == null) return;
        upgradePath = upgradeNodes(source, from, to, subTree, this);
        if (end > to) additionalPath = upgradeNodes(source, to, end);
    }

    private Proof assemble(ProofRequest.@Nullable UpgradeRequest upgrade, byte @Nullable [] value) {
        Proof.DataBlock block = null;
        Proof.DataHash hash = null;
        if (node != null) {
            List<TreeNode> path = nodePath;
            if (path == null) throw new InvalidRequestException("tree node " + node.index() + " is out of reach");
            if (!node.block()) hash = new Proof.DataHash(node.index(), path);
            else if (value != null) block = new Proof.DataBlock(node.lastBlock(), value, path);
        }
        Proof.DataSeek seekData = seek == null || seekPath == null ? null : new Proof.DataSeek(seek.bytes(), seekPath);
        Proof.DataUpgrade upgradeData = null;
        List<TreeNode> path = upgradePath;
        if (upgrade != null && path != null) {
            byte[] signature = head.signature().length == 0 ? null : head.signature();
            upgradeData = new Proof.DataUpgrade(upgrade.start(), upgrade.length(), path, additionalPath, signature);
        }
        return new Proof(head.fork(), block, hash, seekData, upgradeData, null);
    }

    /** The ancestor {@code levels} above a node; it must not reach beyond the end. */
    private static long ancestor(long index, long levels, long end) {
        FlatIterator at = new FlatIterator(index);
        for (long i = 0; i < levels; i++) {
            at.parent();
            if (at.contains(end)) throw new InvalidRequestException("asks for parents beyond the tree");
        }
        return at.index();
    }

    private void nodeAndSeek(long seekRoot, long root) {
        if (node == null) {
            seekNodes(seekRoot, root);
            return;
        }
        FlatIterator at = new FlatIterator(node.index());
        List<TreeNode> path = new ArrayList<>();
        nodePath = path;
        if (!node.block()) path.add(source.require(at.index()));
        while (at.index() != root) {
            at.sibling();
            if (seek != null && at.contains(seekRoot) && at.index() != seekRoot) seekNodes(seekRoot, at.index());
            else path.add(source.require(at.index()));
            at.parent();
        }
    }

    private void seekNodes(long seekRoot, long root) {
        FlatIterator at = new FlatIterator(seekRoot);
        List<TreeNode> path = new ArrayList<>();
        seekPath = path;
        path.add(source.require(at.index()));
        while (at.index() != root) {
            at.sibling();
            path.add(source.require(at.index()));
            at.parent();
        }
    }

    /** The nodes that grow a tree from one end to another (even tree indexes). */
    static List<TreeNode> upgradeNodes(NodeSource source, long from, long to) {
        return upgradeNodes(source, from, to, to, null);
    }

    private static List<TreeNode> upgradeNodes(
            NodeSource source, long from, long to, long subTree, @Nullable TreeProof merged) {
        List<TreeNode> path = new ArrayList<>();
        boolean connected = from == 0;
        for (FlatIterator at = new FlatIterator(0); at.fullRoot(to); at.nextTree()) {
            if (at.index() + at.leaves() < from) continue;
            if (!connected && at.contains(from - 2)) {
                connected = true;
                long root = at.index();
                long target = from - 2;
                at.seek(target);
                while (at.index() != root) {
                    at.sibling();
                    if (at.index() > target) {
                        if (merged == null || !merged.mergeInto(at, subTree)) path.add(source.require(at.index()));
                    }
                    at.parent();
                }
                continue;
            }
            connected = true;
            if (merged == null || !merged.mergeInto(at, subTree)) path.add(source.require(at.index()));
        }
        return path;
    }

    /** Puts the block's own path in place of a node the upgrade would send, when the block lies below it. */
    private boolean mergeInto(FlatIterator at, long subTree) {
        if (nodePath != null || seekPath != null || !at.contains(subTree)) return false;
        nodeAndSeek(subTree, at.index());
        return true;
    }

    private long seekFromStart(long end) {
        if (seek == null) return end;
        long bytes = seek.bytes();
        for (FlatIterator at = new FlatIterator(0); at.fullRoot(end); at.nextTree()) {
            long size = unpadded(source.require(at.index()), at.leaves());
            if (bytes == size) return at.index();
            if (bytes < size) return seekTrusted(at.index(), bytes);
            bytes -= size;
        }
        return end;
    }

    /** The deepest stored node on the way to the offset below a root that is known to contain it. */
    private long seekTrusted(long root, long offset) {
        if (offset == 0) return root;
        long bytes = offset;
        FlatIterator at = new FlatIterator(root);
        while ((at.index() & 1) != 0) {
            TreeNode left = source.node(at.leftChild());
            if (left == null) {
                at.parent();
                return at.index();
            }
            long size = unpadded(left, at.leaves());
            if (size == bytes) return at.index();
            if (size > bytes) continue;
            bytes -= size;
            at.sibling();
        }
        return at.index();
    }

    private long seekBelow(long root) {
        if (seek == null) return root;
        FlatIterator at = new FlatIterator(root);
        long offset = byteOffset(head.roots(), source, root) - paddingOf(at.leftSpan() / 2);
        if (offset > seek.bytes()) throw new InvalidRequestException("a seek outside of the asked tree");
        if (offset == seek.bytes()) return root;
        long bytes = seek.bytes() - offset;
        if (unpadded(source.require(root), at.leaves()) <= bytes) {
            throw new InvalidRequestException("a seek outside of the asked tree");
        }
        return seekTrusted(root, bytes);
    }

    private long unpadded(TreeNode treeNode, long leaves) {
        return treeNode.size() - paddingOf(leaves);
    }

    /** The padding of some blocks, at most {@link #NUMBERS_END}: more than any node holds either way. */
    private long paddingOf(long blocks) {
        if (seek == null || blocks == 0) return 0;
        return seek.padding() > NUMBERS_END / blocks ? NUMBERS_END : seek.padding() * blocks;
    }

    /** Where the bytes below a node begin, counted from the start of the core. */
    static long byteOffset(List<TreeNode> roots, NodeSource source, long index) {
        long leaf = new FlatIterator(index).leftSpan();
        long offset = 0;
        long end = 0;
        for (TreeNode root : roots) {
            end += 2 * (root.index() - end + 1);
            if (leaf >= end) {
                offset += root.size();
                continue;
            }
            FlatIterator at = new FlatIterator(root.index());
            while (at.index() != leaf) {
                if (leaf < at.index()) {
                    at.leftChild();
                } else {
                    offset += source.require(at.leftChild()).size();
                    at.sibling();
                }
            }
            return offset;
        }
        if (leaf == end) return offset;
        throw new InvalidRequestException("tree node " + index + " lies beyond the tree");
    }
}
