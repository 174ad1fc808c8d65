package org.datdot.drive;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Walks the keys of one version of a bee in order (npm hyperbee iterators/range.js). Not for use by several threads at
 * once. Keys that do not come in order mean that the tree is not one: {@link CorruptDriveException}.
 */
final class BeeIterator implements Iterator<BeeEntry> {

    private final BeeBlocks blocks;
    private final BeeRange range;
    private final Deque<Frame> stack = new ArrayDeque<>();
    private long remaining;
    private byte @Nullable [] previousKey;
    private @Nullable BeeEntry next;

    /** A tree node on the way: even positions stand before child {@code position / 2}, odd ones before a key. */
    private static final class Frame {
        final BeeNode.Level level;
        int position;

        Frame(BeeNode.Level level, int position) {
            this.level = level;
            this.position = position;
        }

        int last() {
            return level.keys().length * 2;
        }
    }

    BeeIterator(BeeBlocks blocks, long version, BeeRange range) {
        this.blocks = blocks;
        this.range = range;
        this.remaining = range.limit;
        if (version >= 2 && remaining > 0) {
            open(version);
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

    private void open(long version) {
        BeeNode.Level level = blocks.node(version - 1).level(0);
        byte[] start = range.reversed ? range.upper : range.lower;
        boolean included = range.reversed ? range.upperIncluded : range.lowerIncluded;
        if (start == null) {
            push(level);
            return;
        }
        for (int depth = 0; depth < Hyperbee.MAX_DEPTH; depth++) {
            blocks.request(level);
            BeeBlocks.Position at = blocks.search(level, start);
            if (at.found()) {
                int beside = range.reversed ? 0 : 2;
                stack.push(new Frame(level, at.index() * 2 + (included ? 1 : beside)));
                return;
            }
            Frame frame = new Frame(level, at.index() * 2 + (range.reversed ? -1 : 1));
            if (frame.position >= 0 && frame.position <= frame.last()) {
                stack.push(frame);
            }
            if (level.leaf()) {
                return;
            }
            level = blocks.node(level.childSeq(at.index())).level(level.childOffset(at.index()));
        }
        throw Hyperbee.tooDeep(version);
    }

    private void push(BeeNode.Level level) {
        if (stack.size() >= Hyperbee.MAX_DEPTH) {
            throw new CorruptDriveException(
                    "The tree of the hyperbee is deeper than " + Hyperbee.MAX_DEPTH + " levels");
        }
        blocks.request(level);
        Frame frame = new Frame(level, 0);
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
                if (!top.level.leaf()) {
                    push(blocks.node(top.level.childSeq(index)).level(top.level.childOffset(index)));
                }
                continue;
            }
            BeeNode block = blocks.node(top.level.keys()[index]);
            requireOrder(block);
            if (beyondEnd(block.key)) {
                remaining = 0;
                return null;
            }
            remaining--;
            return block.entry();
        }
        return null;
    }

    private void requireOrder(BeeNode block) {
        byte[] previous = previousKey;
        if (previous != null) {
            int order = Arrays.compareUnsigned(previous, block.key);
            if (range.reversed ? order <= 0 : order >= 0) {
                throw new CorruptDriveException("The keys of the hyperbee are out of order at block " + block.seq);
            }
        }
        previousKey = block.key;
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
