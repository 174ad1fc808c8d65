package org.datdot.drive;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.KeyPair;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.BlockRange;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.EncryptionKey;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;
import org.datdot.hypercore.PeerSearch;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Files on two hypercores, as npm hyperdrive 13: a {@link Hyperbee} "db" of names, whose key is the drive's, and
 * {@link Hyperblobs} whose core key follows from the db's manifest. Paths are normalised by {@link DrivePath}. For use by
 * several threads; writes wait for each other.
 *
 * <p>Errors: {@link CorruptDriveException} when the writer's data makes no sense, {@link DriveException} otherwise, and
 * what {@link Hypercore} throws when a block cannot be had.
 */
public final class Hyperdrive implements Closeable {
    private static final String DB = "db";
    private static final int MAX_LINKS = 16;

    private final Corestore store;
    private final Hypercore core;
    private final @Nullable KeyPair keyPair;
    private final Hyperbee db;
    private final DriveContent content;
    private final @Nullable Duration patience;
    private final boolean checkedOut;

    private Hyperdrive(
            Corestore store,
            Hypercore core,
            @Nullable KeyPair keyPair,
            Hyperbee db,
            DriveContent content,
            @Nullable Duration patience,
            boolean checkedOut) {
        this.store = store;
        this.core = core;
        this.keyPair = keyPair;
        this.db = db;
        this.content = content;
        this.patience = patience;
        this.checkedOut = checkedOut;
    }

    /** The drive of this store, or of this namespace of it, for writing; made when it does not exist. */
    public static Hyperdrive open(Corestore store) {
        return open(store, (EncryptionKey) null);
    }

    /** As {@link #open(Corestore)}; names and contents are encrypted with what follows from the secret. */
    public static Hyperdrive open(Corestore store, @Nullable EncryptionKey secret) {
        return open(store, store.get(DB), store.keyPair(DB), secret);
    }

    /** The drive of a namespace of the store, for writing; one store holds any number of drives this way. */
    public static Hyperdrive open(Corestore store, String namespace) {
        return open(store.namespace(namespace));
    }

    /** The drive with a key, for reading; also for writing when it is the one {@link #open(Corestore)} opens. */
    public static Hyperdrive open(Corestore store, CoreKey key) {
        return open(store, key, null);
    }

    /** As {@link #open(Corestore, CoreKey)}; the drive is encrypted. Not stored: whoever reads it names the secret. */
    public static Hyperdrive open(Corestore store, CoreKey key, @Nullable EncryptionKey secret) {
        KeyPair own = store.keyPair(DB);
        boolean ours = Manifest.single(own.publicKey()).coreKey().equals(key);
        return ours ? open(store, secret) : open(store, store.get(key), null, secret);
    }

    private static Hyperdrive open(
            Corestore store, Hypercore stored, @Nullable KeyPair keyPair, @Nullable EncryptionKey secret) {
        Hypercore core = DriveContent.encrypted(stored, secret);
        Hyperbee db = Hyperbee.of(core, BeeOptions.DEFAULT.withMetadata(BeeHeader.Metadata.EMPTY));
        return new Hyperdrive(store, core, keyPair, db, new DriveContent(store, core, keyPair, secret), null, false);
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
        return view(db.checkout(version));
    }

    private Hyperdrive view(Hyperbee bee) {
        return new Hyperdrive(store, core, keyPair, bee, content, patience, true);
    }

    /** The same drive, of the same version; reads wait for a block at most this long, and for none when it is zero. */
    public Hyperdrive within(Duration time) {
        return new Hyperdrive(store, core, keyPair, db.within(time), content, time, checkedOut);
    }

    /** Asks peers for a newer version; returns whether there is one, after at most the time given. */
    public boolean update(Duration timeout) {
        return core.update(timeout);
    }

    /** Says that peers are being looked for: until what is returned is closed, {@link #update} waits for a first one. */
    public PeerSearch findingPeers() {
        return content.findingPeers();
    }

    /** Counts from now on what of a file's content goes to and from peers; of all names and contents when it is null. */
    public TransferMonitor monitor(@Nullable String path) {
        BlockLog contents = blobs().log();
        if (path == null) return TransferMonitor.of(null, System::nanoTime, contents, new CoreLog(core));
        DriveEntry entry = entry(path);
        if (entry == null || entry.blob() == null) {
            throw new DriveException("There is no file " + path + " in drive " + key() + " to count the blocks of.");
        }
        return TransferMonitor.of(entry.blob(), System::nanoTime, contents);
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
        return content.open(db).core();
    }

    /** The contents. */
    public Hyperblobs blobs() {
        Hyperblobs blobs = content.open(db).blobs();
        return patience == null ? blobs : blobs.within(patience);
    }

    /** The key of the blobs core that belongs to a db core of this manifest; anyone can compute it. */
    public static CoreKey blobsKey(Manifest dbManifest) {
        return DriveContent.manifest(dbManifest, dbManifest.coreKey()).coreKey();
    }

