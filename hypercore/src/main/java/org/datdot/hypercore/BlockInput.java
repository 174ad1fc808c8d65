package org.datdot.hypercore;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** The bytes of a log as a stream. */
final class BlockInput extends InputStream {
    private final BlockLog log;
    private final long start;
    private final int aheadBlocks;
    private long left;
    private @Nullable BlockStream blocks;
    private byte[] block = new byte[0];
    private int at;
    private volatile boolean closed;

    BlockInput(BlockLog log, long start, long end, int aheadBlocks) {
        if (start < 0 || end < start || end > log.byteLength()) {
            throw new IllegalArgumentException("bytes " + start + " to " + end + " of " + log.byteLength());
        }
        if (aheadBlocks < 1) throw new IllegalArgumentException(aheadBlocks + " blocks ahead");
        this.log = log;
        this.aheadBlocks = aheadBlocks;
        this.start = start;
        this.left = end - start;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (closed) throw new IOException("the stream is closed");
        if (length == 0) return 0;
        if (left == 0) return -1;
        try {
            while (at == block.length) {
                BlockStream from = open();
                block = from.next();
                at = Math.min(skip, block.length);
                skip = 0;
            }
        } catch (BlockNotAvailableException e) {
            InterruptedIOException stopped = new InterruptedIOException(e.getMessage());
            stopped.initCause(e);
            throw stopped;
        } catch (StorageException e) {
            throw new IOException("the core cannot be read", e);
        }
        int count = (int) Math.min(Math.min(length, block.length - at), left);
        System.arraycopy(block, at, into, offset, count);
        at += count;
        left -= count;
        return count;
    }

    /** Bytes of the first block before those asked for. */
    private int skip;

    private BlockStream open() throws IOException {
        BlockStream open = blocks;
        if (open != null) return open;
        BytePosition from = position();
        skip = (int) from.offset();
        BlockStream fresh = new BlockStream(log, from.index(), log.length(), aheadBlocks);
        blocks = fresh;
        return fresh;
    }

    private BytePosition position() throws IOException {
        try {
            return log.seek(start).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while looking for byte " + start);
        } catch (ExecutionException e) {
            throw new IOException("byte " + start + " cannot be found", e);
        }
    }

    @Override
    public int available() {
        return (int) Math.min(left, block.length - at);
    }

    @Override
    public void close() {
        closed = true;
        BlockStream open = blocks;
        if (open != null) open.close();
    }
}
