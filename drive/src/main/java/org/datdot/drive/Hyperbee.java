package org.datdot.drive;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Semaphore;
import org.datdot.hypercore.Hypercore;
import org.jspecify.annotations.Nullable;

/**
 * A sorted map of bytes to bytes in a hypercore: an append-only B-tree, format and shape of npm hyperbee 2 (T = 5: equal
 * operations give equal blocks). Version {@code v} is the state after block {@code v - 1}; every version stays readable.
 * Reads take blocks from peers when they are not here. For use by several threads; writes wait for each other.
 *
 * <p>Errors: {@link CorruptDriveException} when the core holds no well-formed bee, and whatever {@link Hypercore} throws
 * when a block cannot be had.
 */
public final class Hyperbee {

    /** A tree of 2^63 keys has at most 28 levels; more is a loop. */
    static final int MAX_DEPTH = 32;

    private static final long LIVE = 0;
    private static final byte[] SEPARATOR = {0};

    private final BeeBlocks blocks;
    private final @Nullable BeeExtension hints;
    private final BeeOptions options;
    private final Semaphore writing;
    private final BeePrefix prefix;
    private final long checkout;
    private final long checkoutFork;

    private Hyperbee(
            BeeBlocks blocks,
            @Nullable BeeExtension hints,
            BeeOptions options,
            Semaphore writing,
            BeePrefix prefix,
            long checkout,
            long checkoutFork) {
        this.blocks = blocks;
        this.hints = hints;
        this.options = options;
        this.writing = writing;
        this.prefix = prefix;
        this.checkout = checkout;
        this.checkoutFork = checkoutFork;
    }

    /** The bee in this core; an empty writable core becomes one with the first write. */
    public static Hyperbee of(Hypercore core) {
        return of(core, BeeOptions.DEFAULT);
    }

    /** The bee in this core, opened in another way. */
    public static Hyperbee of(Hypercore core, BeeOptions options) {
        BeeBlocks blocks = new BeeBlocks(new CoreLog(core));
        BeeExtension hints = options.hints() ? new BeeExtension(core, blocks) : null;
        return new Hyperbee(blocks, hints, options, new Semaphore(1, true), BeePrefix.NONE, LIVE, 0);
    }

    static Hyperbee of(BlockLog log, BeeOptions options) {
        return new Hyperbee(new BeeBlocks(log), null, options, new Semaphore(1, true), BeePrefix.NONE, LIVE, 0);
    }

    /** Whether block 0 of a core, waited for, says that it holds a bee. */
    public static boolean isHyperbee(Hypercore core) {
        try {
            return BeeHeader.decode(core.get(0)).protocol().equals(BeeHeader.HYPERBEE);
        } catch (CorruptDriveException e) {
            return false;
        }
    }

    /** The version reads see: at least 1 (nothing put yet), else the length of the core in blocks. */
    public long version() {
        return Math.max(1, checkout == LIVE ? blocks.log().length() : checkout);
    }

    public boolean writable() {
        return checkout == LIVE && !options.readOnly() && blocks.log().writable();
    }

    long fork() {
        return blocks.log().fork();
    }

    /** A read-only view of a version; 0 and 1 are the empty bee. */
    public Hyperbee checkout(long version) {
        if (version < 0 || (version > blocks.log().length() && version > 1)) {
            throw new DriveException("There is no version " + version + ": the newest known is "
                    + Math.max(1, blocks.log().length()) + ". Update the core first, or ask for an older one.");
        }
        return new Hyperbee(blocks, hints, options, writing, prefix, Math.max(1, version), fork());
    }

    /** A read-only view of the version of now. */
    public Hyperbee snapshot() {
        return checkout == LIVE ? new Hyperbee(blocks, hints, options, writing, prefix, version(), fork()) : this;
    }

    /** The same bee, of the same version; reads wait for a block at most this long, and for none when it is zero. */
    public Hyperbee within(Duration patience) {
        return new Hyperbee(blocks.within(patience), hints, options, writing, prefix, checkout, checkoutFork);
    }

