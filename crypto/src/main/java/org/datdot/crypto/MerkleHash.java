package org.datdot.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;

/**
 * The hashes of Hypercore's Merkle tree (npm {@code hypercore-crypto}: {@code data}, {@code parent}, {@code tree}). Each kind
 * begins with a byte of its own, so that no leaf can pass for a parent; sizes and indexes are 8 bytes little-endian.
 */
public final class MerkleHash {
    private static final byte LEAF_TYPE = 0;
    private static final byte PARENT_TYPE = 1;
    private static final byte ROOT_TYPE = 2;
    private static final int HEADER_BYTES = 9;

    /** Up to here copying a block behind its header costs less than hashing in parts. */
    private static final int SMALL_BYTES = 2048;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private MerkleHash() {}

    /** The hash of a block. */
    public static TreeHash leaf(byte[] data) {
        return leaf(data, 0, data.length);
    }

    /** The hash of a block which is a part of an array; the block is not copied. */
    public static TreeHash leaf(byte[] data, int offset, int lengthBytes) {
        if (lengthBytes <= SMALL_BYTES) {
            Objects.checkFromIndexSize(offset, lengthBytes, data.length);
            byte[] message = header(LEAF_TYPE, lengthBytes, HEADER_BYTES + lengthBytes);
            System.arraycopy(data, offset, message, HEADER_BYTES, lengthBytes);
            return new TreeHash(Blake2b.hash(message));
        }
        return new TreeHash(Blake2b.hasher()
                .update(header(LEAF_TYPE, lengthBytes, HEADER_BYTES))
                .update(data, offset, lengthBytes)
                .digest());
    }

    /** The tree node of a block. */
    public static TreeNode leafNode(long blockIndex, byte[] data) {
        return leafNode(blockIndex, data, 0, data.length);
    }

    /** The tree node of a block which is a part of an array; the block is not copied. */
    public static TreeNode leafNode(long blockIndex, byte[] data, int offset, int lengthBytes) {
        return new TreeNode(2 * blockIndex, lengthBytes, leaf(data, offset, lengthBytes));
    }

    /** The hash over two siblings, in whichever order they are given. */
    public static TreeHash parent(TreeNode one, TreeNode other) {
        boolean inOrder = one.index() <= other.index();
        TreeNode left = inOrder ? one : other;
        TreeNode right = inOrder ? other : one;
        byte[] message = header(PARENT_TYPE, left.size() + right.size(), HEADER_BYTES + 2 * TreeHash.BYTES);
        left.hash().copyTo(message, HEADER_BYTES);
        right.hash().copyTo(message, HEADER_BYTES + TreeHash.BYTES);
        return new TreeHash(Blake2b.hash(message));
    }

    /** The node above two siblings, in whichever order they are given; its index lies halfway between theirs. */
    public static TreeNode parentNode(TreeNode one, TreeNode other) {
        return new TreeNode(
                (one.index() + other.index()) >>> 1, Math.addExact(one.size(), other.size()), parent(one, other));
    }

    /** The hash over all roots of a tree, from left to right: what a core's owner signs. */
    public static TreeHash tree(List<TreeNode> roots) {
        int rootBytes = TreeHash.BYTES + 2 * Long.BYTES;
        byte[] message = new byte[1 + roots.size() * rootBytes];
        message[0] = ROOT_TYPE;
        int at = 1;
        for (TreeNode root : roots) {
            root.hash().copyTo(message, at);
            LONG.set(message, at + TreeHash.BYTES, root.index());
            LONG.set(message, at + TreeHash.BYTES + Long.BYTES, root.size());
            at += rootBytes;
        }
        return new TreeHash(Blake2b.hash(message));
    }

    private static byte[] header(byte type, long size, int lengthBytes) {
        byte[] message = new byte[lengthBytes];
        message[0] = type;
        LONG.set(message, 1, size);
        return message;
    }
}
