package org.datdot.hypercore;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Appends blocks one after the other without waiting for the disk each time: blocks are gathered into appends, several of
 * which are on their way at a time. What is not durable yet is bounded, by waiting for the oldest. One writer thread; other
 * appends to the core may come between. The counterpart of createWriteStream of npm hypercore lib/streams.js.
 */
public final class BlockWriter implements AutoCloseable {
    /** An append is made when so much has been gathered. */
    static final int APPEND_BYTES = 1 << 20;

    static final int APPEND_BLOCKS = 1024;
    /** How many appends may be on their way to the disk. */
    static final int MAX_PENDING = 8;

    private final Hypercore core;
    private final ArrayDeque<PendingAppend> pending = new ArrayDeque<>();
    private List<byte[]> gathered = new ArrayList<>();
    private long gatheredBytes;
    private boolean closed;

    private BlockWriter(Hypercore core) {
        this.core = core;
    }

    /**
     * Appends to a core by this handle of it, which stays the caller's.
     *
     * @throws IllegalStateException when the handle is read-only
     */
    public static BlockWriter of(Hypercore core) {
        core.requireChangeable();
        return new BlockWriter(core);
    }

    /**
     * Adds a block, which is not copied and must not change any more. Waits for the disk when too much is on its way.
     *
     * @throws IllegalArgumentException when the block is longer than {@link Hypercore#MAX_BLOCK_BYTES}; it is left out
     * @throws IllegalStateException when the writer is closed, or the core is somebody else's
     * @throws StorageException when blocks cannot be stored, this one or earlier ones; how many were is the core's length
     */
    public void write(byte[] block) {
        if (closed) throw new IllegalStateException("the writer is closed");
        CoreWriter.requireSizes(List.of(block), core.codec());
        gathered.add(block);
        gatheredBytes += block.length;
        if (gatheredBytes >= APPEND_BYTES || gathered.size() >= APPEND_BLOCKS) submit();
    }

    private void submit() {
        if (gathered.isEmpty()) return;
        List<byte[]> blocks = gathered;
        gathered = new ArrayList<>();
        gatheredBytes = 0;
        while (pending.size() >= MAX_PENDING) pending.remove().await();
        pending.add(core.submit(blocks));
    }

    /**
     * Waits until all blocks written so far are durable and part of the core.
     *
     * @return the core's length in blocks right behind the last of them, or as it is when there were none
     * @throws StorageException when blocks cannot be stored
     */
    public long flush() {
        submit();
        long length = core.length();
        while (!pending.isEmpty()) {
            PendingAppend next = pending.remove();
            next.await();
            length = next.length();
        }
        return length;
    }

    /** Flushes, and takes no more blocks. */
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        flush();
    }
}
