package org.datdot.drive;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The keys that differ between two versions of one bee, in order (npm hyperbee iterators/diff.js). Parts of the tree that
 * both versions share are skipped without being read, so the cost follows the difference and not the size.
 */
final class BeeDiffIterator implements Iterator<BeeDiff> {

    private final BeeBlocks blocks;
    private final BeeRange range;
    private final Side left;
    private final Side right;
    private long remaining;
    private @Nullable BeeDiff next;

    BeeDiffIterator(BeeBlocks blocks, long leftVersion, long rightVersion, BeeRange range) {
        if (range.reversed) {
            throw new IllegalArgumentException("a difference has one direction only: do not reverse its range");
        }
        this.blocks = blocks;
        this.range = range;
        this.remaining = range.limit;
        this.left = new Side(leftVersion);
        this.right = new Side(rightVersion);
        this.next = advance();
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public BeeDiff next() {
        BeeDiff diff = next;
        if (diff == null) {
            throw new NoSuchElementException("no more differences");
        }
        next = advance();
        return diff;
    }

    /** A node and where in it the walk stands: even positions before a child, odd ones before a key. */
    private static final class Frame {
        final BeeTree node;
        final @Nullable Frame parent;
        int position;

        Frame(BeeTree node, @Nullable Frame parent) {
            this.node = node;
            this.parent = parent;
            this.position = node.leaf() ? 1 : 0;
        }

        boolean atKey() {
            return (position & 1) == 1;
        }

        int index() {
            return position >> 1;
        }

        boolean ended() {
            return index() >= (atKey() ? node.size() : node.size() + 1);
        }

        long seq() {
            return atKey() ? node.keySeq(index()) : node.childSeq(index());
        }

        int offset() {
            return atKey() ? 0 : node.childOffset(index());
        }

        void step() {
            position += node.leaf() ? 2 : 1;
        }

        /** The key here, or the one right after the child here; null when nothing follows. */
        byte @Nullable [] key() {
            if (index() < node.size()) {
                return node.key(index());
            }
            return parent == null ? null : parent.key();
        }
    }

    /** The walk over one of the versions. */
    private final class Side {
        private final Deque<Frame> stack = new ArrayDeque<>();
        private boolean seeking = range.lower != null;

        Side(long version) {
            if (version >= 2 && range.limit > 0) {
                enter(BeeTree.Stored.of(blocks, version - 1, 0), null);
            }
        }

        private void enter(BeeTree node, @Nullable Frame parent) {
            if (stack.size() >= Hyperbee.MAX_DEPTH) {
                throw Hyperbee.tooDeep();
            }
            Frame frame = new Frame(node, parent);
            byte[] lower = range.lower;
            if (seeking && lower != null) {
                BeeTree.Position at = node.search(lower);
                if (at.found()) {
                    seeking = false;
                    frame.position = 2 * at.index() + 1;
                    if (!range.lowerIncluded) {
                        frame.step();
                    }
                } else {
                    frame.position = 2 * at.index() + (node.leaf() ? 1 : 0);
                    seeking = !node.leaf();
                }
            }
            stack.push(frame);
        }

        /** Where the walk stands, or null at the end. */
        @Nullable
        Frame top() {
            while (!stack.isEmpty() && stack.element().ended()) {
                stack.pop();
            }
            return stack.peek();
        }

        void skip() {
            stack.element().step();
        }

        /** Goes into the child the walk stands before. */
        void descend() {
            Frame top = stack.element();
            int child = top.index();
            BeeTree below = top.node.below(child);
            top.step();
            enter(below, top);
        }

        BeeEntry take() {
            Frame top = stack.element();
            BeeEntry entry = blocks.node(top.seq()).entry();
            top.step();
            return entry;
        }
    }

    private @Nullable BeeDiff advance() {
        if (remaining <= 0) {
            return null;
        }
        BeeDiff found = find();
        if (found == null || beyondEnd(found.key())) {
            remaining = 0;
            return null;
        }
        remaining--;
        return found;
    }

    private @Nullable BeeDiff find() {
        while (true) {
            Frame l = left.top();
            Frame r = right.top();
            if (l == null || r == null) {
                Side rest = l == null ? right : left;
                Frame top = l == null ? r : l;
                if (top == null) {
                    return null;
                }
                if (top.atKey()) {
                    return l == null ? new BeeDiff(null, rest.take()) : new BeeDiff(rest.take(), null);
                }
                rest.descend();
            } else if (l.seq() == r.seq() && l.atKey() == r.atKey() && l.offset() == r.offset()) {
                left.skip();
                right.skip();
            } else if (l.atKey() && r.atKey()) {
                return differingKeys(l, r);
            } else if (l.atKey()) {
                right.descend();
            } else if (r.atKey()) {
                left.descend();
            } else {
                descend(l, r);
            }
        }
    }

    private BeeDiff differingKeys(Frame l, Frame r) {
        int order = Arrays.compareUnsigned(Objects.requireNonNull(l.key()), Objects.requireNonNull(r.key()));
        if (order == 0) {
            return new BeeDiff(left.take(), right.take());
        }
        return order < 0 ? new BeeDiff(left.take(), null) : new BeeDiff(null, right.take());
    }

    /** Of two children that are not the same one, the one that reaches further is opened. */
    private void descend(Frame l, Frame r) {
        byte[] leftEnd = l.key();
        byte[] rightEnd = r.key();
        int order;
        if (leftEnd == null || rightEnd == null) {
            order = (leftEnd == null ? 1 : 0) - (rightEnd == null ? 1 : 0);
        } else {
            order = Arrays.compareUnsigned(leftEnd, rightEnd);
        }
        if (order >= 0) {
            left.descend();
        }
        if (order <= 0) {
            right.descend();
        }
    }

    private boolean beyondEnd(byte[] key) {
        byte[] upper = range.upper;
        if (upper == null) {
            return false;
        }
        int order = Arrays.compareUnsigned(key, upper);
        return order > 0 || (order == 0 && !range.upperIncluded);
    }
}
