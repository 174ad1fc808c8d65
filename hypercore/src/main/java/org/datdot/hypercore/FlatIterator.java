package org.datdot.hypercore;

/**
 * A cursor over flat-tree numbering: block {@code i} is node {@code 2i}, a parent lies between its children. Mirrors the
 * moves of npm flat-tree's iterator. Mutable, one user.
 */
final class FlatIterator {
    private long index;
    private long offset;
    /** Distance to the next node of the same depth: 2 for leaves, doubled at each level. */
    private long factor;

    FlatIterator(long index) {
        seek(index);
    }

    long index() {
        return index;
    }

    long factor() {
        return factor;
    }

    void seek(long target) {
        if (target < 0) throw new IllegalArgumentException("negative tree index " + target);
        index = target;
        int depth = Long.numberOfTrailingZeros(~target);
        factor = 2L << depth;
        offset = target >>> (depth + 1);
    }

    boolean contains(long other) {
        return Math.abs(other - index) < factor / 2;
    }

    long sibling() {
        if ((offset & 1) == 0) {
            offset++;
            index += factor;
        } else {
            offset--;
            index -= factor;
        }
        return index;
    }

    long parent() {
        index += (offset & 1) == 0 ? factor / 2 : -(factor / 2);
        offset >>= 1;
        factor *= 2;
        return index;
    }

    long leftChild() {
        if (factor == 2) return index;
        factor /= 2;
        index -= factor / 2;
        offset *= 2;
        return index;
    }

    long rightSpan() {
        return index + factor / 2 - 1;
    }

    long leftSpan() {
        return index - factor / 2 + 1;
    }

    /** How many blocks lie under the node. */
    long leaves() {
        return factor / 2;
    }

    /** Moves to the first leaf right of the current tree. */
    void nextTree() {
        seek(index + factor / 2 + 1);
    }

    /** From a leaf, climbs to the biggest tree that ends before {@code end} (an even index); false at the end. */
    boolean fullRoot(long end) {
        if (end <= index || (index & 1) != 0) return false;
        while (end > index + factor + factor / 2) {
            index += factor / 2;
            factor *= 2;
            offset /= 2;
        }
        return true;
    }
}
