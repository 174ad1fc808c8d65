package org.datdot.encoding;

/**
 * The numbering that lets a binary tree live in a flat list: npm {@code flat-tree} ({@code index.js}).
 *
 * <p>Block i is node 2i; the node at depth d and offset o (counted from the left among its depth) has the index
 * {@code (2o + 1) * 2^d - 1}. So the depth of a node is the number of 1 bits its index ends in, and every question below is
 * a few shifts. All arguments and results are node indexes unless named otherwise; they must not be negative.
 */
public final class FlatTree {
    private FlatTree() {}

    /** The node at a depth (0 = blocks) and an offset from the left. */
    public static long index(int depth, long offset) {
        return ((2 * offset + 1) << depth) - 1;
    }

    /** How many levels a node is above the blocks. */
    public static int depth(long index) {
        return Long.numberOfTrailingZeros(~requireIndex(index));
    }

    /** The place of a node among the nodes of its depth, counted from the left. */
    public static long offset(long index) {
        return index >>> (depth(index) + 1);
    }

    /** The node above. */
    public static long parent(long index) {
        return index(depth(index) + 1, offset(index) >>> 1);
    }

    /** The other child of the node above. */
    public static long sibling(long index) {
        return index(depth(index), offset(index) ^ 1);
    }

    /** The lower left node, or -1 for a block. */
    public static long leftChild(long index) {
        int depth = depth(index);
        return depth == 0 ? -1 : index(depth - 1, offset(index) << 1);
    }

    /** The lower right node, or -1 for a block. */
    public static long rightChild(long index) {
        int depth = depth(index);
        return depth == 0 ? -1 : index(depth - 1, (offset(index) << 1) + 1);
    }

    /** The leftmost block's node below a node (or the node itself). */
    public static long leftSpan(long index) {
        return index + 1 - (1L << depth(index));
    }

    /** The rightmost block's node below a node (or the node itself). */
    public static long rightSpan(long index) {
        return index - 1 + (1L << depth(index));
    }

    /** {@link #leftSpan} and {@link #rightSpan}, in this order. */
    public static long[] spans(long index) {
        return new long[] {leftSpan(index), rightSpan(index)};
    }

    /** How many nodes the tree below a node has, itself included. */
    public static long count(long index) {
        return (2L << depth(index)) - 1;
    }

    /** How many blocks the tree below a node has. */
    public static long countLeaves(long index) {
        return 1L << depth(index);
    }

    /** Whether {@code other} is {@code index} or a node below it. */
    public static boolean contains(long index, long other) {
        return leftSpan(index) <= requireIndex(other) && other <= rightSpan(index);
    }

    /**
     * The roots of the complete trees that make up a list of blocks, from left to right.
     *
     * @param index twice the number of blocks
     * @throws IllegalArgumentException when {@code index} is odd or negative
     */
    public static long[] fullRoots(long index) {
        if ((requireIndex(index) & 1) == 1) {
            throw new IllegalArgumentException("roots are asked for by twice the number of blocks, not by " + index);
        }
        long left = index >>> 1;
        long[] roots = new long[Long.bitCount(left)];
        long start = 0;
        for (int i = 0; i < roots.length; i++) {
            long blocks = Long.highestOneBit(left);
            roots[i] = start + blocks - 1;
            start += 2 * blocks;
            left -= blocks;
        }
        return roots;
    }

    private static long requireIndex(long index) {
        if (index < 0) {
            throw new IllegalArgumentException("a tree node's index is not negative: " + index);
        }
        return index;
    }
}
