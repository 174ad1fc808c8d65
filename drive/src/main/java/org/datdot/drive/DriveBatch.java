package org.datdot.drive;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Several changes of a drive that appear together: contents go into the blobs core in few appends, and {@link #flush}
 * appends all entries at once after them, so no entry ever points at content that is not there. Holds the drive's write
 * locks until flushed or closed; for one thread at a time.
 */
public final class DriveBatch implements AutoCloseable {

    private final BlobWriter blobs;
    private final BeeBatch entries;

    DriveBatch(BlobWriter blobs, BeeBatch entries) {
        this.blobs = blobs;
        this.entries = entries;
    }

    /** Puts a file, whatever its length; the stream is left open. */
    public BlobId put(String path, InputStream content, PutOptions options) throws IOException {
        byte[] key = Hyperdrive.key(DrivePath.of(path));
        BlobId blob = blobs.write(content);
        entries.put(key, DriveEntry.encode(options.executable(), null, blob, options.metadata()));
        return blob;
    }

    /** Puts an entry for content that is in the blobs core already (or for none). */
    public void putEntry(String path, @Nullable BlobId blob, PutOptions options) {
        entries.put(
                Hyperdrive.key(DrivePath.of(path)),
                DriveEntry.encode(options.executable(), null, blob, options.metadata()));
    }

    /** Puts a symbolic link; the target is text, not checked. */
    public void symlink(String path, String target) {
        entries.put(Hyperdrive.key(DrivePath.of(path)), DriveEntry.encode(false, target, null, null));
    }

    /** Removes an entry; false when there is none. */
    public boolean del(String path) {
        return entries.del(Hyperdrive.key(DrivePath.of(path)));
    }

    /** How many entries {@link #flush} will write. */
    public int length() {
        return entries.length();
    }

    /** Writes everything, durable when it returns, and closes the batch. */
    public void flush() {
        try (this) {
            blobs.flush();
            entries.flush();
        }
    }

    /** Lets other writers in; what was not flushed is dropped. */
    @Override
    public void close() {
        blobs.close();
        entries.close();
    }
}
