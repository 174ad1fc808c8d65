package org.datdot.drive;

import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The blocks of one bee, decoded, through a bounded cache; missing ones come from peers. */
final class BeeBlocks {

    private static final long MAX_CACHE_BYTES = 8L << 20;

    private final BlockLog log;
    /** All blocks below are asked for already. */
    private volatile long requestedUpTo;

    private final BeeCache cache;
    private final Observer observer;

    /** Hears which blocks are needed, before they are read or waited for. */
    @FunctionalInterface
    interface Observer {
        void needed(long seq);
    }

    BeeBlocks(BlockLog log) {
        this(log, new BeeCache(MAX_CACHE_BYTES), _ -> {});
    }

    private BeeBlocks(BlockLog log, BeeCache cache, Observer observer) {
        this.log = log;
        this.cache = cache;
        this.observer = observer;
    }

    /** The same blocks, waited for at most this long. */
    BeeBlocks within(Duration patience) {
        return new BeeBlocks(log.within(patience), cache, observer);
    }

    /** The same blocks; somebody hears which are needed. */
    BeeBlocks observed(Observer given) {
        return new BeeBlocks(log, cache, given);
    }

    boolean sameAs(BeeBlocks other) {
        return cache == other.cache;
    }

    BlockLog log() {
        return log;
    }

    BeeNode node(long seq) {
        observer.needed(seq);
        long fork = log.fork();
        BeeNode cached = cache.get(seq, fork);
        if (cached != null) {
            return cached;
        }
        BeeNode node = BeeNode.decode(seq, log.get(seq));
        cache.put(node, fork, log.fork());
        return node;
    }

    /**
     * Asks for what the next step down from this level may need and is not here, so that a search over the network costs one
     * round trip a level instead of one a key.
     */
    void request(BeeNode.Level level) {
        if (log.writable()) {
            return;
        }
        for (long seq : level.keys()) {
            request(seq);
        }
        for (int i = 0; i < level.children().length; i += 2) {
            request(level.children()[i]);
        }
    }

    /** Asks for all blocks below a version, for somebody who is going to walk most of them. */
    void requestAll(long version) {
        if (!log.writable() && requestedUpTo < version) {
            requestedUpTo = version;
            log.prefetch(0, version);
        }
    }

    private void request(long seq) {
        if (seq >= requestedUpTo && !log.has(seq)) {
            log.want(seq);
        }
    }

    /** The root of a version; null when it is the empty bee. */
    @Nullable
    BeeTree root(long version) {
        return version < 2 ? null : BeeTree.Stored.of(this, version - 1, 0);
    }

    BeeEntry entry(long seq) {
        return node(seq).entry();
    }

    /**
     * Whether a version needs a block: for the entry it wrote, or for a tree node in it. A tree node of a version holds keys of
     * that version, so the way to the first of them leads through it.
     */
    boolean linked(long version, long seq) {
        BeeNode node = node(seq);
        if (onTheWay(version, node.key, seq)) {
            return true;
        }
        for (BeeNode.Level level : node.levels) {
            // A key whose block is dropped already is not in this version, nor is then the tree node.
            boolean known = level.keys().length > 0 && log.has(level.keys()[0]);
            if (known && onTheWay(version, node(level.keys()[0]).key, seq)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the search for a key reads a block, or ends at it. */
    private boolean onTheWay(long version, byte[] key, long seq) {
        long at = version - 1;
        int offset = 0;
        for (int depth = 0; depth < Hyperbee.MAX_DEPTH; depth++) {
            if (at == seq) {
                return true;
            }
            BeeNode.Level level = node(at).level(offset);
            BeeTree.Position position = new BeeTree.Stored(this, level, at, offset).search(key);
            if (position.found()) {
                return level.keys()[position.index()] == seq;
            }
            if (level.leaf()) {
                return false;
            }
            at = level.childSeq(position.index());
            offset = level.childOffset(position.index());
        }
        throw Hyperbee.tooDeep();
    }

    @Nullable
    BeeEntry get(long version, byte[] key) {
        if (version < 2) {
            return null;
        }
        BeeNode block = node(version - 1);
        int offset = 0;
        for (int depth = 0; depth < Hyperbee.MAX_DEPTH; depth++) {
            if (Arrays.equals(block.key, key)) {
                // Nothing on the way here is newer than this block, so it is the last write to its key.
                return block.deletion() ? null : block.entry();
            }
            BeeNode.Level level = block.level(offset);
            request(level);
            BeeTree.Position position = new BeeTree.Stored(this, level, block.seq, offset).search(key);
            if (position.found()) {
                return entry(level.keys()[position.index()]);
            }
            if (level.leaf()) {
                return null;
            }
            offset = level.childOffset(position.index());
            block = node(level.childSeq(position.index()));
        }
        throw Hyperbee.tooDeep();
    }
}
