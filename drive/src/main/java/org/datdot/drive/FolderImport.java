package org.datdot.drive;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Puts a folder of the disk into a {@link Hyperdrive}. Files are streamed, in the order of their names; entries are written
 * in groups, each after its contents, so an import that is broken off leaves a readable drive and is continued by running
 * it again: files whose content is there already are skipped. Folders exist in a drive only by what is in them.
 *
 * <p>Symbolic links stay links; an absolute one into the folder becomes absolute in the drive, as npm localdrive does it.
 * Pipes, sockets and devices, and names that a drive cannot hold, are refused before anything is written.
 */
public final class FolderImport {

    private static final int MAX_GROUP_FILES = 1000;
    private static final long MAX_GROUP_BYTES = 64L << 20;
    private static final long PROGRESS_BYTES = 4L << 20;

    private final Path root;
    private final Hyperdrive drive;
    private final Options options;
    private final FolderProgress progress;

    private long totalFiles;
    private long totalBytes;
    private long files;
    private long bytes;
    private long reportedBytes;
    private long added;
    private long updated;
    private long unchanged;
    private long removed;

    private @Nullable DriveBatch group;
    private long groupBytes;

    /**
     * How to import.
     *
     * @param driveFolder where in the drive the folder's content goes; {@code "/"} for its root
     * @param mirrorDeletions whether entries of that folder that are not on the disk (any more) are removed
     * @param dryRun whether only to count what would be done
     * @param filter which paths of the drive are looked at, on the disk and in the drive
     */
    public record Options(String driveFolder, boolean mirrorDeletions, boolean dryRun, Predicate<String> filter) {

        /** Into the root, removing nothing. */
        public static final Options DEFAULT = new Options("/", false);

        /** Into the root, which is made equal to the folder. */
        public static final Options MIRROR = new Options("/", true);

        /** Everything of the folder, for good. */
        public Options(String driveFolder, boolean mirrorDeletions) {
            this(driveFolder, mirrorDeletions, false, path -> true);
        }

        /** Only counts. */
        public Options asDryRun() {
            return new Options(driveFolder, mirrorDeletions, true, filter);
        }

        public Options withFilter(Predicate<String> paths) {
            return new Options(driveFolder, mirrorDeletions, dryRun, paths);
        }
    }

    /**
     * What was done, counted in files and links.
     *
     * @param emptyFolders folders without anything in them, which a drive cannot hold
     * @param byteLength bytes of all files of the folder, also of the unchanged ones
     */
    public record Result(long added, long updated, long unchanged, long removed, long emptyFolders, long byteLength) {}

    private FolderImport(Path root, Hyperdrive drive, Options options, FolderProgress progress) {
        this.root = root;
        this.drive = drive;
        this.options = options;
        this.progress = progress;
    }

