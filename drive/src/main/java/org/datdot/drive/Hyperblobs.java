package org.datdot.drive;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import org.datdot.hypercore.Hypercore;
import org.jspecify.annotations.Nullable;

/**
 * Files in a hypercore: each is a run of 64 KiB blocks (npm hyperblobs 2), or of another size if asked for. Deduplicated
 * ones are a list of blocks, the block map. For use by several threads; writers wait for each other.
 */
public final class Hyperblobs implements AutoCloseable {

    /** Length of every block of a blob but the last, in bytes, unless another is chosen. */
    public static final int BLOCK_BYTES = 64 << 10;

    /** What fits into one message between peers, with its proof. */
    private static final int MAX_BLOCK_BYTES = 8 << 20;

    private final BlockLog log;
    private final Semaphore writing;
    private final int blockBytes;

    Hyperblobs(BlockLog log) {
        this(log, new Semaphore(1, true), BLOCK_BYTES);
    }

    private Hyperblobs(BlockLog log, Semaphore writing, int blockBytes) {
        this.log = log;
        this.writing = writing;
        this.blockBytes = blockBytes;
    }

    /** The blobs in this core. */
    public static Hyperblobs of(Hypercore core) {
        return new Hyperblobs(new CoreLog(core));
    }

    /** The same blobs, written from now on in blocks of this many bytes. */
    public Hyperblobs withBlockBytes(int bytes) {
        if (bytes < 1 || bytes > MAX_BLOCK_BYTES) {
            throw new IllegalArgumentException("blocks have 1 to " + MAX_BLOCK_BYTES + " bytes, not " + bytes);
        }
        return new Hyperblobs(log, writing, bytes);
    }

    /** The same blobs; reads wait for a block at most this long, and for none when it is zero. */
    public Hyperblobs within(Duration patience) {
        return new Hyperblobs(log.within(patience), writing, blockBytes);
    }

    /**
     * The blobs as they are now, for reading: what is dropped or cut off afterwards stays readable there. Must be closed,
     * it keeps deleted blocks on disk.
     */
    public Hyperblobs snapshot() {
        return new Hyperblobs(log.snapshot(), writing, blockBytes);
    }

    /** Counts from now on what of a blob goes to and from peers; of one with a block map the map alone. */
    public TransferMonitor monitor(BlobId id) {
        return TransferMonitor.of(id, System::nanoTime, log);
    }

    /** Gives back what a {@link #snapshot} holds; other blobs go on, their core is closed by itself. */
    @Override
    public void close() {
        log.close();
    }

    /** Writes what the stream holds, in constant memory; durable when it returns. The stream is left open. */
    public BlobId put(InputStream content) throws IOException {
        try (BlobWriter writer = writer()) {
            BlobId id = writer.write(content);
            writer.flush();
            return id;
        }
    }

    /** As {@link #put(InputStream)}. */
    public BlobId put(byte[] content) {
        try (BlobWriter writer = writer()) {
            BlobId id = writer.write(content);
            writer.flush();
            return id;
        }
    }

    /** For many blobs in few appends; waits until no other writer is open, and must be closed. */
    public BlobWriter writer() {
        if (!log.writable()) {
            throw new DriveException("These blobs are read-only here: the store does not hold the secret key.");
        }
        try {
            writing.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DriveException("Interrupted while waiting for another write of blobs", e);
        }
        return new BlobWriter(log, blockBytes, writing::release);
    }

    /** A stream to write one blob by; waits until no other writer is open, and must be finished or closed. */
    public BlobOutputStream outputStream() {
        return new BlobOutputStream(writer(), blockBytes, null);
    }

    /**
     * A stream to write one blob by, whose blocks are stored once however often they occur in it or in an older blob, which
     * is read for that. As {@link #outputStream}.
     */
    public BlobOutputStream deduplicating(@Nullable BlobId older) {
        BlockIndex known = new BlockIndex();
        if (older != null) {
            known.learn(log, older);
        }
        return new BlobOutputStream(writer(), blockBytes, known);
    }

    /**
     * Drops the blob's blocks here; its hashes stay, and peers may supply it again. Blocks that deduplicated blobs share
     * are dropped for all of them. Returns how many were here.
     */
    public long clear(BlobId id) {
        long cleared = 0;
        if (id.blockMap() && holds(id.blockOffset(), id.blockEnd())) {
            for (long index : BlockMap.read(log, id).indexes()) {
                cleared += log.clear(index, index + 1);
            }
        }
        return cleared + log.clear(id.blockOffset(), id.blockEnd());
    }

    /** Whether all blocks of the blob are here. */
    public boolean has(BlobId id) {
        if (!holds(id.blockOffset(), id.blockEnd())) {
            return false;
        }
        return !id.blockMap() || Arrays.stream(BlockMap.read(log, id).indexes()).allMatch(log::has);
    }

    private boolean holds(long start, long end) {
        for (long i = start; i < end; i++) {
            if (!log.has(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The whole blob in memory; {@link #open} for one that may be big.
     *
     * @throws DriveException when it does not fit into an array
     */
    public byte[] get(BlobId id) {
        if (id.byteLength() > Integer.MAX_VALUE - 16) {
            throw new DriveException(
                    "A blob of " + id.byteLength() + " bytes does not fit into memory: read it as a stream.");
        }
        try (InputStream in = open(id)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new DriveException("The blob cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * The content as a stream; blocks that are not here are asked from peers ahead of the reading. It throws
     * {@link CorruptDriveException} when the blocks do not add up to the length of the id.
     */
    public InputStream open(BlobId id) {
        return BlobInputStream.whole(log, id);
    }

    /** {@code byteLength} bytes from the {@code start}-th on, fewer when the blob ends before. */
    public InputStream open(BlobId id, long start, long byteLength) {
        if (start < 0 || byteLength < 0) {
            throw new IllegalArgumentException(
                    "start and byteLength must not be negative: " + start + ", " + byteLength);
        }
        return BlobInputStream.range(log, id, start, byteLength);
    }

    /** Length of the content in bytes; for a blob with a block map this reads the map. */
    public long byteLength(BlobId id) {
        return id.blockMap() ? BlockMap.read(log, id).byteLength() : id.byteLength();
    }

    /** Adds the blocks of a blob, which for one with a block map are read. */
    void ranges(BlobId id, BlobRanges ranges) {
        ranges.add(id);
        if (id.blockMap()) {
            for (long index : BlockMap.read(log, id).indexes()) {
                ranges.add(index, index + 1);
            }
        }
    }

    BlockLog log() {
        return log;
    }
}
