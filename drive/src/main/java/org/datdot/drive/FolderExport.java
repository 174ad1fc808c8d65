package org.datdot.drive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Writes the files of a {@link Hyperdrive} into a folder of the disk. The drive may be anybody's: no entry is written outside
 * of the destination, whatever its name, and no link is made that leads out of it. Every file is written under a temporary
 * name and renamed when all its bytes are there, so a broken off export leaves whole files. Contents come from peers when
 * they are not here. Links are made last, relative ones; an absolute target is one from the drive's root, as for stock.
 */
public final class FolderExport {

    private static final long PROGRESS_BYTES = 4L << 20;
    private static final int MAX_NAMED = 10;

    private final Hyperdrive drive;
    private final Path root;
    private final Options options;
    private final FolderProgress progress;
    private final Set<Path> folders = ConcurrentHashMap.newKeySet();
    private final List<String> refused = new ArrayList<>();
    private final List<DriveEntry> links = new ArrayList<>();
    private final BlobRanges wanted = new BlobRanges();
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong unchanged = new AtomicLong();
    private final AtomicLong added = new AtomicLong();
    private final AtomicLong changed = new AtomicLong();
    private long removed;
    private long totalFiles;
    private long totalBytes;

    /**
     * How to export.
     *
     * @param driveFolder which folder of the drive; {@code "/"} for all
     * @param merge whether the destination may hold something already; files of the same name are replaced then
     * @param skipRefused whether entries that are refused are left out and counted, instead of ending the export before
     *     anything is written
     * @param parallelFiles how many files are written at once
     * @param prune whether files and links of the destination that the drive does not have are removed first, with the
     *     folders that become empty
     * @param dryRun whether only to count what would be done
     * @param filter which paths of the drive are looked at, in the drive and on the disk
     */
    public record Options(
            String driveFolder,
            boolean merge,
            boolean skipRefused,
            int parallelFiles,
            boolean prune,
            boolean dryRun,
            Predicate<String> filter) {

        /** Everything into an empty or new folder. */
        public static final Options DEFAULT = new Options("/", false, false, 4);

        /** Everything over what is there. */
        public static final Options MERGE = new Options("/", true, false, 4);

        /** Makes the destination equal to the drive. */
        public static final Options MIRROR = new Options("/", true, false, 4, true, false, path -> true);

        /** All of the folder, for good, removing nothing. */
        public Options(String driveFolder, boolean merge, boolean skipRefused, int parallelFiles) {
            this(driveFolder, merge, skipRefused, parallelFiles, false, false, path -> true);
        }

        /** Only counts. */
        public Options asDryRun() {
            return new Options(driveFolder, merge, skipRefused, parallelFiles, prune, true, filter);
        }

        public Options withFilter(Predicate<String> paths) {
            return new Options(driveFolder, merge, skipRefused, parallelFiles, prune, dryRun, paths);
        }

        public Options withDriveFolder(String folder) {
            return new Options(folder, merge, skipRefused, parallelFiles, prune, dryRun, filter);
        }

        public Options {
            if (parallelFiles < 1) {
                throw new IllegalArgumentException("parallelFiles must be at least 1, but is " + parallelFiles);
            }
        }
    }

    /**
     * What was done.
     *
     * @param files files and links of the destination that are now as in the drive
     * @param unchanged how many of them were so before
     * @param byteLength bytes of their content
     * @param refused entries left out, each with the reason
     * @param added how many were not there before
     * @param changed how many were there with another content, target or mode
     * @param removed how many files and links of the destination went
     */
    public record Result(
            long files,
            long unchanged,
            long byteLength,
            List<String> refused,
            long added,
            long changed,
            long removed) {}

    private FolderExport(Hyperdrive drive, Path root, Options options, FolderProgress progress) {
        this.drive = drive;
        this.root = root;
        this.options = options;
        this.progress = progress;
    }

    /**
     * Exports the version of now; the destination is made when it does not exist.
     *
     * @throws FolderException when the destination is not empty and merging was not asked for, when an entry is refused, or
     *     something on the disk is in the way
     * @throws IOException when a file cannot be written
     * @throws DriveException when the drive cannot be read
     */
    public static Result run(Hyperdrive drive, Path destination, Options options, FolderProgress progress)
            throws IOException {
        if (!options.dryRun) {
            Files.createDirectories(destination);
        }
        boolean there = Files.isDirectory(destination);
        Path root = there ? destination.toRealPath() : destination.toAbsolutePath();
        if (!options.merge && there) {
            try (DirectoryStream<Path> content = Files.newDirectoryStream(root)) {
                if (content.iterator().hasNext()) {
                    throw new FolderException(
                            destination + " is not empty: choose an empty folder, or ask to merge into this one.");
                }
            }
        }
        return new FolderExport(drive.checkout(drive.version()), root, options, progress).run();
    }

