package org.datdot.drive;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Namespaces;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * Files on two hypercores, as npm hyperdrive 13: a {@link Hyperbee} "db" of names, whose key is the drive's, and
 * {@link Hyperblobs} whose core key follows from the db's manifest. Paths are normalised by {@link DrivePath}. For use by
 * several threads; writes wait for each other.
 *
 * <p>Errors: {@link CorruptDriveException} when the writer's data makes no sense, {@link DriveException} otherwise, and
 * what {@link Hypercore} throws when a block cannot be had.
 */
public final class Hyperdrive implements Closeable {

    private static final byte[] BLOBS = Namespaces.derive("hyperdrive", 0)[0];
    private static final byte[] FILES = "files\0".getBytes(StandardCharsets.UTF_8);
    private static final String DB = "db";
    private static final int MAX_LINKS = 16;

    private final Corestore store;
    private final Hypercore core;
    private final @Nullable KeyPair keyPair;
    private final Hyperbee db;
    private final Content content;

    /** The blobs core, opened when it is first needed: a reader must have seen the header of the db before. */
    private static final class Content {
        final ReentrantLock lock = new ReentrantLock();

        @Nullable
        Hypercore core;

        @Nullable
        Hyperblobs blobs;
    }

    private Hyperdrive(Corestore store, Hypercore core, @Nullable KeyPair keyPair, Hyperbee db, Content content) {
        this.store = store;
        this.core = core;
        this.keyPair = keyPair;
        this.db = db;
        this.content = content;
    }

    /** The drive of this store, or of this namespace of it, for writing; made when it does not exist. */
    public static Hyperdrive open(Corestore store) {
        return open(store, store.get(DB), store.keyPair(DB));
    }

    /** The drive of a namespace of the store, for writing; one store holds any number of drives this way. */
    public static Hyperdrive open(Corestore store, String namespace) {
        return open(store.namespace(namespace));
    }

    /** The drive with a key, for reading; also for writing when it is the one {@link #open(Corestore)} opens. */
    public static Hyperdrive open(Corestore store, CoreKey key) {
        KeyPair own = store.keyPair(DB);
        boolean ours = Manifest.single(own.publicKey()).coreKey().equals(key);
        return ours ? open(store) : open(store, store.get(key), null);
    }

    private static Hyperdrive open(Corestore store, Hypercore core, @Nullable KeyPair keyPair) {
        Hyperbee db = Hyperbee.of(core, BeeOptions.DEFAULT.withMetadata(BeeHeader.Metadata.EMPTY));
        return new Hyperdrive(store, core, keyPair, db, new Content());
    }

    /** The drive's key: what others open it by. */
    public CoreKey key() {
        return core.key();
    }

    public boolean writable() {
        return db.writable() && keyPair != null;
    }

    /** Version of the db: 1 when empty, and one more with every entry written or removed. */
    public long version() {
        return db.version();
    }

    /** The drive as it was at a version, for reading. Closing it closes nothing. */
    public Hyperdrive checkout(long version) {
        return new Hyperdrive(store, core, keyPair, db.checkout(version), content);
    }

    /** Asks peers for a newer version; returns whether there is one, after at most the time given. */
    public boolean update(Duration timeout) {
        return core.update(timeout);
    }

    /** The core of names. */
    public Hypercore dbCore() {
        return core;
    }

    /** The names, as a bee with keys {@code "files" 0x00 path}. */
    public Hyperbee db() {
        return db;
    }

    /** The core of contents. Of somebody else's drive it is known only after block 0 of the db is. */
    public Hypercore blobsCore() {
        openContent();
        Hypercore opened = content.core;
        if (opened == null) {
            throw new IllegalStateException("the blobs core was not opened");
        }
        return opened;
    }

    /** The contents. */
    public Hyperblobs blobs() {
        return openContent();
    }

    private Hyperblobs openContent() {
        content.lock.lock();
        try {
            Hyperblobs known = content.blobs;
            if (known == null) {
                Hypercore opened = openBlobsCore();
                known = Hyperblobs.of(opened);
                content.core = opened;
                content.blobs = known;
            }
            return known;
        } finally {
            content.lock.unlock();
        }
    }

