package org.datdot.drive;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a blob, or a part of it, block by block. At the first block that is not here it asks for the rest ahead: all of it
 * when the blocks are a run, the next 64 when they lie about.
 */
final class BlobInputStream extends InputStream {

    private static final int AHEAD_BLOCKS = 64;

    private final BlockLog log;
    private final @Nullable BlockMap map;
    private final long firstBlock;
    private final long blockCount;
    private long next;
    private long aheadUntil;
    private int skip;
    private long remaining;
    private final boolean toEnd;
    private byte[] block = {};
    private int position;
    private BlockLog.Prefetch prefetch = BlockLog.Prefetch.NONE;
    private boolean closed;

    private BlobInputStream(
            BlockLog log, BlobId id, @Nullable BlockMap map, long next, int skip, long remaining, boolean toEnd) {
        this.log = log;
        this.map = map;
        this.firstBlock = id.blockOffset();
        this.blockCount = map == null ? id.blockLength() : map.indexes().length;
        this.next = next;
        this.skip = skip;
        this.remaining = remaining;
        this.toEnd = toEnd;
    }

    static BlobInputStream whole(BlockLog log, BlobId id) {
        BlockMap map = id.blockMap() ? BlockMap.read(log, id) : null;
        long byteLength = map == null ? id.byteLength() : map.byteLength();
        return new BlobInputStream(log, id, map, 0, 0, byteLength, true);
    }

    static BlobInputStream range(BlockLog log, BlobId id, long start, long byteLength) {
        BlockMap map = id.blockMap() ? BlockMap.read(log, id) : null;
        long total = map == null ? id.byteLength() : map.byteLength();
        long from = Math.min(start, total);
        long length = Math.min(byteLength, total - from);
        if (length == 0) {
            return new BlobInputStream(log, id, map, 0, 0, 0, false);
        }
        Seek seek = map == null ? Seek.inRun(log, id, from) : Seek.inMap(map, from);
        return new BlobInputStream(log, id, map, seek.block(), seek.skip(), length, from + length == total);
    }

    /** Where a byte of a blob lies: the how-many-eth block, and bytes before it in there. */
    private record Seek(long block, int skip) {

        static Seek inMap(BlockMap map, long start) {
            long rest = start;
            int block = 0;
            while (rest >= map.byteLengths()[block]) {
                rest -= map.byteLengths()[block++];
            }
            return new Seek(block, (int) rest);
        }

        /**
         * Blocks are 64 KiB unless another program cut them otherwise. The tree knows the byte offset of every block that is
         * here, so a guess is checked and the search goes on between the bounds it gave.
         */
        static Seek inRun(BlockLog log, BlobId id, long start) {
            long low = 0;
            long high = id.blockLength();
            long guess = start / Hyperblobs.BLOCK_BYTES;
            while (low < high) {
                guess = Math.clamp(guess, low, high - 1);
                byte[] block = log.get(id.blockOffset() + guess);
                long blockStart = log.byteOffset(id.blockOffset() + guess) - id.byteOffset();
                if (start < blockStart) {
                    high = guess;
                } else if (start >= blockStart + block.length) {
                    low = guess + 1;
                } else {
                    return new Seek(guess, (int) (start - blockStart));
                }
                guess = (low + high) >>> 1;
            }
            throw new CorruptDriveException("Byte " + start + " of a blob at block " + id.blockOffset()
                    + " is in none of its " + id.blockLength() + " blocks");
        }
    }

    @Override
    public int read() throws IOException {
        return fill() ? block[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, block.length - position);
        System.arraycopy(block, position, target, offset, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, block.length - position + remaining);
    }

    @Override
    public void close() {
        closed = true;
        prefetch.close();
    }

    /** Makes at least one byte readable; false at the end. */
    private boolean fill() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
        while (position >= block.length) {
            if (remaining == 0) {
                requireEnd();
                return false;
            }
            if (next >= blockCount) {
                throw new CorruptDriveException(
                        "A blob at block " + firstBlock + " ends " + remaining + " bytes too early");
            }
            take();
        }
        return true;
    }

    private void take() {
        long index = index(next);
        if (!log.has(index)) {
            askAhead();
        }
        byte[] bytes = log.get(index);
        if (map != null && bytes.length != map.byteLengths()[(int) next]) {
            throw new CorruptDriveException("Block " + index + " has " + bytes.length + " bytes, the block map says "
                    + map.byteLengths()[(int) next]);
        }
        next++;
        position = Math.min(skip, bytes.length);
        skip -= position;
        if (bytes.length - position > remaining) {
            if (toEnd) {
                throw new CorruptDriveException("A blob at block " + firstBlock + " is longer than its id says");
            }
            bytes = Arrays.copyOf(bytes, position + (int) remaining);
        }
        remaining -= bytes.length - position;
        block = bytes;
    }

    private void requireEnd() {
        if (toEnd && next < blockCount) {
            throw new CorruptDriveException("A blob at block " + firstBlock + " has " + (blockCount - next)
                    + " blocks more than its bytes fill");
        }
    }

    private void askAhead() {
        if (next < aheadUntil || next + 1 == blockCount) {
            return;
        }
        prefetch.close();
        if (map == null) {
            aheadUntil = toEnd
                    ? blockCount
                    : Math.min(
                            blockCount,
                            next + (skip + remaining + Hyperblobs.BLOCK_BYTES - 1) / Hyperblobs.BLOCK_BYTES);
            prefetch = log.prefetch(firstBlock + next, firstBlock + aheadUntil);
            return;
        }
        aheadUntil = Math.min(blockCount, next + AHEAD_BLOCKS);
        long[] wanted = Arrays.copyOfRange(map.indexes(), (int) next, (int) aheadUntil);
        Arrays.sort(wanted);
        List<BlockLog.Prefetch> runs = new ArrayList<>();
        for (int start = 0, end; start < wanted.length; start = end) {
            end = start + 1;
            while (end < wanted.length && wanted[end] <= wanted[end - 1] + 1) {
                end++;
            }
            runs.add(log.prefetch(wanted[start], wanted[end - 1] + 1));
        }
        prefetch = () -> runs.forEach(BlockLog.Prefetch::close);
    }

    private long index(long block) {
        return map == null ? firstBlock + block : map.indexes()[(int) block];
    }
}
