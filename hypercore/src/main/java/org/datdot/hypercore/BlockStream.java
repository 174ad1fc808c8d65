package org.datdot.hypercore;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of a log in order, the next ones asked for ahead. {@link #next()} waits until its block is here; interrupting the
 * thread or closing the stream from another one ends that. A live stream has no end: it waits for the log to grow. One
 * reader. Source of the rules: npm hypercore lib/streams.js.
 */
public final class BlockStream implements Iterator<byte[]>, AutoCloseable {
    /** How many blocks are asked for ahead when nobody says otherwise (stock: 32). */
    static final int AHEAD = 32;

    private final BlockLog log;
    private final long end;
    private final @Nullable Growth growth;
    private final int aheadBlocks;
    private final ArrayDeque<CompletableFuture<byte[]>> ahead = new ArrayDeque<>();
    private long asked;
    private long given;
    private volatile boolean closed;
    private volatile @Nullable CompletableFuture<byte[]> waitingFor;

    BlockStream(BlockLog log, long start, long end, int aheadBlocks) {
        if (start < 0 || end < start) throw new IllegalArgumentException("blocks " + start + " to " + end);
        if (aheadBlocks < 1) throw new IllegalArgumentException(aheadBlocks + " blocks ahead");
        this.log = log;
        this.end = end;
        this.aheadBlocks = aheadBlocks;
        this.growth = null;
        this.asked = start;
        this.given = start;
    }

    private BlockStream(Hypercore core, long start) {
        if (start < 0) throw new IllegalArgumentException("blocks from " + start);
        this.log = core;
        this.end = Long.MAX_VALUE;
        this.aheadBlocks = AHEAD;
        this.growth = new Growth(core.state());
        this.asked = start;
        this.given = start;
    }

    static BlockStream live(Hypercore core, long start) {
        return new BlockStream(core, start);
    }

    /** Index of the block that {@link #next()} gives. */
    public long position() {
        return given;
    }

    /**
     * Whether there is another block; on a live stream it waits for one.
     *
     * @throws BlockNotAvailableException when the waiting was interrupted
     */
    @Override
    public boolean hasNext() {
        if (closed || given >= end) return false;
        Growth live = growth;
        if (live == null || given < log.length()) return true;
        try {
            return live.awaitBeyond(given) && !closed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BlockNotAvailableException("interrupted while waiting for block " + given);
        }
    }

    /**
     * The next block.
     *
     * @throws BlockNotAvailableException when the waiting was interrupted or the stream was closed meanwhile
     */
    @Override
    public byte[] next() {
        if (!hasNext()) throw new NoSuchElementException("no block " + given);
        long until = Math.min(growth == null ? end : log.length(), given + aheadBlocks);
        for (asked = Math.max(asked, given); asked < until; asked++) ahead.add(log.fetch(asked));
        CompletableFuture<byte[]> future = ahead.remove();
        waitingFor = future;
        try {
            if (closed) future.cancel(false);
            byte[] block = future.get();
            given++;
            return block;
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new BlockNotAvailableException("interrupted while waiting for block " + given);
        } catch (CancellationException e) {
            BlockNotAvailableException over =
                    new BlockNotAvailableException("the stream was closed while waiting for block " + given);
            over.initCause(e);
            throw over;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StorageException failure) {
                throw new StorageException(failure.kind(), String.valueOf(failure.getMessage()), e);
            }
            if (e.getCause() instanceof BlockNotAvailableException gone) throw gone;
            throw new IllegalStateException("fetching block " + given + " failed", e);
        } finally {
            waitingFor = null;
            if (closed) dropAhead();
        }
    }

    private void dropAhead() {
        for (CompletableFuture<byte[]> each : ahead) each.cancel(false);
        ahead.clear();
    }

    /** Ends the stream; what was asked for ahead is called off. May be called from any thread. */
    @Override
    public void close() {
        closed = true;
        CompletableFuture<byte[]> future = waitingFor;
        if (future != null) future.cancel(false);
        else dropAhead();
        Growth live = growth;
        if (live != null) live.close();
    }
}
