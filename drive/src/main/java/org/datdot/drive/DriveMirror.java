package org.datdot.drive;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Makes a drive equal to another one, writing what differs only, and counts it (npm mirror-drive). Files are compared by
 * their content unless their lengths tell already. Entries are written in groups, each after its contents, so a mirroring
 * that is broken off is continued by running it again. A folder of the disk is mirrored by {@link FolderImport} and
 * {@link FolderExport}, with the same counts.
 */
public final class DriveMirror {

    private static final int MAX_GROUP_FILES = 1000;
    private static final long MAX_GROUP_BYTES = 64L << 20;

    private final Hyperdrive source;
    private final Hyperdrive target;
    private final Options options;
    private final Consumer<Change> listener;
    private @Nullable DriveBatch group;
    private long groupBytes;
    private long files;
    private long add;
    private long change;
    private long remove;
    private long bytesAdded;
    private long bytesRemoved;

    /**
     * How to mirror. Start from {@link #DEFAULT}.
     *
     * @param prefixes which folders or files; both drives have them under the same name
     * @param prune whether what the source does not have is removed from the target
     * @param dryRun whether only to count
     * @param deduplicate whether contents are cut by what they are, and only what the old file has not is stored
     * @param filter which paths of the source are looked at
     * @param ignored which paths are looked at in neither drive
     * @param sameMetadata whether two files' metadata are taken as equal; asked only when neither is null, or one is
     */
    public record Options(
            List<String> prefixes,
            boolean prune,
            boolean dryRun,
            boolean deduplicate,
            Predicate<String> filter,
            Predicate<String> ignored,
            BiPredicate<@Nullable JsonNode, @Nullable JsonNode> sameMetadata) {

        /** Everything, removing what the source does not have. */
        public static final Options DEFAULT =
                new Options(List.of("/"), true, false, false, path -> true, DriveNames.NOTHING, Objects::equals);

        public Options {
            prefixes = List.copyOf(prefixes);
        }

        public Options withPrefixes(List<String> paths) {
            return new Options(paths, prune, dryRun, deduplicate, filter, ignored, sameMetadata);
        }

        /** Removes nothing. */
        public Options withoutPruning() {
            return new Options(prefixes, false, dryRun, deduplicate, filter, ignored, sameMetadata);
        }

        /** Only counts. */
        public Options asDryRun() {
            return new Options(prefixes, prune, true, deduplicate, filter, ignored, sameMetadata);
        }

        public Options deduplicating() {
            return new Options(prefixes, prune, dryRun, true, filter, ignored, sameMetadata);
        }

        public Options withFilter(Predicate<String> paths) {
            return new Options(prefixes, prune, dryRun, deduplicate, paths, ignored, sameMetadata);
        }

        public Options ignoring(Predicate<String> paths) {
            return new Options(prefixes, prune, dryRun, deduplicate, filter, paths, sameMetadata);
        }
    }

    /** What is done with a name. */
    public enum Operation {
        /** The target gets a new entry. */
        ADD,
        /** The target's entry becomes another one. */
        CHANGE,
        /** The target loses an entry. */
        REMOVE
    }

    /** One step: what is done with which name, and how many bytes of content that brings and takes. */
    public record Change(Operation operation, String path, long bytesAdded, long bytesRemoved) {}

    /**
     * What was done, or would be.
     *
     * @param files entries of the source that were looked at
     */
    public record Count(long files, long add, long change, long remove, long bytesAdded, long bytesRemoved) {}

    private DriveMirror(Hyperdrive source, Hyperdrive target, Options options, Consumer<Change> listener) {
        this.source = source;
        this.target = target;
        this.options = options;
        this.listener = listener;
    }

    /**
     * Mirrors the version of now; durable when it returns.
     *
     * @param listener told of each step before it is done
     */
    public static Count run(Hyperdrive source, Hyperdrive target, Options options, Consumer<Change> listener)
            throws IOException {
        if (!target.writable()) {
            throw new DriveException(
                    "The drive to mirror into is read-only here: the store does not hold its secret key.");
        }
        return new DriveMirror(source.checkout(source.version()), target, options, listener).run();
    }

