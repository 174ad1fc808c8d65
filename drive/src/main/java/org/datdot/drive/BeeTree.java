package org.datdot.drive;

import java.util.Arrays;

/** A node of the B-tree as a reader walks it: one that is stored, or one a batch is about to write. */
interface BeeTree {

    /** How many keys it has; one child more than that, unless it is a leaf. */
    int size();

    /** The block that wrote a key. */
    long keySeq(int index);

    byte[] key(int index);

    boolean leaf();

    /** The block a child is in; together with {@link #childOffset} it names the child. */
    long childSeq(int index);

    int childOffset(int index);

    BeeTree below(int index);

    /** Where a search in a node ended: at the key itself, or between two keys. */
    record Position(int index, boolean found) {}

    default Position search(byte[] key) {
        int start = 0;
        int end = size();
        while (start < end) {
            int middle = (start + end) >>> 1;
            int order = Arrays.compareUnsigned(key, key(middle));
            if (order == 0) {
                return new Position(middle, true);
            }
            if (order < 0) {
                end = middle;
            } else {
                start = middle + 1;
            }
        }
        return new Position(start, false);
    }

    /** A node as it is stored. Making one asks peers for what the next step down may need. */
    record Stored(BeeBlocks blocks, BeeNode.Level level, long seq, int offset) implements BeeTree {

        static Stored of(BeeBlocks blocks, long seq, int offset) {
            BeeNode.Level level = blocks.node(seq).level(offset);
            blocks.request(level);
            return new Stored(blocks, level, seq, offset);
        }

        @Override
        public int size() {
            return level.keys().length;
        }

        @Override
        public long keySeq(int index) {
            return level.keys()[index];
        }

        @Override
        public byte[] key(int index) {
            return blocks.node(level.keys()[index]).key;
        }

        @Override
        public boolean leaf() {
            return level.leaf();
        }

        @Override
        public long childSeq(int index) {
            return level.childSeq(index);
        }

        @Override
        public int childOffset(int index) {
            return level.childOffset(index);
        }

        @Override
        public BeeTree below(int index) {
            return of(blocks, level.childSeq(index), level.childOffset(index));
        }
    }
}
