package org.datdot.hypercore;

import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A log of blocks as one reads it: a core as it grows, a snapshot of it, or a session with appends of its own. Methods
 * that wait do so on the calling thread, which may be interrupted.
 */
public sealed interface BlockLog permits Hypercore, CoreSnapshot, CoreSession {

    /** Length in blocks. */
    long length();

    /** Length in bytes; without what encryption adds. */
    long byteLength();

    /** Fork number. */
    long fork();

    /** A block that is held here, null when it is not; never asks peers. */
    byte @Nullable [] local(long index);

    /**
     * A block, from here or from the first peer that has it; waits for as long as it takes.
     *
     * @throws BlockNotAvailableException when the waiting was interrupted
     */
    byte[] get(long index);

    /**
     * A block, from here or from the first peer that has it in the time given.
     *
     * @throws BlockNotAvailableException when it did not come in time, or the waiting was interrupted
     */
    byte[] get(long index, Duration timeout);

    /** A block as soon as it is here; cancelling the future ends the waiting. */
    CompletableFuture<byte[]> fetch(long index);

    /** Which block holds a byte, counted from the start; peers help where that is not known here. */
    CompletableFuture<BytePosition> seek(long byteOffset);

    /** All blocks there are now, in order. */
    default BlockStream blocks() {
        return blocks(0, length());
    }

    /** The blocks {@code [start, end)}, in order. */
    default BlockStream blocks(long start, long end) {
        return blocks(start, end, BlockStream.AHEAD);
    }

    /**
     * As {@link #blocks(long, long)}.
     *
     * @param aheadBlocks how many blocks are asked for at a time, of which those that have come wait in memory; at least 1
     */
    default BlockStream blocks(long start, long end, int aheadBlocks) {
        return new BlockStream(this, start, end, aheadBlocks);
    }

    /** All bytes there are now, one block after the other. */
    default InputStream bytes() {
        return bytes(0, byteLength());
    }

    /** The bytes {@code [start, end)}, counted over all blocks; only the blocks they are in are fetched. */
    default InputStream bytes(long start, long end) {
        return bytes(start, end, BlockStream.AHEAD);
    }

    /**
     * As {@link #bytes(long, long)}.
     *
     * @param aheadBlocks how many blocks are asked for at a time, of which those that have come wait in memory; at least 1
     */
    default InputStream bytes(long start, long end, int aheadBlocks) {
        return new BlockInput(this, start, end, aheadBlocks);
    }
}