    /**
     * The keys that begin with a name and a zero byte, as a bee of their own whose keys are without them; of the same
     * version. Names may be nested. What belongs to a sub-database is not kept apart from the bee itself.
     */
    public Hyperbee sub(String name) {
        return sub(name.getBytes(StandardCharsets.UTF_8), SEPARATOR);
    }

    /** As {@link #sub(String)}, with another separator after the name. */
    public Hyperbee sub(byte[] name, byte[] separator) {
        return new Hyperbee(blocks, hints, options, writing, prefix.sub(name, separator), checkout, checkoutFork);
    }

    /** This bee with keys and values of other types than bytes. */
    public <K, V> TypedBee<K, V> as(BeeEncoding<K> keys, BeeEncoding<V> values) {
        return new TypedBee<>(this, keys, values);
    }

    /** Block 0, or null while nothing was ever put (or the core's head is not known yet). */
    public @Nullable BeeHeader header() {
        return blocks.log().length() == 0 ? null : BeeHeader.decode(blocks.log().get(0));
    }

    /** The entry of a key, or null. */
    public @Nullable BeeEntry get(byte[] key) {
        byte[] whole = prefix.add(key);
        BeeEntry entry = hints == null ? blocks.get(readable(), whole) : hints.get(blocks, readable(), whole);
        return entry == null ? null : prefix.remove(entry);
    }

    /**
     * What a block wrote, also when it is superseded; the value of a removal is null.
     *
     * @throws DriveException when the version has no such block, or it belongs to another sub-database
     */
    public BeeEntry getBySeq(long seq) {
        if (seq < 1 || seq >= readable()) {
            throw new DriveException(
                    "No write has the block " + seq + " in version " + version() + " of this hyperbee.");
        }
        BeeEntry entry = blocks.entry(seq);
        if (!prefix.covers(entry.key())) {
            throw new DriveException("Block " + seq + " wrote a key that is not in this sub-database.");
        }
        return prefix.remove(entry);
    }

    /** Entries in order, of the version of now; what is put later is not seen. */
    public Iterator<BeeEntry> iterator(BeeRange range) {
        BeeRange whole = prefix.add(range);
        Iterator<BeeEntry> walk = hints == null
                ? new BeeIterator(blocks.root(readable()), blocks::entry, whole)
                : hints.iterator(blocks, readable(), whole);
        return prefix.bytes().length == 0 ? walk : new Stripped(walk);
    }

    private final class Stripped implements Iterator<BeeEntry> {
        private final Iterator<BeeEntry> walk;

        Stripped(Iterator<BeeEntry> walk) {
            this.walk = walk;
        }

        @Override
        public boolean hasNext() {
            return walk.hasNext();
        }

        @Override
        public BeeEntry next() {
            return prefix.remove(walk.next());
        }
    }

    /** {@link #iterator} for a for loop; every loop starts at the version of then. */
    public Iterable<BeeEntry> range(BeeRange range) {
        return () -> iterator(range);
    }

    /** The first entry of a range, or null. */
    public @Nullable BeeEntry peek(BeeRange range) {
        Iterator<BeeEntry> first = iterator(range.limit(1));
        return first.hasNext() ? first.next() : null;
    }

    /** The writes that made this version. Of a sub-database only its own. Close it when it is live. */
    public BeeHistory history(HistoryRange range) {
        if (range.live && checkout != LIVE) {
            throw new IllegalArgumentException("a checkout never changes: ask the bee itself for a live history");
        }
        return new BeeHistory(blocks, prefix, readable(), range);
    }

    /** The keys of a range whose entries differ between this version (left) and another one (right) of this bee. */
    public Iterator<BeeDiff> diff(long otherVersion, BeeRange range) {
        return diff(checkout(otherVersion), range);
    }

    /** As {@link #diff(long, BeeRange)}; the other one must be a view of the same bee. */
    public Iterator<BeeDiff> diff(Hyperbee other, BeeRange range) {
        if (!other.blocks.sameAs(blocks)) {
            throw new IllegalArgumentException("only two versions of one bee can be compared");
        }
        Iterator<BeeDiff> walk = new BeeDiffIterator(blocks, readable(), other.readable(), prefix.add(range));
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return walk.hasNext();
            }

