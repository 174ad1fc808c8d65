package org.datdot.drive;

import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.BlockSelection;
import org.datdot.hypercore.CoreExtension;
import org.datdot.hypercore.ExtensionPeer;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * Tells peers which blocks a search of theirs needs, and asks them the same when a block of a search here is missing (npm
 * hyperbee lib/extension.js). Searches of peers are run over what is here, a few at a time; who asks more gets no answer,
 * as a peer that does not know the extension would give none. Of blocks that peers name only as many are fetched as
 * searches here have room for.
 */
final class BeeExtension {

    /** How many blocks one message names. */
    static final int MESSAGE_BLOCKS = 128;

    /** How many blocks of a walk are named ahead. */
    static final int WALK_BLOCKS = 2048;

    private static final int MAX_SEARCHES = 4;

    private final Hypercore core;
    private final BeeBlocks blocks;
    private final CoreExtension channel;
    private final Semaphore searches = new Semaphore(MAX_SEARCHES);
    private final AtomicLong welcome = new AtomicLong();

    BeeExtension(Hypercore core, BeeBlocks blocks) {
        this.core = core;
        this.blocks = blocks.within(Duration.ZERO);
        this.channel = core.replicator().registerExtension(BeeHint.EXTENSION, this::received);
    }

    /** The entry of a key; peers are asked for the way to it as soon as a block is missing. */
    @Nullable
    BeeEntry get(BeeBlocks from, long version, byte[] key) {
        if (!from.log().asksPeers()) {
            return from.get(version, key);
        }
        AtomicBoolean asked = new AtomicBoolean();
        return from.observed(seq -> {
                    if (!from.log().has(seq) && asked.compareAndSet(false, true)) {
                        ask(new BeeHint.Get(version, key), MESSAGE_BLOCKS);
                    }
                })
                .get(version, key);
    }

    /** Entries in order; peers are asked for what comes next as soon as a block is missing. */
    BeeIterator iterator(BeeBlocks from, long version, BeeRange range) {
        return from.log().asksPeers()
                ? new Ahead(from, version, range).start()
                : new BeeIterator(from.root(version), from::entry, range);
    }

    private final class Ahead {
        private final BeeBlocks from;
        private final long version;
        private final BeeRange range;
        private @Nullable BeeIterator walk;
        private int asked;

        Ahead(BeeBlocks from, long version, BeeRange range) {
            this.from = from;
            this.version = version;
            this.range = range;
        }

        BeeIterator start() {
            BeeBlocks observed = from.observed(this::needed);
            BeeIterator started = new BeeIterator(observed.root(version), observed::entry, range);
            walk = started;
            return started;
        }

        private void needed(long seq) {
            if (asked > 0) {
                asked--;
                return;
            }
            if (from.log().has(seq)) {
                return;
            }
            asked = WALK_BLOCKS;
            BeeIterator at = walk;
            ask(
                    at == null
                            ? new BeeHint.Walk(version, range, new long[0])
                            : new BeeHint.Walk(version, range.limit(at.remaining()), at.checkpoint()),
                    WALK_BLOCKS + MESSAGE_BLOCKS);
        }
    }

    private void ask(BeeHint hint, int blocksWelcome) {
        welcome.updateAndGet(before -> Math.min(before + blocksWelcome, 4L * WALK_BLOCKS));
        channel.broadcast(wrapped(hint));
    }

    /** Extensions of the stock packages carry a length in front, unless they choose an encoding of their own. */
    private static byte[] wrapped(BeeHint hint) {
        return new CompactEncoder().buffer(hint.encode()).toBytes();
    }

    private void received(byte[] message, ExtensionPeer from) {
        BeeHint hint;
        try {
            hint = BeeHint.decode(new CompactDecoder(message).buffer());
        } catch (CorruptDriveException | DecodingException e) {
            return; // a hint that makes no sense is none
        }
        switch (hint) {
            case BeeHint.Blocks named -> fetch(named.indexes());
            case BeeHint.Get get -> search(get.version(), from, seen -> seen.get(get.version(), get.key()));
            case BeeHint.Walk walk ->
                search(walk.version(), from, seen -> {
                    BeeIterator entries = BeeIterator.resume(seen.blocks(), walk);
                    while (seen.count() < WALK_BLOCKS + MESSAGE_BLOCKS && entries.hasNext()) entries.next();
                });
        }
    }

    private void fetch(long[] indexes) {
        long length = core.length();
        long[] missing = Arrays.stream(indexes)
                .filter(index -> index < length && !core.has(index))
                .limit(MESSAGE_BLOCKS)
                .toArray();
        if (missing.length == 0 || welcome.getAndUpdate(left -> Math.max(0, left - missing.length)) < missing.length) {
            return;
        }
        core.download(BlockSelection.of(missing));
    }

    /** Looks for something among the blocks that are here. */
    @FunctionalInterface
    private interface Search {
        void run(Seen seen);
    }

    /** The blocks of one search of a peer. */
    final class Seen {
        private final Set<Long> indexes = new LinkedHashSet<>();
        private final BeeBlocks observed = blocks.observed(indexes::add);

        BeeBlocks blocks() {
            return observed;
        }

        int count() {
            return indexes.size();
        }

        void get(long version, byte[] key) {
            @Nullable BeeEntry _ = observed.get(version, key);
        }
    }

    private void search(long version, ExtensionPeer from, Search search) {
        if (version < 2 || version > core.length() || !searches.tryAcquire()) {
            return;
        }
        Thread.ofVirtual().name("bee-hints").start(() -> {
            try {
                answer(from, search);
            } finally {
                searches.release();
            }
        });
    }

    private void answer(ExtensionPeer from, Search search) {
        Seen seen = new Seen();
        try {
            search.run(seen);
        } catch (BlockNotAvailableException | DriveException | StorageException e) {
            // As far as it went: what is not here, or makes no sense, nobody can be told of.
        }
        Iterator<Long> indexes = seen.indexes.iterator();
        while (indexes.hasNext()) {
            long[] some = new long[Math.min(MESSAGE_BLOCKS, seen.count())];
            int count = 0;
            while (indexes.hasNext() && count < some.length) some[count++] = indexes.next();
            if (!from.send(wrapped(new BeeHint.Blocks(Arrays.copyOf(some, count))))) {
                return;
            }
        }
    }
}
