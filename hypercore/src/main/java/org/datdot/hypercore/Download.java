package org.datdot.hypercore;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A selection of blocks being fetched from peers. It goes on until all blocks are committed here, it is closed, or the core
 * can no longer store anything. Thread-safe.
 */
public final class Download implements AutoCloseable {
    /** End of a download that follows the core for as long as it grows. */
    public static final long LIVE = Long.MAX_VALUE;

    private final BlockScheduler scheduler;
    private final BlockSelection selection;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    /** The first block not held yet; guarded by the core's lock. */
    long lowest;

    /** Before this, a peer has nothing left to be asked for; guarded by the core's lock. */
    final Map<ReplicatorPeer, Long> cursors = new HashMap<>();

    Download(BlockScheduler scheduler, BlockSelection selection) {
        this.scheduler = scheduler;
        this.selection = selection;
        this.lowest = selection.start();
    }

    BlockSelection selection() {
        return selection;
    }

    /** First block. */
    public long start() {
        return selection.start();
    }

    /** One behind the last block, or {@link #LIVE}. */
    public long end() {
        return selection.end();
    }

    /**
     * Completes when all blocks are held, with a {@link StorageException} when they cannot be stored, and as cancelled
     * when the download or the core is closed. Runs dependents on a thread of their own.
     */
    public CompletableFuture<Void> done() {
        return done;
    }

    /** How many of the blocks are held by now. */
    public long heldBlocks() {
        return scheduler.held(this);
    }

    /** How many blocks are selected; for a live download up to the core's current length. */
    public long lengthBlocks() {
        return scheduler.length(this);
    }

    /** Stops asking for blocks; what was asked already may still arrive and is kept. */
    @Override
    public void close() {
        scheduler.remove(this);
        done.cancel(false);
    }
}
