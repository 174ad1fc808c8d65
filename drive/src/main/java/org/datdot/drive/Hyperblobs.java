package org.datdot.drive;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Semaphore;
import org.datdot.hypercore.Hypercore;

/**
 * Files in a hypercore: each is a run of 64 KiB blocks (npm hyperblobs 2). Blobs with a block map, as stock writes them for
 * deduplicated files, are read too. For use by several threads; writers wait for each other.
 */
public final class Hyperblobs {

    /** Length of every block of a blob but the last, in bytes. */
    public static final int BLOCK_BYTES = 64 << 10;

    private final BlockLog log;
    private final Semaphore writing = new Semaphore(1, true);

    Hyperblobs(BlockLog log) {
        this.log = log;
    }

    /** The blobs in this core. */
    public static Hyperblobs of(Hypercore core) {
        return new Hyperblobs(new CoreLog(core));
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
        return new BlobWriter(log, writing::release);
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

    BlockLog log() {
        return log;
    }
}
