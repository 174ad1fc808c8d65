package org.datdot.drive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several writes to a {@link Hyperbee} that become one append: after a crash all of them are there or none. Every write is
 * one block; blocks before the last leave out the tree nodes that a later one supersedes, as npm hyperbee does. Reads see
 * the writes so far. Holds the bee's write lock until {@link #flush} or {@link #close}; for one thread at a time. Memory
 * grows with the writes (a few hundred bytes each), so a long list of them is better cut into batches of some thousands.
 */
public final class BeeBatch implements AutoCloseable {

    private final BeeBlocks blocks;
    private final BeePrefix prefix;
    private final BeeOptions options;
    private final Runnable release;
    private final List<byte[]> head = new ArrayList<>(1);
    private final long firstSeq;
    private final List<Write> writes = new ArrayList<>();
    private @Nullable TreeNode root;
    private boolean attempted;
    private boolean closed;
    private boolean broken;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Write(byte[] key, byte @Nullable [] value, List<TreeNode.@Nullable Child> index) {}

    BeeBatch(BeeBlocks blocks, BeePrefix prefix, BeeOptions options, Runnable release) {
        this.blocks = blocks;
        this.prefix = prefix;
        this.options = options;
        this.release = release;
        long length = blocks.log().length();
        if (length == 0) {
            head.add(new BeeHeader(BeeHeader.HYPERBEE, options.metadata()).encode());
        }
        this.firstSeq = Math.max(1, length);
    }

    /** How many blocks {@link #flush} will write for the operations so far. */
    public int length() {
        return writes.size();
    }

    /** The value of a key as of this batch's writes so far, or null. */
    public @Nullable BeeEntry get(byte[] key) {
        byte[] whole = prefix.add(key);
        TreeNode node = openRoot();
        for (int depth = 0; node != null && depth < Hyperbee.MAX_DEPTH; depth++) {
            BeeTree.Position at = node.search(whole);
            if (at.found()) {
                return prefix.remove(entry(node.keys.get(at.index()).seq));
            }
            if (node.leaf()) {
                return null;
            }
            node = node.child(at.index());
        }
        if (node == null) {
            return null;
        }
        throw Hyperbee.tooDeep();
    }

    /** Entries in order, as of this batch's writes so far. A write ends it: {@link ConcurrentModificationException}. */
    public Iterator<BeeEntry> iterator(BeeRange range) {
        Iterator<BeeEntry> walk = new BeeIterator(openRoot(), this::entry, prefix.add(range));
        int then = writes.size();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return walk.hasNext();
            }

            @Override
            public BeeEntry next() {
                requireOpen();
                if (writes.size() != then) {
                    throw new ConcurrentModificationException("the batch was written to during a walk over its keys");
                }
                return prefix.remove(walk.next());
            }
        };
    }

    /** The first entry of a range as of this batch's writes so far, or null. */
    public @Nullable BeeEntry peek(BeeRange range) {
        Iterator<BeeEntry> first = iterator(range.limit(1));
        return first.hasNext() ? first.next() : null;
    }

    private BeeEntry entry(long seq) {
        if (seq < firstSeq) {
            return blocks.entry(seq);
        }
        Write write = writes.get((int) (seq - firstSeq));
        return new BeeEntry(seq, write.key, write.value);
    }

    /** Puts a key, also when it has that value already. The arrays are kept: do not modify them until the flush. */
    public void put(byte[] key, byte @Nullable [] value) {
        put(key, value, BeeCas.ALWAYS);
    }

    /** Puts a key if it is not there, or if {@code cas} lets it; whether something was written. */
    public boolean put(byte[] key, byte @Nullable [] value, BeeCas cas) {
        byte[] whole = prefix.add(key);
        TreeNode top = openRoot();
        attempted = true;
        if (top == null) {
            top = TreeNode.create(blocks);
        }
        long seq = nextSeq();
        List<TreeNode> path = new ArrayList<>();
        TreeNode node = top;
        BeeTree.Position at = node.search(whole);
        while (!at.found() && !node.leaf()) {
            requireDepth(path);
            path.add(node);
            // Before it is known whether anything is written: a put that is refused leaves this mark, in stock too, and
            // the nodes then go into the block of the next write.
            node.changed = true;
            node = node.child(at.index());
            at = node.search(whole);
        }
        if (at.found()) {
            if (!node.leaf()) {
                node.changed = true;
            }
            BeeEntry previous = entry(node.keySeq(at.index()));
            BeeEntry next = new BeeEntry(seq, whole, value);
            boolean same = !options.duplicates() && Arrays.equals(previous.value(), value);
            if (!cas.goesAhead(prefix.remove(previous), prefix.remove(next)) || same) {
                return false;
            }
            node.replaceKey(at.index(), new TreeNode.Key(seq, whole));
            append(top, seq, whole, value);
            return true;
        }
        broken = true;
        boolean tooBig = node.insert(at.index(), new TreeNode.Key(seq, whole), null);
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
            int place = node.search(split.medianBytes()).index();
            tooBig = node.insert(place, split.median(), split.right());
        }
        append(top, seq, whole, value);
        return true;
    }

    /** Removes a key; false when there is none, nothing is written for it then. */
    public boolean del(byte[] key) {
        return del(key, BeeCas.ALWAYS);
    }

    /** Removes a key if it is there and {@code cas} lets it; whether something was written. */
    public boolean del(byte[] key, BeeCas cas) {
        byte[] whole = prefix.add(key);
        TreeNode node = openRoot();
        attempted = true;
        if (node == null) {
            return false;
        }
        List<TreeNode> path = new ArrayList<>();
        while (true) {
            requireDepth(path);
            path.add(node);
            BeeTree.Position at = node.search(whole);
            if (at.found()) {
                BeeEntry previous = entry(node.keySeq(at.index()));
                BeeEntry next = new BeeEntry(nextSeq(), whole, null);
                if (!cas.goesAhead(prefix.remove(previous), prefix.remove(next))) {
                    return false;
                }
                broken = true;
                if (node.leaf()) {
                    node.removeKey(at.index());
                } else {
                    node.replaceByNearestLeafKey(at.index(), path);
                }
                // Only now: a key that is not there must leave no trace.
                path.forEach(changed -> changed.changed = true);
                append(TreeNode.rebalance(path), nextSeq(), whole, null);
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
            // As stock: whoever tries to write to an empty core makes a bee of it.
            if (!writes.isEmpty() || (attempted && !head.isEmpty())) {
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
            throw Hyperbee.tooDeep();
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