    private Result run() throws IOException {
        folders.add(root);
        for (DriveEntry entry : wantedEntries()) {
            String reason = refusal(entry);
            if (reason != null) {
                refused.add(entry.path() + " " + reason);
                continue;
            }
            totalFiles++;
            if (entry.linkname() != null) {
                links.add(entry);
            } else if (entry.blob() != null) {
                totalBytes += drive.blobs().byteLength(entry.blob());
                wanted.add(entry.blob());
            }
        }
        if (!refused.isEmpty() && !options.skipRefused) {
            throw new FolderException(
                    "Nothing was exported, because the drive has entries that would not stay inside the "
                            + "destination; export with these left out: "
                            + String.join("; ", refused.subList(0, Math.min(MAX_NAMED, refused.size())))
                            + (refused.size() > MAX_NAMED ? "; and " + (refused.size() - MAX_NAMED) + " more" : ""));
        }
        if (options.prune && Files.isDirectory(root)) {
            prune();
        }
        Path temporary = options.dryRun ? root : Files.createTempDirectory(root, ".export-");
        try (BlockLog.Prefetch _ = prefetch()) {
            new ExportPool(options.parallelFiles).run(wantedEntries(), entry -> {
                if (entry.linkname() == null && refusal(entry) == null) {
                    writeFile(entry, temporary);
                }
            });
            for (DriveEntry link : links) {
                writeLink(link, temporary);
            }
        } finally {
            if (!options.dryRun) {
                deleteAll(temporary);
            }
        }
        return new Result(
                files.get(), unchanged.get(), bytes.get(), List.copyOf(refused), added.get(), changed.get(), removed);
    }

    private Iterable<DriveEntry> wantedEntries() {
        return drive.list(options.driveFolder, true, options.filter.negate());
    }

    private void prune() throws IOException {
        new FolderWalk(root, DrivePath.folder(options.driveFolder)).each(item -> {
            if (!options.filter.test(item.path()) || drive.exists(item.path())) {
                return;
            }
            removed++;
            if (options.dryRun) {
                return;
            }
            Files.delete(item.file());
            Path folder = parent(item.file());
            while (!folder.equals(root) && isEmpty(folder)) {
                Files.delete(folder);
                folder = parent(folder);
            }
        });
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (DirectoryStream<Path> content = Files.newDirectoryStream(folder)) {
            return !content.iterator().hasNext();
        }
    }

    /** Counts a file or link that is to be written over what is there. */
    private void countWrite(Path target) {
        (Files.exists(target, LinkOption.NOFOLLOW_LINKS) ? changed : added).incrementAndGet();
    }

    private BlockLog.Prefetch prefetch() {
        return totalBytes == 0
                ? BlockLog.Prefetch.NONE
                : wanted.prefetch(drive.blobs().log());
    }

    private String relative(DriveEntry entry) {
        return entry.path().substring(DrivePath.folder(options.driveFolder).length() + 1);
    }

