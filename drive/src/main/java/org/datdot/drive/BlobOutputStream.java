package org.datdot.drive;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes one blob (npm hyperblobs lib/streams.js, BlobWriteStream): cut into blocks of the blobs' block size, or where
 * {@link #writeBlock} says so. Deduplicating, it is cut where its content says so, and blocks the blob has already, or an
 * older one has, are written once; the id then stands for the list of them. The blob exists after {@link #finish}; closing
 * before that leaves blocks that nobody refers to. Holds the write lock of its {@link Hyperblobs}; for one thread at a time.
 */
public final class BlobOutputStream extends OutputStream {

    private final BlobWriter writer;
    private final @Nullable BlockIndex known;
    private final @Nullable ContentCuts cuts;
    private final byte[] block;
    private final long blockOffset;
    private final long byteOffset;
    private int filled;
    private @Nullable BlobId id;
    private boolean closed;

    BlobOutputStream(BlobWriter writer, int blockBytes, @Nullable BlockIndex known) {
        this.writer = writer;
        this.known = known;
        this.cuts = known == null ? null : new ContentCuts();
        this.block = new byte[known == null ? blockBytes : ContentCuts.MAX_BYTES];
        this.blockOffset = writer.nextBlock();
        this.byteOffset = writer.nextByte();
    }

    @Override
    public void write(int one) throws IOException {
        requireOpen();
        block[filled++] = (byte) one;
        if (cuts == null ? filled == block.length : cuts.cutAfter((byte) one)) {
            emit();
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        requireOpen();
        if (cuts != null) {
            for (int i = offset; i < offset + length; i++) {
                write(bytes[i]);
            }
            return;
        }
        for (int at = offset; at < offset + length; ) {
            int count = Math.min(block.length - filled, offset + length - at);
            System.arraycopy(bytes, at, block, filled, count);
            filled += count;
            at += count;
            if (filled == block.length) {
                emit();
            }
        }
    }

    /** Writes these bytes as a block of their own. */
    public void writeBlock(byte[] bytes) throws IOException {
        requireOpen();
        emit();
        add(bytes.clone());
    }

    private void emit() {
        if (filled > 0) {
            add(Arrays.copyOf(block, filled));
            filled = 0;
        }
        if (cuts != null) {
            cuts.restart();
        }
    }

    private void add(byte[] content) {
        if (known == null || known.add(content, writer.nextBlock())) {
            writer.add(content);
        }
    }

    /** Ends the blob, closes the stream and returns where the blob is; durable when it returns. */
    public BlobId finish() throws IOException {
        BlobId finished = end();
        writer.flush();
        close();
        return finished;
    }

    private BlobId end() throws IOException {
        BlobId ended = id;
        if (ended != null) {
            return ended;
        }
        requireOpen();
        emit();
        long firstBlock = blockOffset;
        long firstByte = byteOffset;
        if (known != null) {
            firstBlock = writer.nextBlock();
            firstByte = writer.nextByte();
            known.encode().forEach(writer::add);
        }
        ended = new BlobId(
                firstBlock, firstByte, writer.nextBlock() - firstBlock, writer.nextByte() - firstByte, known != null);
        id = ended;
        return ended;
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            writer.close();
        }
    }
}
