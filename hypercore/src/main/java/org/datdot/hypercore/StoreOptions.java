package org.datdot.hypercore;

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
    private final Entropy entropy;
    private final byte @Nullable [] primaryKey;

    private StoreOptions(
            boolean sync, boolean allowMoved, int writeBufferBytes, Entropy entropy, byte @Nullable [] primaryKey) {
        this.sync = sync;
        this.allowMoved = allowMoved;
        this.writeBufferBytes = writeBufferBytes;
        this.entropy = entropy;
        this.primaryKey = primaryKey;
    }

    /** Durable commits, 8 MiB write buffers, a random primary key for a new store. */
    public static StoreOptions defaults() {
        return new StoreOptions(true, false, DEFAULT_WRITE_BUFFER_BYTES, Entropy.system(), null);
    }

    /** Whether a commit waits for the disk (default). Without it a power cut may lose the newest appends. */
    public StoreOptions sync(boolean value) {
        return new StoreOptions(value, allowMoved, writeBufferBytes, entropy, primaryKey);
    }

    /**
     * Whether to accept a directory that was copied or moved since it was last open. Only safe when the original is never
     * opened again: two copies that both append to a core make it unusable.
     */
    public StoreOptions allowMoved(boolean value) {
        return new StoreOptions(sync, value, writeBufferBytes, entropy, primaryKey);
    }

    /** Bytes of blocks kept in memory before they go to data files; up to four such buffers exist while writing fast. */
    public StoreOptions writeBufferBytes(int value) {
        if (value < 1 << 20) throw new IllegalArgumentException("write buffers below 1 MiB: " + value);
        return new StoreOptions(sync, allowMoved, value, entropy, primaryKey);
    }

    /** Where a new store's primary key comes from. */
    public StoreOptions entropy(Entropy value) {
        return new StoreOptions(sync, allowMoved, writeBufferBytes, value, primaryKey);
    }

    /** The 32-byte seed all writable cores are derived from; a store that holds another one is refused. */
    public StoreOptions primaryKey(byte[] value) {
        if (value.length != 32) throw new IllegalArgumentException("a primary key has 32 bytes, not " + value.length);
        return new StoreOptions(sync, allowMoved, writeBufferBytes, entropy, value.clone());
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

    Entropy entropy() {
        return entropy;
    }

    byte @Nullable [] primaryKey() {
        return primaryKey == null ? null : Arrays.copyOf(primaryKey, primaryKey.length);
    }
}
