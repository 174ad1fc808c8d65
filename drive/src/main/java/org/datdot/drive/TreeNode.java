package org.datdot.drive;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node of the B-tree while a batch changes it. The shape rules are those of npm hyperbee index.js: a node is split when
 * it reaches 9 keys (4, the median, 4), filled up from a sibling or merged with one below 4.
 */
final class TreeNode implements BeeTree {

    static final int MIN_KEYS = 4;
    private static final int SPLIT_KEYS = 9;

    private final BeeBlocks blocks;
    final List<Key> keys;
    final List<Child> children;
    boolean changed;

    /** A key by the block that wrote it; its bytes are loaded when they are needed. */
    static final class Key {
        final long seq;
        byte @Nullable [] bytes;

        Key(long seq, byte @Nullable [] bytes) {
            this.seq = seq;
            this.bytes = bytes;
        }
    }

    /** Where a node is stored, and the node itself once it was visited. */
    static final class Child {
        long seq;
        int offset;

        @Nullable
        TreeNode node;

        Child(long seq, int offset, @Nullable TreeNode node) {
            this.seq = seq;
            this.offset = offset;
            this.node = node;
        }
    }

    private TreeNode(BeeBlocks blocks, List<Key> keys, List<Child> children) {
        this.blocks = blocks;
        this.keys = keys;
        this.children = children;
    }

    static TreeNode create(BeeBlocks blocks) {
        TreeNode node = new TreeNode(blocks, new ArrayList<>(SPLIT_KEYS), new ArrayList<>(0));
        node.changed = true;
        return node;
    }

    static TreeNode load(BeeBlocks blocks, long seq, int offset) {
        BeeNode.Level level = blocks.node(seq).level(offset);
        List<Key> keys = new ArrayList<>(SPLIT_KEYS);
        for (long key : level.keys()) {
            keys.add(new Key(key, null));
        }
        List<Child> children = new ArrayList<>(level.leaf() ? 0 : SPLIT_KEYS + 1);
        for (int i = 0; i < level.children().length / 2; i++) {
            children.add(new Child(level.childSeq(i), level.childOffset(i), null));
        }
        return new TreeNode(blocks, keys, children);
    }

    @Override
    public int size() {
        return keys.size();
    }

    @Override
    public long keySeq(int index) {
        return keys.get(index).seq;
    }

    @Override
    public boolean leaf() {
        return children.isEmpty();
    }

    @Override
    public long childSeq(int index) {
        return children.get(index).seq;
    }

    @Override
    public int childOffset(int index) {
        return children.get(index).offset;
    }

    /** For a walk, which must not keep all it passes in memory. */
    @Override
    public BeeTree below(int index) {
        Child child = children.get(index);
        return child.node != null ? child.node : Stored.of(blocks, child.seq, child.offset);
    }

    @Override
    public byte[] key(int index) {
        Key key = keys.get(index);
        byte[] bytes = key.bytes;
        if (bytes == null) {
            bytes = blocks.node(key.seq).key;
            key.bytes = bytes;
        }
        return bytes;
    }

    TreeNode child(int index) {
        Child child = children.get(index);
        TreeNode node = child.node;
        if (node == null) {
            node = load(blocks, child.seq, child.offset);
            child.node = node;
        }
        return node;
    }

    void replaceKey(int index, Key key) {
        keys.set(index, key);
        changed = true;
    }

    /** Puts a key where it belongs, with the child to its right unless this is a leaf; true when the node is now too big. */
    boolean insert(int index, Key key, @Nullable TreeNode right) {
        changed = true;
        keys.add(index, key);
        if (right != null) {
            children.add(index + 1, new Child(0, 0, right));
        }
        return keys.size() >= SPLIT_KEYS;
    }

    void removeKey(int index) {
        keys.remove(index);
        if (!leaf()) {
            // A freed child is part of no block any more, also of none of those still to be written.
            children.remove(index + 1).seq = 0;
        }
        changed = true;
    }