    private Hypercore openBlobsCore() {
        BeeHeader header = db.header();
        if (header == null && !core.writable()) {
            throw new DriveException(
                    "Nothing is known of drive " + key() + " yet: connect to a peer that has it, and update.");
        }
        byte[] contentFeed = header == null || header.metadata() == null
                ? null
                : header.metadata().contentFeed();
        if (contentFeed != null) {
            if (contentFeed.length < 32) {
                throw new CorruptDriveException(
                        "The header of drive " + key() + " has a blobs key of " + contentFeed.length + " bytes");
            }
            return store.get(new CoreKey(Arrays.copyOf(contentFeed, 32)));
        }
        Manifest manifest = core.manifest();
        if (manifest == null || !manifest.coreKey().equals(key())) {
            throw new CorruptDriveException("The header of drive " + key()
                    + " names no blobs core, and none can be derived: its key is not that of a manifest");
        }
        Manifest derived = blobsManifest(manifest, key());
        return keyPair != null ? store.get(derived, keyPair) : store.get(derived.coreKey());
    }

    /** The key of the blobs core that belongs to a db core of this manifest; anyone can compute it. */
    public static CoreKey blobsKey(Manifest dbManifest) {
        return blobsManifest(dbManifest, dbManifest.coreKey()).coreKey();
    }

    @SuppressWarnings("NullAway") // null is allowed for userData; the class file of a record loses @Nullable on arrays
    private static Manifest blobsManifest(Manifest db, CoreKey dbKey) {
        if (db.version() < 1) {
            throw new CorruptDriveException(
                    "A drive of manifest version " + db.version() + " has no derived blobs core");
        }
        List<Manifest.Signer> signers = new ArrayList<>();
        for (Manifest.Signer signer : db.signers()) {
            byte[] namespace =
                    Blake2b.hash(BLOBS, dbKey.bytes(), signer.namespace().bytes());
            signers.add(new Manifest.Signer(new Hash(namespace), signer.publicKey()));
        }
        return new Manifest(db.version(), db.allowPatch(), db.quorum(), signers, null, null, null);
    }

    /** Puts a file, whatever its length; durable when it returns. The stream is left open. */
    public BlobId put(String path, InputStream in, PutOptions options) throws IOException {
        byte[] key = key(DrivePath.of(path));
        requireWritable();
        BlobId blob = blobs().put(in);
        db.put(key, DriveEntry.encode(options.executable(), null, blob, options.metadata()));
        return blob;
    }

    /** As {@link #put(String, InputStream, PutOptions)}. */
    public BlobId put(String path, byte[] bytes, PutOptions options) {
        try {
            return put(path, new ByteArrayInputStream(bytes), options);
        } catch (IOException e) {
            throw new IllegalStateException("an array cannot fail to be read", e);
        }
    }

    /** Puts a plain file. */
    public BlobId put(String path, byte[] bytes) {
        return put(path, bytes, PutOptions.PLAIN);
    }

    /** Puts a symbolic link; the target is text, not checked. */
    public void symlink(String path, String target) {
        db.put(key(DrivePath.of(path)), DriveEntry.encode(false, target, null, null));
    }

    /** Removes an entry; false when there is none. The content stays in the blobs core and in older versions. */
    public boolean del(String path) {
        return db.del(key(DrivePath.of(path)));
    }

