package org.datdot.drive;

import java.util.Arrays;

/**
 * What the readers of a bee tell each other so that a search over the network takes one round trip and not one for every
 * level of the tree: messages of the extension "hyperbee" (npm hyperbee lib/messages.js and lib/extension.js). They are
 * hints: nothing is wrong when one is lost.
 */
sealed interface BeeHint {

    /** The name of the extension. */
    String EXTENSION = "hyperbee";

    /** Levels of a tree times the numbers that name a place in one of them. */
    int MAX_CHECKPOINT = 3 * Hyperbee.MAX_DEPTH;

    byte[] encode();

    /** Somebody looks up a key in a version. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Get(long version, byte[] key) implements BeeHint {
        @Override
        public byte[] encode() {
            ProtoWriter get = new ProtoWriter().number(1, version).bytes(2, key);
            return new ProtoWriter().message(2, get).toBytes();
        }
    }

    /**
     * Somebody walks a range of keys of a version.
     *
     * @param checkpoint where the walk is: block, level and position of every tree node on the way; empty at the start
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Walk(long version, BeeRange range, long[] checkpoint) implements BeeHint {
        @Override
        public byte[] encode() {
            ProtoWriter walk = new ProtoWriter().number(1, version);
            if (range.lower != null) walk.bytes(range.lowerIncluded ? 2 : 3, range.lower);
            if (range.upper != null) walk.bytes(range.upperIncluded ? 4 : 5, range.upper);
            walk.number(6, range.limit == Long.MAX_VALUE ? 0 : range.limit);
            walk.number(7, range.reversed ? 1 : 0);
            walk.packed(8, checkpoint);
            return new ProtoWriter().message(3, walk).toBytes();
        }
    }

    /** The blocks that such a search needs. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Blocks(long[] indexes) implements BeeHint {
        @Override
        public byte[] encode() {
            ProtoWriter blocks = new ProtoWriter()
                    .number(1, Arrays.stream(indexes).min().orElse(0))
                    .number(2, Arrays.stream(indexes).max().orElse(-1) + 1)
                    .packed(3, indexes);
            return new ProtoWriter().message(1, blocks).toBytes();
        }
    }

    /** The hint of a message; {@link CorruptDriveException} when there is not exactly one, or it is malformed. */
    static BeeHint decode(byte[] message) {
        ProtoReader in = new ProtoReader(message);
        BeeHint hint = null;
        while (in.hasMore()) {
            int field = in.field();
            if (field > 3) {
                in.skip();
                continue;
            }
            if (hint != null) {
                throw new CorruptDriveException("A message with more than one hint");
            }
            hint = switch (field) {
                case 1 -> decodeBlocks(in.message());
                case 2 -> decodeGet(in.message());
                default -> decodeWalk(in.message());
            };
        }
        if (hint == null) {
            throw new CorruptDriveException("A message without a hint");
        }
        return hint;
    }

    private static Blocks decodeBlocks(ProtoReader in) {
        long[] indexes = {};
        int bounds = 0;
        while (in.hasMore()) {
            int field = in.field();
            switch (field) {
                // First and last of them, which stock requires.
                case 1, 2 -> {
                    in.number();
                    bounds |= field;
                }
                case 3 -> indexes = in.packed();
                default -> in.skip();
            }
        }
        if (bounds != 3) {
            throw new CorruptDriveException("Blocks without a beginning or an end");
        }
        return new Blocks(indexes);
    }

    private static Get decodeGet(ProtoReader in) {
        long version = 0;
        byte[] key = {};
        while (in.hasMore()) {
            switch (in.field()) {
                case 1 -> version = in.number();
                case 2 -> key = in.bytes();
                default -> in.skip();
            }
        }
        return new Get(version, key);
    }

    private static Walk decodeWalk(ProtoReader in) {
        long version = 0;
        BeeRange range = BeeRange.all();
        long[] checkpoint = {};
        while (in.hasMore()) {
            switch (in.field()) {
                case 1 -> version = in.number();
                case 2 -> range = range.gte(in.bytes());
                case 3 -> range = range.gt(in.bytes());
                case 4 -> range = range.lte(in.bytes());
                case 5 -> range = range.lt(in.bytes());
                case 6 -> {
                    long limit = in.number();
                    if (limit > 0) range = range.limit(limit);
                }
                case 7 -> {
                    if (in.flag()) range = range.reverse();
                }
                case 8 -> checkpoint = in.packed();
                default -> in.skip();
            }
        }
        if (checkpoint.length > MAX_CHECKPOINT) {
            throw new CorruptDriveException("A walk over a hyperbee that is " + checkpoint.length / 3 + " levels deep");
        }
        return new Walk(version, range, checkpoint);
    }
}
