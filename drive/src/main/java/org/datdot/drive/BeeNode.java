package org.datdot.drive;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Blocks 1 and up of a hyperbee (npm hyperbee lib/messages.js, Node and YoloIndex): one write, and those tree nodes
 * ("levels") that the write changed. Level 0 of the newest block is the root of the tree.
 */
final class BeeNode {

    private static final long[] NONE = {};

    final long seq;
    final byte[] key;
    final byte @Nullable [] value;
    final List<Level> levels;
    final int byteLength;

    /**
     * One node of the B-tree, as stored.
     *
     * @param keys block index of each key, in order of the keys
     * @param children block index and level of each child, flat; empty in a leaf
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Level(long[] keys, long[] children) {

        boolean leaf() {
            return children.length == 0;
        }

        long childSeq(int index) {
            return children[index * 2];
        }

        int childOffset(int index) {
            long offset = children[index * 2 + 1];
            return offset > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) offset;
        }
    }

    private BeeNode(long seq, byte[] key, byte @Nullable [] value, List<Level> levels, int byteLength) {
        this.seq = seq;
        this.key = key;
        this.value = value;
        this.levels = levels;
        this.byteLength = byteLength;
    }

    static byte[] encode(byte[] key, byte @Nullable [] value, List<Level> levels) {
        ProtoWriter index = new ProtoWriter();
        ProtoWriter level = new ProtoWriter();
        ProtoWriter packed = new ProtoWriter();
        for (Level next : levels) {
            level.clear();
            pack(level, packed, 1, next.keys);
            pack(level, packed, 2, next.children);
            index.message(1, level);
        }
        ProtoWriter out = new ProtoWriter().message(1, index).bytes(2, key);
        if (value != null) {
            out.bytes(3, value);
        }
        return out.toBytes();
    }

    private static void pack(ProtoWriter level, ProtoWriter packed, int field, long[] values) {
        packed.clear();
        for (long value : values) {
            packed.varint(value);
        }
        if (!packed.isEmpty()) {
            level.message(field, packed);
        }
    }

    static BeeNode decode(long seq, byte[] block) {
        ProtoReader in = new ProtoReader(block);
        byte[] key = null;
        byte[] value = null;
        List<Level> levels = null;
        while (in.hasMore()) {
            switch (in.field()) {
                case 1 -> levels = decodeIndex(in.message());
                case 2 -> key = in.bytes();
                case 3 -> value = in.bytes();
                default -> in.skip();
            }
        }
        if (key == null || levels == null) {
            throw new CorruptDriveException(
                    "Block " + seq + " is not a hyperbee node: its key or its index is missing");
        }
        return new BeeNode(seq, key, value, levels, block.length);
    }

    private static List<Level> decodeIndex(ProtoReader in) {
        List<Level> levels = new ArrayList<>(4);
        while (in.hasMore()) {
            if (in.field() == 1) {
                levels.add(decodeLevel(in.message()));
            } else {
                in.skip();
            }
        }
        return levels;
    }

    private static Level decodeLevel(ProtoReader in) {
        long[] keys = NONE;
        long[] children = NONE;
        while (in.hasMore()) {
            switch (in.field()) {
                case 1 -> keys = concat(keys, in.packed());
                case 2 -> children = concat(children, in.packed());
                default -> in.skip();
            }
        }
        return new Level(keys, children);
    }

    private static long[] concat(long[] head, long[] tail) {
        if (head.length == 0) {
            return tail;
        }
        long[] both = new long[head.length + tail.length];
        System.arraycopy(head, 0, both, 0, head.length);
        System.arraycopy(tail, 0, both, head.length, tail.length);
        return both;
    }

    /**
     * A level that can be walked: it has as many children as a B-tree node must have and points at no block after its own,
     * so that no walk can be longer than the tree is deep.
     */
    Level level(int offset) {
        if (offset < 0 || offset >= levels.size()) {
            throw new CorruptDriveException("Block " + seq + " has no level " + offset);
        }
        Level level = levels.get(offset);
        if (!level.leaf() && (level.keys.length == 0 || level.children.length != 2 * (level.keys.length + 1))) {
            throw new CorruptDriveException("Level " + offset + " of block " + seq + " has " + level.keys.length
                    + " keys and " + level.children.length / 2.0 + " children");
        }
        for (long key : level.keys) {
            requireEarlier(key, offset);
        }
        for (int i = 0; i < level.children.length; i += 2) {
            requireEarlier(level.children[i], offset);
        }
        return level;
    }

    private void requireEarlier(long target, int offset) {
        if (target < 1 || target > seq) {
            throw new CorruptDriveException("Level " + offset + " of block " + seq + " points at block " + target);
        }
    }

    /** Whether this block removed its key: it has no value and is in none of its own levels. */
    boolean deletion() {
        if (value != null) {
            return false;
        }
        for (Level level : levels) {
            for (long keySeq : level.keys) {
                if (keySeq == seq) {
                    return false;
                }
            }
        }
        return true;
    }

    BeeEntry entry() {
        return new BeeEntry(seq, key, value);
    }
}
