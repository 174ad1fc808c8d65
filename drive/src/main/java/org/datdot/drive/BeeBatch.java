package org.datdot.drive;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several writes to a {@link Hyperbee} that become one append: after a crash all of them are there or none. Every write is
 * one block; blocks before the last leave out the tree nodes that a later one supersedes, as npm hyperbee does. Holds the
 * bee's write lock until {@link #flush} or {@link #close}; for one thread at a time. Memory grows with the writes (a few
 * hundred bytes each), so a long list of them is better cut into batches of some thousands.
 */
public final class BeeBatch implements AutoCloseable {

    private final BeeBlocks blocks;
    private final Runnable release;
    private final List<byte[]> head = new ArrayList<>(1);
    private final long firstSeq;
    private final List<Write> writes = new ArrayList<>();
    private @Nullable TreeNode root;
    private boolean closed;
    private boolean broken;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Write(byte[] key, byte @Nullable [] value, List<TreeNode.@Nullable Child> index) {}

    BeeBatch(BeeBlocks blocks, BeeHeader header, Runnable release) {
        this.blocks = blocks;
        this.release = release;
        long length = blocks.log().length();
        if (length == 0) {
            head.add(header.encode());
        }
        this.firstSeq = Math.max(1, length);
    }

    /** How many blocks {@link #flush} will write for the operations so far. */
    public int length() {
        return writes.size();
    }

    /** The value of a key as of this batch's writes so far, or null. */
    public @Nullable BeeEntry get(byte[] key) {
        TreeNode node = openRoot();
        for (int depth = 0; node != null && depth < Hyperbee.MAX_DEPTH; depth++) {
            BeeBlocks.Position at = node.search(key);
            if (at.found()) {
                return entry(node.keys.get(at.index()).seq);
            }
            if (node.leaf()) {
                return null;
            }
            node = node.child(at.index());
        }
        if (node == null) {
            return null;
        }
        throw Hyperbee.tooDeep(firstSeq);
    }

    private BeeEntry entry(long seq) {
        if (seq < firstSeq) {
            return blocks.node(seq).entry();
        }
        Write write = writes.get((int) (seq - firstSeq));
        return new BeeEntry(seq, write.key, write.value);
    }

    /** Puts a key, also when it has that value already. The arrays are kept: do not modify them until the flush. */
    public void put(byte[] key, byte @Nullable [] value) {
        TreeNode top = openRoot();
        if (top == null) {
            top = TreeNode.create(blocks);
        }
        broken = true;
        long seq = nextSeq();
        TreeNode.Key target = new TreeNode.Key(seq, key);
        List<TreeNode> path = new ArrayList<>();
        TreeNode node = top;
        while (!node.leaf()) {
            requireDepth(path);
            path.add(node);
            node.changed = true;
            BeeBlocks.Position at = node.search(key);
            if (at.found()) {
                node.replaceKey(at.index(), target);
                append(top, seq, key, value);
                return;
            }
            node = node.child(at.index());
        }
        boolean tooBig = node.insert(target, key, null);
        while (tooBig) {
            TreeNode.Split split = node.split();
            if (path.isEmpty()) {
                top = TreeNode.create(blocks);
                top.keys.add(split.median());
                top.children.add(new TreeNode.Child(0, 0, node));
                top.children.add(new TreeNode.Child(0, 0, split.right()));
                break;
            }
            node = path.removeLast();
            tooBig = node.insert(split.median(), split.medianBytes(), split.right());
        }
        append(top, seq, key, value);
    }

    /** Removes a key; false when there is none, nothing is written for it then. */
    public boolean del(byte[] key) {
        TreeNode node = openRoot();
        if (node == null) {
            return false;
        }
        List<TreeNode> path = new ArrayList<>();
        while (true) {
            requireDepth(path);
            path.add(node);
            BeeBlocks.Position at = node.search(key);
            if (at.found()) {
                broken = true;
                if (node.leaf()) {
                    node.removeKey(at.index());
                } else {
                    node.replaceByNearestLeafKey(at.index(), path);
                }
                // Only now: a key that is not there must leave no trace.
                path.forEach(changed -> changed.changed = true);
                append(TreeNode.rebalance(path), nextSeq(), key, null);
                return true;
            }
            if (node.leaf()) {
                return false;
            }
            node = node.child(at.index());
        }
    }

    /** Appends everything, durable when it returns, and closes the batch. */
    public void flush() {
        requireOpen();
        try {
            if (!writes.isEmpty()) {
                if (blocks.log().length() != (head.isEmpty() ? firstSeq : 0)) {
                    throw new DriveException(
                            "The core of the hyperbee was appended to beside this batch: nothing of the "
                                    + "batch was written. Write to a bee through one Hyperbee object only.");
                }
                blocks.log().append(encode());
            }
        } finally {
            close();
        }
    }

    /** Lets other writers in; writes that were not flushed are dropped. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            root = null;
            writes.clear();
            release.run();
        }
    }

    private List<byte[]> encode() {
        List<byte[]> encoded = new ArrayList<>(head);
        for (int i = 0; i < writes.size(); i++) {
            Write write = writes.get(i);
            if (i < writes.size() - 1) {
                dropSuperseded(write.index, firstSeq + i);
            }
            List<BeeNode.Level> levels = new ArrayList<>(write.index.size());
            for (TreeNode.Child child : write.index) {
                if (child == null || child.node == null) {
                    throw new IllegalStateException("a level of block " + (firstSeq + i) + " has no node");
                }
                levels.add(child.node.toLevel());
            }
            encoded.add(BeeNode.encode(write.key, write.value, levels));
        }
        return encoded;
    }

    /** Takes out the root and every node that a later block rewrote; the last ones fill the gaps, the order of stock. */
    private static void dropSuperseded(List<TreeNode.@Nullable Child> index, long seq) {
        index.set(0, null);
        int next = 0;
        while (next < index.size()) {
            TreeNode.Child child = index.get(next);
            if (child != null && child.seq == seq) {
                child.offset = next++;
            } else {
                TreeNode.Child last = index.removeLast();
                if (next < index.size()) {
                    index.set(next, last);
                }
            }
        }
    }

    private @Nullable TreeNode openRoot() {
        requireOpen();
        if (root == null && firstSeq > 1) {
            root = TreeNode.load(blocks, firstSeq - 1, 0);
        }
        return root;
    }

    private long nextSeq() {
        return firstSeq + writes.size();
    }

    private void append(TreeNode newRoot, long seq, byte[] key, byte @Nullable [] value) {
        List<TreeNode.@Nullable Child> index = new ArrayList<>();
        newRoot.place(index, seq);
        index.set(0, new TreeNode.Child(seq, 0, newRoot));
        root = newRoot;
        writes.add(new Write(key, value, index));
        broken = false;
    }

    private void requireDepth(List<TreeNode> path) {
        if (path.size() >= Hyperbee.MAX_DEPTH) {
            throw Hyperbee.tooDeep(firstSeq);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the batch is closed: start another one");
        }
        if (broken) {
            throw new DriveException("An earlier write of this batch failed half way: close it and start another one.");
        }
    }
}
