package org.datdot.drive;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Several changes of a drive that appear together: contents go into the blobs core in few appends, and {@link #flush}
 * appends all entries at once after them, so no entry ever points at content that is not there. Holds the drive's write
 * locks until flushed or closed; for one thread at a time.
 */
public final class DriveBatch implements AutoCloseable {

    private final Hyperblobs reader;
    private final BlobWriter blobs;
    private final BeeBatch entries;

    DriveBatch(Hyperblobs reader, BlobWriter blobs, BeeBatch entries) {
        this.reader = reader;
        this.blobs = blobs;
        this.entries = entries;
    }

    /** Puts a file, whatever its length; the stream is left open. */
    public BlobId put(String path, InputStream content, PutOptions options) throws IOException {
        byte[] key = DriveNames.key(DrivePath.of(path));
        BlobId blob = blobs.write(content);
        entries.put(key, DriveEntry.encode(options.executable(), null, blob, options.metadata()));
        return blob;
    }

    /** Puts an entry for content that is in the blobs core already (or for none). */
    public void putEntry(String path, @Nullable BlobId blob, PutOptions options) {
        entries.put(
                DriveNames.key(DrivePath.of(path)),
                DriveEntry.encode(options.executable(), null, blob, options.metadata()));
    }

    /** Puts a symbolic link; the target is text, not checked. */
    public void symlink(String path, String target) {
        symlink(path, target, null);
    }

    /** Puts a symbolic link with metadata. */
    public void symlink(String path, String target, @Nullable JsonNode metadata) {
        entries.put(DriveNames.key(DrivePath.of(path)), DriveEntry.encode(false, target, null, metadata));
    }

    /** Removes an entry; false when there is none. */
    public boolean del(String path) {
        return entries.del(DriveNames.key(DrivePath.of(path)));
    }

    /** The entry of a path as of this batch's changes so far, or null; a symbolic link is not followed. */
    public @Nullable DriveEntry entry(String path) {
        String name = DrivePath.of(path);
        BeeEntry found = entries.get(DriveNames.key(name));
        return found == null ? null : DriveEntry.decode(name, found);
    }

    /** The content of a file as of this batch's changes so far, in memory; null when there is none, or it is a link. */
    public byte @Nullable [] get(String path) {
        DriveEntry entry = entry(path);
        if (entry == null || entry.blob() == null) {
            return null;
        }
        return entry.blob().blockMap() ? reader.get(entry.blob()) : blobs.get(entry.blob());
    }

    /** The entries below a folder as of this batch's changes so far. */
    public Iterable<DriveEntry> list(String folder) {
        BeeRange range = DriveNames.below(DrivePath.folder(folder));
        return () -> DriveNames.entries(entries.iterator(range), DriveNames.NOTHING);
    }

    /** How many entries {@link #flush} will write. */
    public int length() {
        return entries.length();
    }

    /** Writes everything, durable when it returns, and closes the batch. */
    public void flush() {
        try (this) {
            BlockLog.Pending content = blobs.submit();
            try {
                entries.flush();
            } finally {
                content.await();
            }
        }
    }

    /** Lets other writers in; what was not flushed is dropped. */
    @Override
    public void close() {
        blobs.close();
        entries.close();
    }
}
