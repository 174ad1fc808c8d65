package org.datdot.drive;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The names of a drive in the keys of its bee, {@code "files" 0x00 path}, and the ways to walk over them. */
final class DriveNames {

    private static final byte[] FILES = "files\0".getBytes(StandardCharsets.UTF_8);

    /** Nothing is ignored. */
    static final Predicate<String> NOTHING = path -> false;

    private DriveNames() {}

    static byte[] key(String path) {
        byte[] utf8 = JsonText.utf8(path);
        byte[] key = Arrays.copyOf(FILES, FILES.length + utf8.length);
        System.arraycopy(utf8, 0, key, FILES.length, utf8.length);
        return key;
    }

    static DriveEntry decode(BeeEntry entry) {
        byte[] key = entry.key();
        try {
            ByteBuffer utf8 = ByteBuffer.wrap(key, FILES.length, key.length - FILES.length);
            return DriveEntry.decode(
                    StandardCharsets.UTF_8.newDecoder().decode(utf8).toString(), entry);
        } catch (CharacterCodingException e) {
            throw new CorruptDriveException("The name in block " + entry.seq() + " of the drive is not UTF-8", e);
        }
    }

    static @Nullable DriveEntry decodeNullable(@Nullable BeeEntry entry) {
        return entry == null ? null : decode(entry);
    }

    /** How many blocks of the blobs core entries take. */
    static long blobsLength(Iterable<BeeEntry> entries) {
        long length = 0;
        for (BeeEntry entry : entries) {
            BlobId blob = decode(entry).blob();
            length = blob == null ? length : Math.max(length, blob.blockEnd());
        }
        return length;
    }

    static Iterator<DriveDiff> diffs(Iterator<BeeDiff> walk) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return walk.hasNext();
            }

            @Override
            public DriveDiff next() {
                BeeDiff next = walk.next();
                return new DriveDiff(decodeNullable(next.left()), decodeNullable(next.right()));
            }
        };
    }

    /** The keys of a range of paths. */
    static BeeRange keys(BeeRange paths) {
        return BeePrefix.NONE.sub(new byte[0], FILES).add(paths);
    }

    /** Names below a folder. */
    static BeeRange below(String folder) {
        return below(folder, "/");
    }

    /** Names that follow {@code from} below a folder; {@code '0'} is the character after {@code '/'}. */
    private static BeeRange below(String folder, String from) {
        return BeeRange.all().gt(key(folder + from)).lt(key(folder + "0"));
    }

    static String childName(String folder, String path) {
        int end = path.indexOf('/', folder.length() + 1);
        return path.substring(folder.length() + 1, end < 0 ? path.length() : end);
    }

    /** What some names, or anything below them, matches. */
    static Predicate<String> ignoring(List<String> names) {
        List<String> paths = new ArrayList<>();
        for (String name : names) {
            paths.add(DrivePath.folder(name));
        }
        return path -> paths.stream().anyMatch(ignored -> path.equals(ignored) || path.startsWith(ignored + "/"));
    }

    /** Entries in order, without those that are ignored. */
    static Iterator<DriveEntry> entries(Iterator<BeeEntry> found, Predicate<String> ignored) {
        return new Entries(found, ignored);
    }

    private static final class Entries implements Iterator<DriveEntry> {
        private final Iterator<BeeEntry> found;
        private final Predicate<String> ignored;
        private @Nullable DriveEntry next;

        Entries(Iterator<BeeEntry> found, Predicate<String> ignored) {
            this.found = found;
            this.ignored = ignored;
            step();
        }

        private void step() {
            next = null;
            while (next == null && found.hasNext()) {
                DriveEntry entry = decode(found.next());
                next = ignored.test(entry.path()) ? null : entry;
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public DriveEntry next() {
            DriveEntry entry = next;
            if (entry == null) {
                throw new NoSuchElementException("no more entries");
            }
            step();
            return entry;
        }
    }

    /** Jumps from one name of a folder to the next, past everything below it. */
    static final class Shallow implements Iterator<DriveEntry> {
        private final String folder;
        private final Function<BeeRange, @Nullable BeeEntry> peek;
        private final Predicate<String> ignored;
        private @Nullable DriveEntry next;

        Shallow(String folder, Function<BeeRange, @Nullable BeeEntry> peek, Predicate<String> ignored) {
            this.folder = folder;
            this.peek = peek;
            this.ignored = ignored;
            this.next = wanted(after("/"));
        }

        private @Nullable DriveEntry wanted(@Nullable DriveEntry from) {
            DriveEntry entry = from;
            while (entry != null && ignored.test(entry.path())) {
                entry = beyond(entry);
            }
            return entry;
        }

        private @Nullable DriveEntry after(String from) {
            return decodeNullable(peek.apply(below(folder, from)));
        }

        /** What follows an entry and everything that has the same name in this folder. */
        private @Nullable DriveEntry beyond(DriveEntry entry) {
            String name = childName(folder, entry.path());
            if (entry.path().length() > folder.length() + 1 + name.length()) {
                return beyond(name);
            }
            DriveEntry following = after("/" + name);
            // A file and a folder of one name: the name was returned already.
            while (following != null && childName(folder, following.path()).equals(name)) {
                following = beyond(name);
            }
            return following;
        }

        /** What follows everything below a folder; a file whose name is the folder's and a 0 is no part of it. */
        private @Nullable DriveEntry beyond(String name) {
            return decodeNullable(peek.apply(below(folder, "/").gte(key(folder + "/" + name + "0"))));
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public DriveEntry next() {
            DriveEntry entry = next;
            if (entry == null) {
                throw new NoSuchElementException("no more names in " + folder + "/");
            }
            next = wanted(beyond(entry));
            return entry;
        }
    }
}