    /** Several changes that appear together; must be closed. */
    public DriveBatch batch() {
        requireWritable();
        BlobWriter writer = blobs().writer();
        try {
            return new DriveBatch(writer, db.batch());
        } catch (RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    private void requireWritable() {
        if (!writable()) {
            throw new DriveException("Drive " + key() + " is read-only here: the store does not hold its secret key.");
        }
    }

    /** The entry of a path, or null; a symbolic link is not followed. */
    public @Nullable DriveEntry entry(String path) {
        String name = DrivePath.of(path);
        BeeEntry found = db.get(key(name));
        return found == null ? null : DriveEntry.decode(name, found);
    }

    /**
     * The entry at the end of a chain of at most 16 symbolic links, or null. A relative target is taken from the folder the
     * link is in, as file systems do (stock hyperdrive takes it from the link's own name).
     */
    public @Nullable DriveEntry follow(String path) {
        String name = path;
        for (int i = 0; i < MAX_LINKS; i++) {
            DriveEntry entry = entry(name);
            if (entry == null || entry.linkname() == null) {
                return entry;
            }
            String target = entry.linkname();
            boolean absolute = target.startsWith("/");
            name = absolute ? target : entry.path().substring(0, entry.path().lastIndexOf('/') + 1) + target;
        }
        throw new DriveException(
                "More than " + MAX_LINKS + " symbolic links from " + path + " on: they may go in a circle.");
    }

    public boolean exists(String path) {
        return entry(path) != null;
    }

    /** The content of a file, in memory; null when there is no such file, or it is a link. */
    public byte @Nullable [] get(String path) {
        DriveEntry entry = entry(path);
        return entry == null || entry.blob() == null ? null : blobs().get(entry.blob());
    }

    /** The content of a file as a stream; null when there is no such file, or it is a link. */
    public @Nullable InputStream open(String path) {
        DriveEntry entry = entry(path);
        return entry == null || entry.blob() == null ? null : open(entry);
    }

    /** The content of an entry as a stream; empty when it has none. */
    public InputStream open(DriveEntry entry) {
        return entry.blob() == null ? InputStream.nullInputStream() : blobs().open(entry.blob());
    }

    /** All entries below a folder ({@code "/"} for all), by the bytes of their names; links are entries, folders are not. */
    public Iterable<DriveEntry> list(String folder) {
        String prefix = DrivePath.folder(folder);
        BeeRange range = below(prefix, "/");
        return () -> {
            requestNames();
            return new EntryIterator(db.iterator(range));
        };
    }

    /** As {@link #list(String)}; when not recursive, only the first entry of every folder below stands for it. */
    public Iterable<DriveEntry> list(String folder, boolean recursive) {
        return recursive ? list(folder) : () -> new ShallowIterator(DrivePath.folder(folder));
    }

    /** Names, not paths, of the files and folders in a folder. */
    public List<String> readdir(String folder) {
        String prefix = DrivePath.folder(folder);
        List<String> names = new ArrayList<>();
        for (DriveEntry entry : list(folder, false)) {
            names.add(childName(prefix, entry.path()));
        }
        return names;
    }

    /** To walk somebody's names over the network, all blocks of them are asked for at once. */
    private void requestNames() {
        if (core.contiguousLength() < db.version()) {
            db.request();
        }
    }

    private static String childName(String folder, String path) {
        int end = path.indexOf('/', folder.length() + 1);
        return path.substring(folder.length() + 1, end < 0 ? path.length() : end);
    }

    /** Names that follow {@code from} below a folder; {@code '0'} is the character after {@code '/'}. */
    private static BeeRange below(String folder, String from) {
        return BeeRange.all().gt(key(folder + from)).lt(key(folder + "0"));
    }

    static byte[] key(String path) {
        byte[] utf8 = path.getBytes(StandardCharsets.UTF_8);
        byte[] key = Arrays.copyOf(FILES, FILES.length + utf8.length);
        System.arraycopy(utf8, 0, key, FILES.length, utf8.length);
        return key;
    }

    private static DriveEntry decode(BeeEntry entry) {
        byte[] key = entry.key();
        try {
            ByteBuffer utf8 = ByteBuffer.wrap(key, FILES.length, key.length - FILES.length);
            return DriveEntry.decode(
                    StandardCharsets.UTF_8.newDecoder().decode(utf8).toString(), entry);
        } catch (CharacterCodingException e) {
            throw new CorruptDriveException("The name in block " + entry.seq() + " of the drive is not UTF-8", e);
        }
    }

    private record EntryIterator(Iterator<BeeEntry> entries) implements Iterator<DriveEntry> {
        @Override
        public boolean hasNext() {
            return entries.hasNext();
        }

        @Override
        public DriveEntry next() {
            return decode(entries.next());
        }
    }

    /** Jumps from one name of a folder to the next, past everything below it. */
    private final class ShallowIterator implements Iterator<DriveEntry> {
        private final String folder;
        private final Hyperbee snapshot = db.snapshot();
        private @Nullable DriveEntry next;

        ShallowIterator(String folder) {
            this.folder = folder;
            requestNames();
            this.next = after("/");
        }

        private @Nullable DriveEntry after(String from) {
            return first(below(folder, from));
        }

        /** What follows everything below a folder; a file whose name is the folder's and a 0 is no part of it. */
        private @Nullable DriveEntry beyond(String name) {
            return first(below(folder, "/").gte(key(folder + "/" + name + "0")));
        }

        private @Nullable DriveEntry first(BeeRange range) {
            BeeEntry found = snapshot.peek(range);
            return found == null ? null : decode(found);
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
            String name = childName(folder, entry.path());
            boolean isFolder = entry.path().length() > folder.length() + 1 + name.length();
            next = isFolder ? beyond(name) : after("/" + name);
            // A file and a folder of one name: the name was returned already.
            while (!isFolder && next != null && childName(folder, next.path()).equals(name)) {
                next = beyond(name);
            }
            return entry;
        }
    }

    /** Closes the handles on the two cores; the store stays open. */
    @Override
    public void close() {
        core.close();
        content.lock.lock();
        try {
            if (content.core != null) {
                content.core.close();
            }
        } finally {
            content.lock.unlock();
        }
    }
}