    /**
     * Imports the folder; durable when it returns.
     *
     * @throws FolderException when a file is refused, or changes or vanishes meanwhile; what is in the drive then is whole
     *     files, and importing again goes on from there
     * @throws IOException when a file cannot be read
     */
    public static Result run(Path folder, Hyperdrive drive, Options options, FolderProgress progress)
            throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new FolderException(
                    folder + " is not a folder that exists: name the folder whose content is to be imported.");
        }
        return new FolderImport(folder.toRealPath(), drive, options, progress).run();
    }

    private Result run() throws IOException {
        String prefix = DrivePath.folder(options.driveFolder);
        FolderWalk walk = new FolderWalk(root, prefix);
        walk.each(item -> {
            if (!options.filter.test(item.path())) {
                return;
            }
            totalFiles++;
            totalBytes += item.link() ? 0 : item.attributes().size();
        });
        walk.requireNoneRefused();
        Iterator<DriveEntry> existing = drive.list(options.driveFolder).iterator();
        Merge merge = new Merge(existing);
        try {
            walk.each(item -> {
                merge.removeBefore(item.path());
                DriveEntry old = merge.take(item.path());
                if (options.filter.test(item.path())) {
                    importItem(item, old);
                }
            });
            walk.requireNoneRefused();
            merge.removeBefore(null);
            flush();
        } finally {
            if (group != null) {
                group.close();
            }
        }
        return new Result(added, updated, unchanged, removed, walk.emptyFolders(), bytes);
    }

    /** Steps through the drive's old entries beside the walk, both being in the same order. */
    private final class Merge {
        private final Iterator<DriveEntry> existing;
        private @Nullable DriveEntry next;

        Merge(Iterator<DriveEntry> existing) {
            this.existing = existing;
            step();
        }

        private void step() {
            next = existing.hasNext() ? existing.next() : null;
        }

        void removeBefore(@Nullable String path) {
            DriveEntry entry = next;
            while (entry != null && (path == null || compare(entry.path(), path) < 0)) {
                if (options.mirrorDeletions && options.filter.test(entry.path())) {
                    removed++;
                    if (!options.dryRun) {
                        group(1).del(entry.path());
                    }
                }
                step();
                entry = next;
            }
        }

        @Nullable
        DriveEntry take(String path) {
            DriveEntry entry = next;
            if (entry == null || !entry.path().equals(path)) {
                return null;
            }
            step();
            return entry;
        }
    }

    private static int compare(String a, String b) {
        return Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    private void importItem(FolderWalk.Item item, @Nullable DriveEntry old) throws IOException {
        boolean same;
        try {
            same = item.link() ? importLink(item, old) : importFile(item, old);
        } catch (NoSuchFileException e) {
            throw FolderWalk.changed(item.file(), e);
        }
        if (same) {
            unchanged++;
        } else if (old == null) {
            added++;
        } else {
            updated++;
        }
        files++;
        report(true);
    }

    private boolean importLink(FolderWalk.Item item, @Nullable DriveEntry old) throws IOException {
        Path target = Files.readSymbolicLink(item.file());
        String linkname = target.toString();
        if (target.isAbsolute() && target.startsWith(root)) {
            linkname = DrivePath.folder(options.driveFolder) + "/" + root.relativize(target);
        }
        if (old != null && linkname.equals(old.linkname())) {
            return true;
        }
        if (!options.dryRun) {
            group(1).symlink(item.path(), linkname);
        }
        return false;
    }

    private boolean importFile(FolderWalk.Item item, @Nullable DriveEntry old) throws IOException {
        long size = item.attributes().size();
        BlobId oldBlob = old == null ? null : old.blob();
        if (old != null && oldBlob != null && old.linkname() == null && sameContent(item, oldBlob)) {
            bytes += size;
            if (old.executable() == item.executable()) {
                return true;
            }
            if (options.dryRun) {
                return false;
            }
            group(1).putEntry(item.path(), oldBlob, new PutOptions(item.executable(), old.metadata()));
            return false;
        }
        if (options.dryRun) {
            bytes += size;
            return false;
        }
        PutOptions put = new PutOptions(item.executable(), old == null ? null : old.metadata());
        DriveBatch batch = group(size);
        try (InputStream in = new Watched(item)) {
            batch.put(item.path(), in, put);
        }
        requireUnchanged(item);
        return false;
    }

    private boolean sameContent(FolderWalk.Item item, BlobId blob) throws IOException {
        long size = item.attributes().size();
        if (!blob.blockMap() && blob.byteLength() != size) {
            return false;
        }
        try (InputStream stored = drive.blobs().open(blob);
                InputStream onDisk = openFile(item.file())) {
            return FolderExport.sameContent(stored, onDisk);
        }
    }

    private static InputStream openFile(Path file) throws IOException {
        return Channels.newInputStream(FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    }

    private static void requireUnchanged(FolderWalk.Item item) throws IOException {
        BasicFileAttributes now = FolderWalk.attributes(item.file());
        BasicFileAttributes then = item.attributes();
        if (now.size() != then.size() || !now.lastModifiedTime().equals(then.lastModifiedTime())) {
            throw changed(item);
        }
    }

    private static FolderException changed(FolderWalk.Item item) {
        return new FolderException(
                item.file() + " changed while it was imported: import again when nothing writes to it.");
    }

    /** Counts what is read, and fails as soon as the file is not as long as it was when it was found. */
    private final class Watched extends FilterInputStream {
        private final FolderWalk.Item item;
        private long read;

        Watched(FolderWalk.Item item) throws IOException {
            super(openFile(item.file()));
            this.item = item;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, length);
            long size = item.attributes().size();
            if (count < 0 ? read != size : read + count > size) {
                throw changed(item);
            }
            if (count > 0) {
                read += count;
                bytes += count;
                report(false);
            }
            return count;
        }
    }

    private DriveBatch group(long byteLength) throws DriveException {
        DriveBatch open = group;
        if (open != null && (open.length() >= MAX_GROUP_FILES || groupBytes >= MAX_GROUP_BYTES)) {
            flush();
            open = null;
        }
        if (open == null) {
            open = drive.batch();
            group = open;
            groupBytes = 0;
        }
        groupBytes += byteLength;
        return open;
    }

    private void flush() {
        DriveBatch open = group;
        if (open != null) {
            group = null;
            open.flush();
        }
    }

    private void report(boolean fileDone) {
        if (fileDone || bytes - reportedBytes >= PROGRESS_BYTES) {
            reportedBytes = bytes;
            progress.at(files, totalFiles, bytes, totalBytes);
        }
    }
}