            @Override
            public BeeDiff next() {
                BeeDiff next = walk.next();
                return new BeeDiff(
                        next.left() == null ? null : prefix.remove(next.left()),
                        next.right() == null ? null : prefix.remove(next.right()));
            }
        };
    }

    /** Watches the keys of a range from now on. */
    public BeeWatcher watch(BeeRange range) {
        return watch(range, snapshot());
    }

    /** Watches the keys of a range; what changed since an older version is the first change. */
    public BeeWatcher watch(BeeRange range, long since) {
        return watch(range, checkout(since));
    }

    private BeeWatcher watch(BeeRange range, Hyperbee seen) {
        requireLive();
        return new BeeWatcher(this, range, LogWatch.of(blocks.log()), seen);
    }

    /** Looks a key up and watches it from then on. */
    public BeeEntryWatcher getAndWatch(byte[] key) {
        requireLive();
        return new BeeEntryWatcher(this, key, LogWatch.of(blocks.log()));
    }

    private void requireLive() {
        if (checkout != LIVE) {
            throw new DriveException("A checkout never changes: watch the bee itself.");
        }
    }

    /** Puts one key, durable when it returns. Several belong into a {@link #batch()}. */
    public void put(byte[] key, byte @Nullable [] value) {
        put(key, value, BeeCas.ALWAYS);
    }

    /** Puts one key if it is not there, or if {@code cas} lets it; whether something was written. */
    public boolean put(byte[] key, byte @Nullable [] value, BeeCas cas) {
        try (BeeBatch batch = batch()) {
            boolean written = batch.put(key, value, cas);
            batch.flush();
            return written;
        }
    }

    /** Removes one key; false when there was none, nothing is written then. */
    public boolean del(byte[] key) {
        return del(key, BeeCas.ALWAYS);
    }

    /** Removes one key if it is there and {@code cas} lets it; whether something was written. */
    public boolean del(byte[] key, BeeCas cas) {
        try (BeeBatch batch = batch()) {
            boolean removed = batch.del(key, cas);
            batch.flush();
            return removed;
        }
    }

    /**
     * Starts a batch: waits until no other write is open on this bee, and must be closed. Opening a second one in the thread
     * that holds the first never returns.
     */
    public BeeBatch batch() {
        if (!writable()) {
            throw new DriveException(notWritable());
        }
        try {
            writing.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DriveException("Interrupted while waiting for another write to this hyperbee", e);
        }
        return new BeeBatch(blocks, prefix, options, writing::release);
    }

    private String notWritable() {
        if (checkout != LIVE) {
            return "A checkout is read-only: write to the bee itself.";
        }
        return options.readOnly()
                ? "This hyperbee was opened read-only."
                : "This hyperbee is read-only here: the store does not hold its secret key.";
    }

    /**
     * Drops those of the blocks {@code [from, until)} here that this version does not need: what they wrote is overwritten or
     * removed. Older versions and the history cannot be read then but by those who find a peer that still has the blocks.
     *
     * @return how many were dropped
     */
    public long clearUnlinked(long from, long until) {
        long version = readable();
        long cleared = 0;
        for (long seq = Math.max(1, from); seq < Math.min(until, version); seq++) {
            if (blocks.log().has(seq) && !blocks.linked(version, seq)) {
                cleared += blocks.log().clear(seq, seq + 1);
            }
        }
        return cleared;
    }

    /** Asks peers for the blocks of this version that are not here, without waiting: for a walk over most of the keys. */
    public void request() {
        blocks.requestAll(version());
    }

    /** The version, unless the core was truncated below it since it was checked out: then what it was is not known any more. */
    private long readable() {
        long version = version();
        if (checkout > 1 && blocks.log().fork() != checkoutFork) {
            throw new DriveException("Version " + version + " was checked out before the core was truncated: check out "
                    + "a version again.");
        }
        return version;
    }

    static CorruptDriveException tooDeep() {
        return new CorruptDriveException("The tree of the hyperbee is deeper than " + MAX_DEPTH + " levels");
    }
}