    /** Puts a file, whatever its length; durable when it returns. The stream is left open. */
    public BlobId put(String path, InputStream in, PutOptions options) throws IOException {
        byte[] key = DriveNames.key(DrivePath.of(path));
        requireWritable();
        try (BlobWriter writer = blobs().writer()) {
            BlobId blob = writer.write(in);
            put(key, writer, blob, options);
            return blob;
        }
    }

    /** Has the entry follow the last of its content, so that one write takes both to the disk. */
    private void put(byte[] key, BlobWriter writer, BlobId blob, PutOptions options) {
        BlockLog.Pending content = writer.submit();
        try {
            db.put(key, DriveEntry.encode(options.executable(), null, blob, options.metadata()));
        } finally {
            content.await();
        }
    }

    /** As {@link #put(String, InputStream, PutOptions)}. */
    public BlobId put(String path, byte[] bytes, PutOptions options) {
        byte[] key = DriveNames.key(DrivePath.of(path));
        requireWritable();
        try (BlobWriter writer = blobs().writer()) {
            BlobId blob = writer.write(bytes);
            put(key, writer, blob, options);
            return blob;
        }
    }

    /** Puts a plain file. */
    public BlobId put(String path, byte[] bytes) {
        return put(path, bytes, PutOptions.PLAIN);
    }

    /** A stream to write a file by, whatever its length; must be finished or closed. */
    public DriveOutputStream outputStream(String path, PutOptions options) {
        String name = DrivePath.of(path);
        requireWritable();
        return new DriveOutputStream(blobs().outputStream(), blob -> putEntry(name, blob, options));
    }

    /** As {@link #outputStream}; what the file of that name holds already, or holds twice, is not stored again. */
    public DriveOutputStream deduplicating(String path, PutOptions options) {
        String name = DrivePath.of(path);
        requireWritable();
        DriveEntry older = entry(name);
        BlobOutputStream out = blobs().deduplicating(older == null ? null : older.blob());
        return new DriveOutputStream(out, blob -> putEntry(name, blob, options));
    }

    /** Puts an entry for content that is in the blobs core already (or for none). */
    public void putEntry(String path, @Nullable BlobId blob, PutOptions options) {
        db.put(
                DriveNames.key(DrivePath.of(path)),
                DriveEntry.encode(options.executable(), null, blob, options.metadata()));
    }

    /** Puts a symbolic link; the target is text, not checked. */
    public void symlink(String path, String target) {
        symlink(path, target, null);
    }

    /** Puts a symbolic link with metadata. */
    public void symlink(String path, String target, @Nullable JsonNode metadata) {
        db.put(DriveNames.key(DrivePath.of(path)), DriveEntry.encode(false, target, null, metadata));
    }

    /** Removes an entry; false when there is none. The content stays in the blobs core and in older versions. */
    public boolean del(String path) {
        return db.del(DriveNames.key(DrivePath.of(path)));
    }

