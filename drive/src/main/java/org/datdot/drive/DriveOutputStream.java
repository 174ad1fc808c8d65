package org.datdot.drive;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;

/**
 * Writes one file of a drive. The entry is put by {@link #finish}; closing before that leaves the drive's names as they
 * were. Holds the write lock of the drive's blobs; for one thread at a time.
 */
public final class DriveOutputStream extends OutputStream {

    private final BlobOutputStream blob;
    private final Consumer<BlobId> entry;

    DriveOutputStream(BlobOutputStream blob, Consumer<BlobId> entry) {
        this.blob = blob;
        this.entry = entry;
    }

    @Override
    public void write(int one) throws IOException {
        blob.write(one);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        blob.write(bytes, offset, length);
    }

    /** Writes these bytes as a block of their own. */
    public void writeBlock(byte[] bytes) throws IOException {
        blob.writeBlock(bytes);
    }

    /** Puts the file, durable when it returns, and closes the stream. */
    public BlobId finish() throws IOException {
        BlobId id = blob.finish();
        entry.accept(id);
        return id;
    }

    @Override
    public void close() {
        blob.close();
    }
}