    private Count run() throws IOException {
        try {
            if (options.prune) {
                prune();
            }
            for (String prefix : options.prefixes) {
                for (DriveEntry entry : source.list(prefix, true, options.ignored)) {
                    mirror(entry);
                }
                DriveEntry itself = prefix.equals("/") ? null : source.entry(prefix);
                if (itself != null) {
                    mirror(itself);
                }
            }
            flush();
        } finally {
            if (group != null) {
                group.close();
            }
        }
        return new Count(files, add, change, remove, bytesAdded, bytesRemoved);
    }

    private void prune() {
        for (String prefix : options.prefixes) {
            for (DriveEntry entry : target.checkout(target.version()).list(prefix, true, options.ignored)) {
                prune(entry);
            }
            DriveEntry itself = prefix.equals("/") ? null : target.entry(prefix);
            if (itself != null) {
                prune(itself);
            }
        }
    }

    private void prune(DriveEntry entry) {
        if (source.exists(entry.path())) {
            return;
        }
        remove++;
        tell(Operation.REMOVE, entry.path(), 0, byteLength(target, entry));
        if (!options.dryRun) {
            group(0).del(entry.path());
        }
    }

    private void mirror(DriveEntry entry) throws IOException {
        if (!options.filter.test(entry.path())) {
            return;
        }
        files++;
        DriveEntry old = target.entry(entry.path());
        boolean sameContent = old != null && sameContent(entry, old);
        boolean same = old != null
                && sameContent
                && (entry.linkname() != null
                        || (old.executable() == entry.executable()
                                && options.sameMetadata.test(entry.metadata(), old.metadata())));
        if (same) {
            return;
        }
        if (old == null) {
            add++;
        } else {
            change++;
        }
        long added = sameContent ? 0 : byteLength(source, entry);
        long removed = sameContent || old == null ? 0 : byteLength(target, old);
        tell(old == null ? Operation.ADD : Operation.CHANGE, entry.path(), added, removed);
        if (!options.dryRun) {
            write(entry, sameContent ? old : null);
        }
    }

    private void write(DriveEntry entry, @Nullable DriveEntry sameContent) throws IOException {
        PutOptions put = new PutOptions(entry.executable(), entry.metadata());
        if (entry.linkname() != null) {
            group(0).symlink(entry.path(), entry.linkname());
        } else if (sameContent != null) {
            group(0).putEntry(entry.path(), sameContent.blob(), put);
        } else if (options.deduplicate) {
            flush();
            try (InputStream in = source.open(entry);
                    DriveOutputStream out = target.deduplicating(entry.path(), put)) {
                in.transferTo(out);
                out.finish();
            }
        } else {
            try (InputStream in = source.open(entry)) {
                group(byteLength(source, entry)).put(entry.path(), in, put);
            }
        }
    }

    private boolean sameContent(DriveEntry entry, DriveEntry old) throws IOException {
        if (entry.linkname() != null || old.linkname() != null) {
            return Objects.equals(entry.linkname(), old.linkname());
        }
        if (entry.blob() == null || old.blob() == null) {
            return entry.blob() == null && old.blob() == null;
        }
        boolean lengthsTell = !entry.blob().blockMap() && !old.blob().blockMap();
        if (lengthsTell && entry.blob().byteLength() != old.blob().byteLength()) {
            return false;
        }
        try (InputStream one = source.open(entry);
                InputStream other = target.open(old)) {
            return FolderExport.sameContent(one, other);
        }
    }

    private static long byteLength(Hyperdrive drive, DriveEntry entry) {
        return entry.blob() == null ? 0 : drive.blobs().byteLength(entry.blob());
    }

    private void tell(Operation operation, String path, long added, long removed) {
        bytesAdded += added;
        bytesRemoved += removed;
        listener.accept(new Change(operation, path, added, removed));
    }

    private DriveBatch group(long byteLength) {
        DriveBatch open = group;
        if (open != null && (open.length() >= MAX_GROUP_FILES || groupBytes >= MAX_GROUP_BYTES)) {
            flush();
            open = null;
        }
        if (open == null) {
            open = target.batch();
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
}
