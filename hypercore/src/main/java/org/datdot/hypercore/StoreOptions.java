package org.datdot.hypercore;

import java.time.InstantSource;
import java.util.Arrays;
import org.datdot.crypto.Entropy;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Corestore} is opened. Immutable; start from {@link #defaults()}.
 */
public final class StoreOptions {
    private static final int DEFAULT_WRITE_BUFFER_BYTES = 8 << 20;

    private final boolean sync;
    private final boolean allowMoved;
    private final int writeBufferBytes;
    private final boolean checkReads;
    private final long cacheBytes;
    private final Entropy entropy;
    private final byte @Nullable [] primaryKey;
    private final boolean writable;
    private final boolean active;
    private final InstantSource clock;

    private StoreOptions(
            boolean sync,
            boolean allowMoved,
            int writeBufferBytes,
            boolean checkReads,
            long cacheBytes,
            Entropy entropy,
            byte @Nullable [] primaryKey,
            boolean writable,
            boolean active,
            InstantSource clock) {
        this.sync = sync;
        this.allowMoved = allowMoved;
        this.writeBufferBytes = writeBufferBytes;
        this.checkReads = checkReads;
        this.cacheBytes = cacheBytes;
        this.entropy = entropy;
        this.primaryKey = primaryKey;
        this.writable = writable;
        this.active = active;
        this.clock = clock;
    }

    /** Durable commits, 8 MiB write buffers, a random primary key for a new store. */
    public static StoreOptions defaults() {
        return new StoreOptions(
                true,
                false,
                DEFAULT_WRITE_BUFFER_BYTES,
                true,
                0,
                Entropy.system(),
                null,
                true,
                true,
                InstantSource.system());
    }

    /** Whether a commit waits for the disk (default). Without it a power cut may lose the newest appends. */
    public StoreOptions sync(boolean value) {
        return new StoreOptions(
                value,
                allowMoved,
                writeBufferBytes,
                checkReads,
                cacheBytes,
                entropy,
                primaryKey,
                writable,
                active,
                clock);
    }

    /**
     * Whether to accept a directory that was copied or moved since it was last open. Only safe when the original is never
     * opened again: two copies that both append to a core make it unusable.
     */
    public StoreOptions allowMoved(boolean value) {
        return new StoreOptions(
                sync, value, writeBufferBytes, checkReads, cacheBytes, entropy, primaryKey, writable, active, clock);
    }

    /** Bytes of blocks kept in memory before they go to data files; up to four such buffers exist while writing fast. */
    public StoreOptions writeBufferBytes(int value) {
        if (value < 1 << 20) throw new IllegalArgumentException("write buffers below 1 MiB: " + value);
        return new StoreOptions(
                sync, allowMoved, value, checkReads, cacheBytes, entropy, primaryKey, writable, active, clock);
    }

    /**
     * Whether a block's checksum is compared when it is read (default). It takes about as long as all else of reading a large
     * block. Without it a damaged disk is noticed by whoever compares the block with the core's tree: every peer that is
     * served does, and {@link Corestore#audit}.
     */
    public StoreOptions checkReads(boolean value) {
        return new StoreOptions(
                sync, allowMoved, writeBufferBytes, value, cacheBytes, entropy, primaryKey, writable, active, clock);
    }

    /**
     * Bytes of a cache of this store's own for what is read from the database: tree nodes, bitfields and small blocks (blocks
     * of 4 KiB and more are in files that only the operating system caches). Without it the store shares one cache of 32 MiB
     * with the other stores of the process; a store that serves many cores at random gains from more.
     */
    public StoreOptions cacheBytes(long value) {
        if (value < 1 << 20) throw new IllegalArgumentException("a cache below 1 MiB: " + value);
        return new StoreOptions(
                sync, allowMoved, writeBufferBytes, checkReads, value, entropy, primaryKey, writable, active, clock);
    }

    /** Where a new store's primary key comes from. */
    public StoreOptions entropy(Entropy value) {
        return new StoreOptions(
                sync, allowMoved, writeBufferBytes, checkReads, cacheBytes, value, primaryKey, writable, active, clock);
    }

    /** The 32-byte seed all writable cores are derived from; a store that holds another one is refused. */
    public StoreOptions primaryKey(byte[] value) {
        if (value.length != 32) throw new IllegalArgumentException("a primary key has 32 bytes, not " + value.length);
        return new StoreOptions(
                sync,
                allowMoved,
                writeBufferBytes,
                checkReads,
                cacheBytes,
                entropy,
                value.clone(),
                writable,
                active,
                clock);
    }

    /** Whether handles may append and truncate (default); without it all of them are as {@link Hypercore#readOnly}. */
    public StoreOptions writable(boolean value) {
        return new StoreOptions(
                sync, allowMoved, writeBufferBytes, checkReads, cacheBytes, entropy, primaryKey, value, active, clock);
    }

    /**
     * Whether cores with open handles are brought to every connection (default). Without it only those which the peer asks
     * for are replicated.
     */
    public StoreOptions active(boolean value) {
        return new StoreOptions(
                sync,
                allowMoved,
                writeBufferBytes,
                checkReads,
                cacheBytes,
                entropy,
                primaryKey,
                writable,
                value,
                clock);
    }

    /** What time it is; only the lists of updates of groups of cores ask. */
    public StoreOptions clock(InstantSource value) {
        return new StoreOptions(
                sync,
                allowMoved,
                writeBufferBytes,
                checkReads,
                cacheBytes,
                entropy,
                primaryKey,
                writable,
                active,
                value);
    }

    InstantSource clock() {
        return clock;
    }

    boolean writable() {
        return writable;
    }

    boolean active() {
        return active;
    }

    boolean sync() {
        return sync;
    }

    boolean allowMoved() {
        return allowMoved;
    }

    int writeBufferBytes() {
        return writeBufferBytes;
    }

    boolean checkReads() {
        return checkReads;
    }

    /** 0 for the cache that the stores of the process share. */
    long cacheBytes() {
        return cacheBytes;
    }

    Entropy entropy() {
        return entropy;
    }

    byte @Nullable [] primaryKey() {
        return primaryKey == null ? null : Arrays.copyOf(primaryKey, primaryKey.length);
    }
}