    /** Why an entry must not be written, or null. The name is the writer's bytes, never normalised by anybody. */
    private @Nullable String refusal(DriveEntry entry) {
        for (String part : relative(entry).split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return "has an empty or dotted part in its name";
            }
            if (part.indexOf('\0') >= 0 || part.indexOf('\\') >= 0) {
                return "has a NUL or a backslash in its name";
            }
        }
        try {
            if (!root.resolve(relative(entry)).startsWith(root)) {
                return "has a name that leads out of the folder";
            }
        } catch (InvalidPathException e) {
            return "has a name this system does not know: " + e.getReason();
        }
        return entry.linkname() == null || linkTarget(entry) != null
                ? null
                : "is a link that leads out of the folder, to "
                        + entry.linkname().replace('\0', '?');
    }

    /**
     * The relative text of a link that stays inside, or null. Only leading {@code ..} are taken: after a name, which may be a
     * link itself, nobody can tell where they lead.
     */
    private @Nullable String linkTarget(DriveEntry entry) {
        String target = entry.linkname();
        if (target == null || target.isEmpty() || target.indexOf('\0') >= 0) {
            return null;
        }
        List<String> parent = new ArrayList<>(Arrays.asList(relative(entry).split("/", -1)));
        parent.removeLast();
        int up = target.startsWith("/") ? parent.size() : 0;
        String below = target;
        if (target.startsWith("/")) {
            String folder = DrivePath.folder(options.driveFolder);
            if (!target.startsWith(folder + "/")) {
                return null;
            }
            below = target.substring(folder.length() + 1);
        }
        List<String> down = new ArrayList<>();
        for (String part : below.split("/", -1)) {
            if (part.equals("..")) {
                if (!down.isEmpty() || target.startsWith("/")) {
                    return null;
                }
                up++;
            } else if (!part.isEmpty() && !part.equals(".")) {
                down.add(part);
            }
        }
        if (up > parent.size()) {
            return null;
        }
        String relative = "../".repeat(up) + String.join("/", down);
        return relative.isEmpty() ? "." : relative;
    }

    private void writeFile(DriveEntry entry, Path temporary) throws IOException {
        Path target = root.resolve(relative(entry));
        if (!options.dryRun) {
            makeFolder(parent(target));
        }
        if (options.merge && alreadyThere(entry, target)) {
            done();
            return;
        }
        countWrite(target);
        if (!options.dryRun) {
            Path file = temporary.resolve(Long.toString(entry.seq()));
            long written = 0;
            try (InputStream in = drive.open(entry);
                    OutputStream out =
                            Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                byte[] buffer = new byte[Hyperblobs.BLOCK_BYTES];
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    out.write(buffer, 0, count);
                    written += count;
                    count(count);
                }
            }
            if (entry.blob() != null && written != drive.blobs().byteLength(entry.blob())) {
                throw new CorruptDriveException(entry.path() + " has " + written + " bytes, not those its entry says");
            }
            setExecutable(file, entry.executable());
            rename(file, target);
        }
        done();
    }

    private boolean alreadyThere(DriveEntry entry, Path target) throws IOException {
        if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        long byteLength = entry.blob() == null ? 0 : drive.blobs().byteLength(entry.blob());
        if (Files.size(target) != byteLength) {
            return false;
        }
        try (InputStream stored = drive.open(entry);
                InputStream onDisk = Files.newInputStream(target, LinkOption.NOFOLLOW_LINKS)) {
            if (!sameContent(stored, onDisk)) {
                return false;
            }
        }
        bytes.addAndGet(byteLength);
        boolean otherMode = options.dryRun
                ? Files.isExecutable(target) != entry.executable()
                : setExecutable(target, entry.executable());
        (otherMode ? changed : unchanged).incrementAndGet();
        return true;
    }

    static boolean sameContent(InputStream one, InputStream other) throws IOException {
        byte[] left = new byte[Hyperblobs.BLOCK_BYTES];
        byte[] right = new byte[Hyperblobs.BLOCK_BYTES];
        int count;
        do {
            count = one.readNBytes(left, 0, left.length);
            if (count != other.readNBytes(right, 0, right.length) || !Arrays.equals(left, 0, count, right, 0, count)) {
                return false;
            }
        } while (count == left.length);
        return true;
    }

    private void writeLink(DriveEntry entry, Path temporary) throws IOException {
        String text = linkTarget(entry);
        if (text == null) {
            throw new FolderException(entry.path() + " is a link that leads out of the destination");
        }
        Path target = root.resolve(relative(entry));
        if (Files.isSymbolicLink(target)
                && Files.readSymbolicLink(target).toString().equals(text)) {
            unchanged.incrementAndGet();
            done();
            return;
        }
        countWrite(target);
        if (options.dryRun) {
            done();
            return;
        }
        makeFolder(parent(target));
        Path link = temporary.resolve(Long.toString(entry.seq()));
        try {
            Files.createSymbolicLink(link, root.getFileSystem().getPath(text));
        } catch (UnsupportedOperationException e) {
            throw new FolderException(
                    root + " is on a file system without symbolic links: export with the links left out.", e);
        }
        rename(link, target);
        done();
    }

    private static Path parent(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " has no parent folder");
        }
        return parent;
    }

    /** Makes a folder below the destination; what is there already must be one, and not a link to one. */
    private void makeFolder(Path folder) throws IOException {
        if (folders.contains(folder)) {
            return;
        }
        makeFolder(parent(folder));
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                throw new FolderException(
                        folder + " should be a folder, but a file or a link of that name is there: move it away.", e);
            }
        }
        folders.add(folder);
    }

    private static void rename(Path file, Path target) throws IOException {
        try {
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            // Asked afterwards only: another thread may make the folder between a question and the move.
            if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
                throw new FolderException(
                        target + " should be a file, but a folder of that name is there: move it away.", e);
            }
            throw e;
        }
    }

    /** Whoever may read the file may run it, or nobody. */
    private static boolean setExecutable(Path file, boolean executable) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view == null) {
            return false;
        }
        Set<PosixFilePermission> permissions =
                EnumSet.copyOf(view.readAttributes().permissions());
        boolean changed = false;
        for (PosixFilePermission[] pair : READ_AND_EXECUTE) {
            boolean wanted = executable && permissions.contains(pair[0]);
            changed |= wanted ? permissions.add(pair[1]) : permissions.remove(pair[1]);
        }
        if (changed) {
            view.setPermissions(permissions);
        }
        return changed;
    }

    private static final PosixFilePermission[][] READ_AND_EXECUTE = {
        {PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_EXECUTE},
        {PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_EXECUTE},
        {PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_EXECUTE}
    };

    private void count(int more) {
        long now = bytes.addAndGet(more);
        if (now / PROGRESS_BYTES != (now - more) / PROGRESS_BYTES) {
            progress.at(files.get(), totalFiles, now, totalBytes);
        }
    }

    private void done() {
        progress.at(files.incrementAndGet(), totalFiles, bytes.get(), totalBytes);
    }

    private static void deleteAll(Path folder) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }
}
