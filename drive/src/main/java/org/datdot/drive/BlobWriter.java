package org.datdot.drive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Appends blobs, many small or a few big ones, in few appends: blocks are collected up to 4 MiB or 1,024 of them. A blob is
 * durable only after {@link #flush}. Holds the write lock of its {@link Hyperblobs} until closed; for one thread at a time.
 */
public final class BlobWriter implements AutoCloseable {

    private static final int MAX_PENDING_BYTES = 4 << 20;
    private static final int MAX_PENDING_BLOCKS = 1024;

    private final BlockLog log;
    private final int blockBytes;
    private final Runnable release;
    private List<byte[]> pending = new ArrayList<>();
    private long pendingBytes;
    private long nextBlock;
    private long nextByte;
    private byte @Nullable [] scratch;
    private boolean closed;

    BlobWriter(BlockLog log, int blockBytes, Runnable release) {
        this.log = log;
        this.blockBytes = blockBytes;
        this.release = release;
        this.nextBlock = log.length();
        this.nextByte = log.byteLength();
    }

    /**
     * Writes what the stream holds, in memory of a few MiB whatever its length; the stream is left open.
     *
     * @throws IOException when the stream fails; blocks already appended stay, referred to by nobody
     */
    public BlobId write(InputStream content) throws IOException {
        requireOpen();
        long blockOffset = nextBlock;
        long byteOffset = nextByte;
        int filled;
        do {
            byte[] block = scratch == null ? new byte[blockBytes] : scratch;
            scratch = block;
            filled = content.readNBytes(block, 0, block.length);
            if (filled == block.length) {
                scratch = null;
                add(block);
            } else if (filled > 0) {
                add(Arrays.copyOf(block, filled));
            }
        } while (filled == blockBytes);
        return new BlobId(blockOffset, byteOffset, nextBlock - blockOffset, nextByte - byteOffset, false);
    }

    /** Writes these bytes; they are copied. */
    public BlobId write(byte[] content) {
        requireOpen();
        long blockOffset = nextBlock;
        long byteOffset = nextByte;
        for (int at = 0; at < content.length; ) {
            int end = at + Math.min(blockBytes, content.length - at);
            add(Arrays.copyOfRange(content, at, end));
            at = end;
        }
        return new BlobId(blockOffset, byteOffset, nextBlock - blockOffset, content.length, false);
    }

    long nextBlock() {
        return nextBlock;
    }

    long nextByte() {
        return nextByte;
    }

    /** The content of a blob of this writer, also when it is not flushed yet; in memory. */
    public byte[] get(BlobId id) {
        requireOpen();
        long flushed = nextBlock - pending.size();
        ByteArrayOutputStream content = new ByteArrayOutputStream((int) Math.min(id.byteLength(), MAX_PENDING_BYTES));
        for (long i = id.blockOffset(); i < id.blockEnd(); i++) {
            if (i >= nextBlock) {
                throw new DriveException("Block " + i + " is not written yet: the blob is not one of these blobs.");
            }
            content.writeBytes(i < flushed ? log.get(i) : pending.get((int) (i - flushed)));
        }
        return content.toByteArray();
    }

    void add(byte[] block) {
        requireOpen();
        pending.add(block);
        pendingBytes += block.length;
        nextBlock++;
        nextByte += block.length;
        if (pendingBytes >= MAX_PENDING_BYTES || pending.size() >= MAX_PENDING_BLOCKS) {
            flush();
        }
    }

    /** Appends what is pending; everything written so far is durable when this returns. */
    public void flush() {
        submit().await();
    }

    /**
     * Appends what is pending without waiting for it; what is returned has to be waited for before anything else is written
     * here.
     */
    BlockLog.Pending submit() {
        requireOpen();
        if (pending.isEmpty()) {
            return BlockLog.Pending.NONE;
        }
        if (log.length() != nextBlock - pending.size()) {
            throw new DriveException(
                    "The blobs core was appended to beside this writer: the blobs since the last flush are "
                            + "lost. Write to it through one Hyperblobs object only.");
        }
        List<byte[]> blocks = pending;
        pending = new ArrayList<>();
        pendingBytes = 0;
        return log.submit(blocks);
    }

    /** Lets other writers in; what is pending is dropped. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            pending.clear();
            release.run();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the writer is closed: open another one");
        }
    }
}
