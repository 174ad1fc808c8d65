package org.datdot.hypercore;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * Tree nodes of a store's cores that were read lately: the upper ones are asked for again with every proof. Holds at most
 * one node in each of a fixed number of places, about a MiB; what comes later takes the place of what was there. Thread-safe,
 * without locks.
 */
final class NodeCache {
    private static final int PLACES = 1 << 13;
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private final AtomicReferenceArray<@Nullable Entry> places = new AtomicReferenceArray<>(PLACES);

    /** A tree as long as nothing of it is taken back: nodes are only added to it. Made anew when it is cut. */
    static final class Tree {}

    private record Entry(Tree tree, TreeNode node) {}

    /** A node, null when it is not held here. */
    @Nullable
    TreeNode get(Tree tree, long index) {
        Entry entry = places.get(place(tree, index));
        return entry != null && entry.tree == tree && entry.node.index() == index ? entry.node : null;
    }

    /** Takes a node that was read of a tree, which the caller had at hand before it read. */
    void put(Tree tree, TreeNode node) {
        places.set(place(tree, node.index()), new Entry(tree, node));
    }

    private static int place(Tree tree, long index) {
        return (int) ((index * SPREAD) >>> 40) + System.identityHashCode(tree) & PLACES - 1;
    }
}