    /** What a split gives: this node keeps the left half. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Split(Key median, byte[] medianBytes, TreeNode right) {}

    Split split() {
        int moved = keys.size() >> 1;
        TreeNode right = create(blocks);
        List<Key> tail = keys.subList(keys.size() - moved, keys.size());
        right.keys.addAll(tail);
        tail.clear();
        int last = keys.size() - 1;
        byte[] medianBytes = key(last);
        Key median = keys.remove(last);
        if (!leaf()) {
            List<Child> childTail = children.subList(children.size() - moved - 1, children.size());
            right.children.addAll(childTail);
            childTail.clear();
        }
        changed = true;
        return new Split(median, medianBytes, right);
    }

    private void merge(TreeNode right, Key median) {
        changed = true;
        keys.add(median);
        keys.addAll(right.keys);
        children.addAll(right.children);
    }

    /** Keys of the leaf at the near edge of this subtree. */
    private int leafKeys(boolean leftmost) {
        TreeNode node = this;
        while (!node.leaf()) {
            node = node.child(leftmost ? 0 : node.children.size() - 1);
        }
        return node.keys.size();
    }

    /**
     * Puts the nearest key of a leaf, the one of the fuller leaf beside it, in the place of a key that goes; the nodes down
     * to that leaf are pushed onto the path.
     */
    void replaceByNearestLeafKey(int index, List<TreeNode> path) {
        TreeNode left = child(index);
        TreeNode right = child(index + 1);
        boolean fromRight = left.leafKeys(false) < right.leafKeys(true);
        TreeNode node = fromRight ? right : left;
        path.add(node);
        while (!node.leaf()) {
            node = node.child(fromRight ? 0 : node.children.size() - 1);
            path.add(node);
        }
        if (node.keys.isEmpty()) {
            throw new CorruptDriveException("A leaf of the hyperbee has no keys");
        }
        keys.set(index, node.keys.remove(fromRight ? 0 : node.keys.size() - 1));
    }

    /** Restores the minimum of keys from the last node of the path upwards; returns the root, which may be another one. */
    static TreeNode rebalance(List<TreeNode> path) {
        TreeNode root = path.getFirst();
        while (path.size() > 1) {
            TreeNode node = path.removeLast();
            if (node.keys.size() >= MIN_KEYS) {
                return root;
            }
            TreeNode parent = path.getLast();
            int index = parent.indexOf(node);
            TreeNode left = index > 0 ? parent.child(index - 1) : null;
            TreeNode right = index + 1 < parent.children.size() ? parent.child(index + 1) : null;
            if (left != null && left.keys.size() > MIN_KEYS) {
                left.changed = true;
                node.keys.addFirst(parent.keys.get(index - 1));
                if (!left.leaf()) {
                    node.children.addFirst(left.children.removeLast());
                }
                parent.keys.set(index - 1, left.keys.removeLast());
                return root;
            }
            if (right != null && right.keys.size() > MIN_KEYS) {
                right.changed = true;
                node.keys.addLast(parent.keys.get(index));
                if (!right.leaf()) {
                    node.children.addLast(right.children.removeFirst());
                }
                parent.keys.set(index, right.keys.removeFirst());
                return root;
            }
            if (left != null) {
                left.merge(node, parent.keys.get(index - 1));
                parent.removeKey(index - 1);
            } else if (right != null) {
                node.merge(right, parent.keys.get(index));
                parent.removeKey(index);
            } else {
                throw new CorruptDriveException("A node of the hyperbee has a single child");
            }
        }
        return root.keys.isEmpty() && !root.leaf() ? root.child(0) : root;
    }

    private int indexOf(TreeNode node) {
        for (int i = 0; i < children.size(); i++) {
            if (children.get(i).node == node) {
                return i;
            }
        }
        throw new IllegalStateException("a node of the path is not a child of the one before it");
    }

    /** Gives this node and the changed ones below it their places in block {@code seq}; returns this one's. */
    int place(List<@Nullable Child> index, long seq) {
        index.add(null);
        int offset = index.size() - 1;
        changed = false;
        for (Child child : children) {
            TreeNode node = child.node;
            if (node == null || !node.changed) {
                continue;
            }
            child.seq = seq;
            child.offset = node.place(index, seq);
            index.set(child.offset, child);
        }
        return offset;
    }

    BeeNode.Level toLevel() {
        long[] keySeqs = new long[keys.size()];
        for (int i = 0; i < keySeqs.length; i++) {
            keySeqs[i] = keys.get(i).seq;
        }
        long[] places = new long[children.size() * 2];
        for (int i = 0; i < children.size(); i++) {
            places[2 * i] = children.get(i).seq;
            places[2 * i + 1] = children.get(i).offset;
        }
        return new BeeNode.Level(keySeqs, places);
    }
}
