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
        this(entries, range);
        if (root != null && remaining > 0) {
            open(root);
            next = advance();
        }
    }

    private BeeIterator(LongFunction<BeeEntry> entries, BeeRange range) {
        this.entries = entries;
        this.range = range;
        this.remaining = range.limit;
    }

    /** Goes on with a peer's walk from where it says to be. */
    static BeeIterator resume(BeeBlocks blocks, BeeHint.Walk walk) {
        long[] places = walk.checkpoint();
        if (places.length == 0) {
            return new BeeIterator(blocks.root(walk.version()), blocks::entry, walk.range());
        }
        BeeIterator walking = new BeeIterator(blocks::entry, walk.range());
        for (int i = 0; i + 2 < places.length; i += 3) {
            if (places[i] >= walk.version() || places[i + 1] > Integer.MAX_VALUE) {
                throw new CorruptDriveException("A walk is at block " + places[i] + ", beyond its version");
            }
            Frame frame = new Frame(BeeTree.Stored.of(blocks, places[i], (int) places[i + 1]), 0);
            frame.position = (int) Math.min(places[i + 2], frame.last() + 1L);
            walking.stack.push(frame);
        }
        walking.next = walking.advance();
        return walking;
    }

    /** Where a walk over stored nodes is that waits for a block, for {@link #resume}. */
    long[] checkpoint() {
        long[] places = new long[3 * stack.size()];
        int count = 0;
        for (Iterator<Frame> frames = stack.descendingIterator(); frames.hasNext(); ) {
            Frame frame = frames.next();
            // The last one has been moved on already.
            int position = frames.hasNext() ? frame.position : frame.position + (range.reversed ? 1 : -1);
            if (position >= 0 && frame.node instanceof BeeTree.Stored stored) {
                places[count++] = stored.seq();
                places[count++] = stored.offset();
                places[count++] = position;
            }
        }
        return Arrays.copyOf(places, count);
    }

    /** How many entries may follow at most. */
    long remaining() {
        return remaining;
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
