package org.datdot.drive;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Walks the keys of one version of a bee, or of a batch, in order (npm hyperbee iterators/range.js). Not for use by several
 * threads at once. Keys that do not come in order mean that the tree is not one: {@link CorruptDriveException}.
 */
final class BeeIterator implements Iterator<BeeEntry> {

    private final LongFunction<BeeEntry> entries;
    private final BeeRange range;
    private final Deque<Frame> stack = new ArrayDeque<>();
    private long remaining;
    private byte @Nullable [] previousKey;
    private @Nullable BeeEntry next;

    /** A tree node on the way: even positions stand before child {@code position / 2}, odd ones before a key. */
    private static final class Frame {
        final BeeTree node;
        int position;

        Frame(BeeTree node, int position) {
            this.node = node;
            this.position = position;
        }

        int last() {
            return node.size() * 2;
        }
    }

    /**
     * @param root null for the empty bee
     * @param entries the entry a block wrote
     */
    BeeIterator(@Nullable BeeTree root, LongFunction<BeeEntry> entries, BeeRange range) {
        this.entries = entries;
        this.range = range;
        this.remaining = range.limit;
        if (root != null && remaining > 0) {
            open(root);
            next = advance();
        }
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public BeeEntry next() {
        BeeEntry entry = next;
        if (entry == null) {
            throw new NoSuchElementException("no more keys in the range");
        }
        next = advance();
        return entry;
    }

    private void open(BeeTree root) {
        BeeTree node = root;
        byte[] start = range.reversed ? range.upper : range.lower;
        boolean included = range.reversed ? range.upperIncluded : range.lowerIncluded;
        if (start == null) {
            push(node);
            return;
        }
        for (int depth = 0; depth < Hyperbee.MAX_DEPTH; depth++) {
            BeeTree.Position at = node.search(start);
            if (at.found()) {
                int beside = range.reversed ? 0 : 2;
                stack.push(new Frame(node, at.index() * 2 + (included ? 1 : beside)));
                return;
            }
            Frame frame = new Frame(node, at.index() * 2 + (range.reversed ? -1 : 1));
            if (frame.position >= 0 && frame.position <= frame.last()) {
                stack.push(frame);
            }
            if (node.leaf()) {
                return;
            }
            node = node.below(at.index());
        }
        throw Hyperbee.tooDeep();
    }

    private void push(BeeTree node) {
        if (stack.size() >= Hyperbee.MAX_DEPTH) {
            throw Hyperbee.tooDeep();
        }
        Frame frame = new Frame(node, 0);
        if (range.reversed) {
            frame.position = frame.last();
        }
        stack.push(frame);
    }

    private @Nullable BeeEntry advance() {
        while (remaining > 0) {
            Frame top = stack.peek();
            if (top == null) {
                return null;
            }
            int position = top.position;
            if (position < 0 || position > top.last()) {
                stack.pop();
                continue;
            }
            top.position += range.reversed ? -1 : 1;
            int index = position >> 1;
            if ((position & 1) == 0) {
                if (!top.node.leaf()) {
                    push(top.node.below(index));
                }
                continue;
            }
            BeeEntry entry = entries.apply(top.node.keySeq(index));
            requireOrder(entry);
            if (beyondEnd(entry.key())) {
                remaining = 0;
                return null;
            }
            remaining--;
            return entry;
        }
        return null;
    }

    private void requireOrder(BeeEntry entry) {
        byte[] previous = previousKey;
        if (previous != null) {
            int order = Arrays.compareUnsigned(previous, entry.key());
            if (range.reversed ? order <= 0 : order >= 0) {
                throw new CorruptDriveException("The keys of the hyperbee are out of order at block " + entry.seq());
            }
        }
        previousKey = entry.key();
    }

    private boolean beyondEnd(byte[] key) {
        byte[] end = range.reversed ? range.lower : range.upper;
        if (end == null) {
            return false;
        }
        int order = Arrays.compareUnsigned(key, end);
        if (order == 0) {
            return range.reversed ? !range.lowerIncluded : !range.upperIncluded;
        }
        return range.reversed ? order < 0 : order > 0;
    }
}
