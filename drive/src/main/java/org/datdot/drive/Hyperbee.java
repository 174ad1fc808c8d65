package org.datdot.drive;

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

    private final BeeBlocks blocks;
    private final BeeHeader header;
    private final Semaphore writing;
    private final long checkout;

    private Hyperbee(BeeBlocks blocks, BeeHeader header, Semaphore writing, long checkout) {
        this.blocks = blocks;
        this.header = header;
        this.writing = writing;
        this.checkout = checkout;
    }

    /** The bee in this core; an empty writable core becomes one with the first write. */
    public static Hyperbee of(Hypercore core) {
        return of(new CoreLog(core), null);
    }

    static Hyperbee of(BlockLog log, BeeHeader.@Nullable Metadata metadata) {
        return new Hyperbee(
                new BeeBlocks(log), new BeeHeader(BeeHeader.HYPERBEE, metadata), new Semaphore(1, true), LIVE);
    }

    /** The version reads see: at least 1 (nothing put yet), else the length of the core in blocks. */
    public long version() {
        return Math.max(1, checkout == LIVE ? blocks.log().length() : checkout);
    }

    public boolean writable() {
        return checkout == LIVE && blocks.log().writable();
    }

    /** A read-only view of a version; 0 and 1 are the empty bee. */
    public Hyperbee checkout(long version) {
        if (version < 0 || (version > blocks.log().length() && version > 1)) {
            throw new DriveException("There is no version " + version + ": the newest known is "
                    + Math.max(1, blocks.log().length()) + ". Update the core first, or ask for an older one.");
        }
        return new Hyperbee(blocks, header, writing, Math.max(1, version));
    }

    /** A read-only view of the version of now. */
    public Hyperbee snapshot() {
        return new Hyperbee(blocks, header, writing, version());
    }

    /** Block 0, or null while nothing was ever put (or the core's head is not known yet). */
    public @Nullable BeeHeader header() {
        return blocks.log().length() == 0 ? null : BeeHeader.decode(blocks.log().get(0));
    }

    /** The entry of a key, or null. */
    public @Nullable BeeEntry get(byte[] key) {
        return blocks.get(version(), key);
    }

    /** Entries in order, of the version of now; what is put later is not seen. */
    public Iterator<BeeEntry> iterator(BeeRange range) {
        return new BeeIterator(blocks, version(), range);
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

    /** Puts one key, durable when it returns. Several belong into a {@link #batch()}. */
    public void put(byte[] key, byte @Nullable [] value) {
        try (BeeBatch batch = batch()) {
            batch.put(key, value);
            batch.flush();
        }
    }

    /** Removes one key; false when there was none, nothing is written then. */
    public boolean del(byte[] key) {
        try (BeeBatch batch = batch()) {
            boolean removed = batch.del(key);
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
            throw new DriveException(
                    checkout == LIVE
                            ? "This hyperbee is read-only here: the store does not hold its secret key."
                            : "A checkout is read-only: write to the bee itself.");
        }
        try {
            writing.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DriveException("Interrupted while waiting for another write to this hyperbee", e);
        }
        return new BeeBatch(blocks, header, writing::release);
    }

    /** Asks peers for the blocks of this version that are not here, without waiting: for a walk over most of the keys. */
    public void request() {
        blocks.requestAll(version());
    }

    static CorruptDriveException tooDeep(long version) {
        return new CorruptDriveException(
                "The tree of version " + version + " of the hyperbee is deeper than " + MAX_DEPTH + " levels");
    }
}