    /** Several changes that appear together; must be closed. */
    public DriveBatch batch() {
        requireWritable();
        Hyperblobs blobs = blobs();
        BlobWriter writer = blobs.writer();
        try {
            return new DriveBatch(blobs, writer, db.batch());
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
        BeeEntry found = db.get(DriveNames.key(name));
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

    /** Which entry was written later, as a comparator says it: negative when the first is the older one. */
    public static int compare(DriveEntry one, DriveEntry other) {
        return Long.compare(one.seq(), other.seq());
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

    /** {@code byteLength} bytes of an entry's content from the {@code start}-th on, fewer when it ends before. */
    public InputStream open(DriveEntry entry, long start, long byteLength) {
        return entry.blob() == null ? InputStream.nullInputStream() : blobs().open(entry.blob(), start, byteLength);
    }

    /** All entries below a folder ({@code "/"} for all), by the bytes of their names; links are entries, folders are not. */
    public Iterable<DriveEntry> list(String folder) {
        return list(folder, true, DriveNames.NOTHING);
    }

    /** As {@link #list(String)}; when not recursive, only the first entry of every folder below stands for it. */
    public Iterable<DriveEntry> list(String folder, boolean recursive) {
        return list(folder, recursive, DriveNames.NOTHING);
    }

    /** As {@link #list(String, boolean)}, without the entries whose path is ignored. */
    public Iterable<DriveEntry> list(String folder, boolean recursive, Predicate<String> ignored) {
        String prefix = DrivePath.folder(folder);
        return () -> {
            requestNames();
            if (recursive) {
                return DriveNames.entries(db.iterator(DriveNames.below(prefix)), ignored);
            }
            Hyperbee snapshot = db.snapshot();
            return new DriveNames.Shallow(prefix, snapshot::peek, ignored);
        };
    }

    /** What {@link #list(String, boolean, Predicate)} takes, for these files and folders and everything below them. */
    public static Predicate<String> ignoring(String... paths) {
        return DriveNames.ignoring(List.of(paths));
    }

    /** Entries whose paths, as bytes of UTF-8, are in a range; {@code /a/b} without anything in front. */
    public Iterable<DriveEntry> entries(BeeRange paths) {
        return () -> DriveNames.entries(db.iterator(DriveNames.keys(paths)), DriveNames.NOTHING);
    }

    /** Names, not paths, of the files and folders in a folder. */
    public List<String> readdir(String folder) {
        String prefix = DrivePath.folder(folder);
        List<String> names = new ArrayList<>();
        for (DriveEntry entry : list(folder, false)) {
            names.add(DriveNames.childName(prefix, entry.path()));
        }
        return names;
    }

    /** To walk somebody's names over the network, all blocks of them are asked for at once. */
    private void requestNames() {
        if (core.contiguousLength() < db.version()) {
            db.request();
        }
    }

    /** The entries below a folder that differ between this version (left) and another one (right). */
    public Iterable<DriveDiff> diff(long otherVersion, String folder) {
        BeeRange range = DriveNames.below(DrivePath.folder(folder));
        return () -> DriveNames.diffs(db.diff(otherVersion, range));
    }

    /** Watches the entries below a folder from now on. */
    public DriveWatcher watch(String folder) {
        BeeRange range = DriveNames.below(DrivePath.folder(folder));
        return new DriveWatcher(db.watch(range), this::view);
    }

    /**
     * Whether everything of a file, or of all files below a folder, is here. False as well when there is no such file or
     * folder, and for a link.
     */
    public boolean has(String path) {
        DriveEntry entry = path.endsWith("/") ? null : entry(path);
        if (entry != null) {
            return entry.blob() != null && blobs().has(entry.blob());
        }
        boolean found = false;
        for (DriveEntry below : list(path)) {
            found = true;
            if (below.blob() != null && !blobs().has(below.blob())) {
                return false;
            }
        }
        return found;
    }

    /** Fetches the contents of a file, or of all files below a folder. The names are read first, which may wait for peers. */
    public DriveDownload download(String path) {
        DriveEntry entry = path.endsWith("/") ? null : entry(path);
        return download(entry == null ? list(path) : List.of(entry));
    }

    /** Fetches the contents of entries, as {@link #list(String, boolean, Predicate)} and others give them. */
    public DriveDownload download(Iterable<DriveEntry> entries) {
        BlobRanges wanted = new BlobRanges();
        for (DriveEntry entry : entries) {
            if (entry.blob() != null) blobs().ranges(entry.blob(), wanted);
        }
        return DriveDownload.of(blobsCore(), wanted.runs());
    }

    /** Fetches the contents of those entries below a folder that are not in another version, or otherwise. */
    public DriveDownload downloadDiff(long otherVersion, String folder) {
        List<DriveEntry> newer = new ArrayList<>();
        for (DriveDiff diff : diff(otherVersion, folder)) if (diff.left() != null) newer.add(diff.left());
        return download(newer);
    }

    /** Fetches ranges of the core of names and of that of contents. */
    public DriveDownload downloadRange(Collection<BlockRange> names, Collection<BlockRange> contents) {
        return DriveDownload.of(core, names, blobsCore(), contents);
    }

    /** Drops the content of a file here; its entry stays, and peers may supply it again. Returns how many blocks were here. */
    public long clear(String path) {
        DriveEntry entry;
        try {
            entry = within(Duration.ZERO).entry(path);
        } catch (BlockNotAvailableException e) {
            // Not even the name is here; peers are not asked for it only to drop what it names.
            return 0;
        }
        return entry == null || entry.blob() == null ? 0 : blobs().clear(entry.blob());
    }

    /** Drops all contents here, as {@link #clear}. Returns how many blocks were here. */
    public long clearAll() {
        BlockLog log = blobs().log();
        return log.clear(0, log.length());
    }

    /** How many blocks of the blobs core the entries of this version take. */
    public long blobsLength() {
        requestNames();
        return DriveNames.blobsLength(db.range(BeeRange.all()));
    }

    /** As {@link #truncate(long, long)}, to the blobs that the entries of that version take. */
    public void truncate(long version) {
        truncate(version, checkout(version).blobsLength());
    }

    /**
     * Cuts the drive back to a version; what was written after it is gone, here and at peers that follow. Checkouts made
     * before cannot be read any more.
     *
     * @param blobsLength how many blocks of the blobs core to keep
     */
    public void truncate(long version, long blobsLength) {
        requireWritable();
        Hypercore blobsCore = blobsCore();
        // In the order of every write to a drive: content, then names.
        try (BlobWriter _ = blobs().writer();
                BeeBatch _ = db.batch()) {
            if (version < 0 || version > core.length() || blobsLength < 0 || blobsLength > blobsCore.length()) {
                throw new DriveException("The drive has the version " + version() + " and " + blobsCore.length()
                        + " blocks of content: it cannot be cut to version " + version + " and " + blobsLength
                        + " blocks.");
            }
            core.truncate(version);
            blobsCore.truncate(blobsLength);
        }
    }

    /** Removes both cores with all that is in them from the store; the drive is closed and dead afterwards. */
    public void purge() {
        if (checkedOut) {
            throw new DriveException("A checkout cannot be purged: purge the drive itself.");
        }
        CoreKey blobs = blobsCore().key();
        close();
        store.purge(core.key());
        store.purge(blobs);
    }

    /** Closes the handles on the two cores; the store stays open. A checkout has none of its own. */
    @Override
    public void close() {
        if (!checkedOut) {
            core.close();
            content.close();
        }
    }
}
