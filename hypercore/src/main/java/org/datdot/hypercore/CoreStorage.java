package org.datdot.hypercore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * A store directory: the file CORESTORE and a RocksDB database {@code db/} in the layout of npm hypercore-storage 3, so
 * that the stock software opens what this writes and the other way round. Thread-safe. After a failed write every further
 * write is refused until the store is opened again; reading goes on.
 */
final class CoreStorage implements AutoCloseable {
    private final Path directory;
    private final DeviceFile deviceFile;
    private final StoreDatabase database;
    private final BlockFiles blockFiles;
    private final WriteOptions writeOptions;
    private final ReadOptions readOptions;
    private final ReadOptions blockOptions;
    private final ReadOptions scanOptions;
    private final CommitQueue commits;
    private final InstantSource clock;
    private final StoreGate gate = new StoreGate();
    private final NodeCache nodes = new NodeCache();

    private volatile @Nullable StorageException writeFailure;
    private volatile boolean closed;

    private CoreStorage(
            Path directory,
            DeviceFile deviceFile,
            StoreDatabase database,
            BlockFiles blockFiles,
            StoreOptions options) {
        this.directory = directory;
        this.deviceFile = deviceFile;
        this.database = database;
        this.blockFiles = blockFiles;
        this.writeOptions = new WriteOptions().setSync(options.sync());
        this.readOptions = new ReadOptions();
        this.blockOptions = new ReadOptions().setVerifyChecksums(options.checkReads());
        this.scanOptions = new ReadOptions().setFillCache(false);
        this.commits = new CommitQueue(this);
        this.clock = options.clock();
    }

    /** Opens or makes a store. */
    static CoreStorage open(Path directory, StoreOptions options) {
        makeDirectory(directory);
        if (Files.exists(directory.resolve("primary-key")) && !Files.exists(directory.resolve("CORESTORE"))) {
            throw new StorageException(
                    StorageException.Kind.UNKNOWN_VERSION,
                    "the store " + directory
                            + " was written by a release of the stock software before version 11; open it"
                            + " once with that software's newest release, which converts it, or use a new directory");
        }
        DeviceFile deviceFile = DeviceFile.open(directory.resolve("CORESTORE"), options.allowMoved());
        try {
            Path files = directory.resolve("db");
            BlockFiles.removeLeftovers(files);
            StoreDatabase database = StoreDatabase.open(files, options);
            return new CoreStorage(directory, deviceFile, database, new BlockFiles(database, files), options);
        } catch (IOException | RocksDBException e) {
            StorageException failure = StorageException.of("cannot open the store " + directory, e);
            closeAfter(deviceFile, failure);
            throw failure;
        } catch (StorageException e) {
            closeAfter(deviceFile, e);
            throw e;
        }
    }

    private static void makeDirectory(Path directory) {
        try {
            Files.createDirectories(directory.resolve("db"));
        } catch (IOException | ReadOnlyFileSystemException e) {
            throw StorageException.of("cannot make the store directory " + directory, e);
        }
        if (!Files.isWritable(directory)) {
            throw new StorageException(
                    StorageException.Kind.READ_ONLY,
                    "the store directory " + directory + " cannot be written; give this user the right to write there");
        }
    }

    private static void closeAfter(DeviceFile deviceFile, StorageException failure) {
        try {
            deviceFile.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    CommitQueue commits() {
        return commits;
    }

    /** Tree nodes of all cores that were read lately. */
    NodeCache nodes() {
        return nodes;
    }

    /** The time of day. */
    InstantSource clock() {
        return clock;
    }

    Path directory() {
        return directory;
    }

    byte @Nullable [] get(byte[] key) {
        return get(key, readOptions);
    }

    private byte @Nullable [] get(byte[] key, ReadOptions how) {
        gate.enter();
        try {
            requireOpen();
            return database.db().get(database.cores(), how, key);
        } catch (RocksDBException e) {
            throw StorageException.of("cannot read from the store " + directory, e);
        } finally {
            gate.leave();
        }
    }

    /** Visits all records with {@code from <= key < to}, in order. */
    void scan(byte[] from, byte[] to, BiConsumer<byte[], byte[]> visitor) {
        gate.enter();
        try (Slice end = new Slice(to);
                ReadOptions bounded = new ReadOptions(scanOptions).setIterateUpperBound(end);
                RocksIterator at = requireOpen().db().newIterator(database.cores(), bounded)) {
            for (at.seek(from); at.isValid(); at.next()) visitor.accept(at.key(), at.value());
            at.status();
        } catch (RocksDBException e) {
            throw StorageException.of("cannot read from the store " + directory, e);
        } finally {
            gate.leave();
        }
    }

    @Nullable
    TreeNode treeNode(Pointers pointers, long index) {
        return decodeNode(index, get(StorageKeys.treeNode(pointers.forTreeNode(index), index)));
    }

    @Nullable
    TreeNode decodeNode(long index, byte @Nullable [] value) {
        if (value == null) return null;
        return decoded("tree node " + index, () -> TreeNodeCodec.decode(new CompactDecoder(value)));
    }

    byte @Nullable [] block(Pointers pointers, long index) {
        return get(StorageKeys.block(pointers.forBlock(index), index), blockOptions);
    }

    /** A record that is read; one that makes no sense is a {@link StorageException} of kind CORRUPT. */
    <T> T decoded(String what, Supplier<T> decode) {
        try {
            return decode.get();
        } catch (DecodingException e) {
            throw corrupt(what, e);
        }
    }

    StorageException corrupt(String what, @Nullable Exception cause) {
        return new StorageException(
                StorageException.Kind.CORRUPT,
                "the store " + directory + " holds a damaged record (" + what + "); " + StorageException.CORRUPT_ADVICE,
                cause);
    }

    /** Fills a batch and, unless it stays empty, writes it, waiting for the disk when the store is opened so. */
    void write(WriteAction action) {
        Writer writer = new Writer(new WriteBuffer(database.cores()));
        action.fill(writer);
        if (!writer.rows.isEmpty()) ingest(writer.rows);
        if (writer.buffer.isEmpty()) {
            requireWritable();
            return;
        }
        try (WriteBatch batch = writer.buffer.toBatch()) {
            write(batch, writer.deletesRange);
        } catch (RocksDBException e) {
            throw failed(StorageException.of("cannot write to the store " + directory, e));
        }
    }

    /** Stores blocks ahead of the records that say they are here: without those nobody looks at them. */
    private void ingest(List<BlockFiles.Row> rows) {
        requireWritable();
        gate.enter();
        try {
            requireOpen();
            blockFiles.ingest(rows);
        } catch (RocksDBException e) {
            throw failed(StorageException.of("cannot write to the store " + directory, e));
        } finally {
            gate.leave();
        }
    }

    private void write(WriteBatch batch, boolean deletesRange) throws RocksDBException {
        StorageException earlier = writeFailure;
        if (earlier != null) throw refused(earlier);
        gate.enter();
        try {
            StoreDatabase target = requireOpen();
            if (deletesRange) target.collectGarbage();
            target.db().write(writeOptions, batch);
        } finally {
            gate.leave();
        }
    }

    /**
     * Lets the calls under way end, brings everything to the disk and has the database rest. Whoever reads or writes from
     * then on waits until {@link #resume}.
     */
    void suspend() {
        gate.lock();
        try {
            if (gate.suspended()) return;
            requireOpen().rest();
            gate.suspended(true);
        } catch (RocksDBException e) {
            throw StorageException.of("cannot suspend the store " + directory, e);
        } finally {
            gate.unlock();
        }
    }

    /** Ends what {@link #suspend} began. */
    void resume() {
        gate.lock();
        try {
            if (!gate.suspended()) return;
            if (!closed) database.goOn();
            gate.suspended(false);
        } catch (RocksDBException e) {
            throw StorageException.of("cannot resume the store " + directory, e);
        } finally {
            gate.unlock();
        }
    }

    /** Gives the space of what was deleted in a range of keys back to the disk; takes as long as rewriting the rest. */
    void compact(byte[] from, byte[] to) {
        gate.enter();
        try {
            requireOpen().compact(from, to);
        } catch (RocksDBException e) {
            throw StorageException.of("cannot compact the store " + directory, e);
        } finally {
            gate.leave();
        }
    }

    /** The same for all records. */
    void compact() {
        compact(StorageKeys.storeHead(), StorageKeys.end());
    }

    /** The records as they are now, however they change later. */
    View view() {
        gate.enter();
        try {
            return new View(requireOpen().db().getSnapshot());
        } finally {
            gate.leave();
        }
    }

    /** A frozen view of the records; must be closed, it keeps deleted ones on disk. */
    final class View implements AutoCloseable {
        private final Snapshot snapshot;
        private final ReadOptions options;
        private final AtomicBoolean released = new AtomicBoolean();

        private View(Snapshot snapshot) {
            this.snapshot = snapshot;
            this.options = new ReadOptions().setSnapshot(snapshot);
        }

        byte @Nullable [] get(byte[] key) {
            gate.enter();
            try {
                if (released.get()) throw new StorageException(StorageException.Kind.CLOSED, "the snapshot is closed");
                return requireOpen().db().get(database.cores(), options, key);
            } catch (RocksDBException e) {
                throw StorageException.of("cannot read from the store " + directory, e);
            } finally {
                gate.leave();
            }
        }

        @Override
        public void close() {
            gate.lock();
            try {
                if (!released.compareAndSet(false, true)) return;
                options.close();
                if (!closed) database.db().releaseSnapshot(snapshot);
            } finally {
                gate.unlock();
            }
        }
    }

    private StorageException failed(StorageException failure) {
        writeFailure = failure;
        return failure;
    }

    /** Ends writing because of something unforeseen: what is in memory and what is on disk may differ now. */
    StorageException refuseWrites(String what, Exception cause) {
        return failed(new StorageException(StorageException.Kind.IO, what + ": " + cause.getMessage(), cause));
    }

    /** Whether no earlier write failed. */
    boolean writable() {
        return writeFailure == null;
    }

    /** Throws when an earlier write failed. */
    void requireWritable() {
        StorageException earlier = writeFailure;
        if (earlier != null) throw refused(earlier);
    }

    private static StorageException refused(StorageException earlier) {
        return new StorageException(
                earlier.kind(),
                "an earlier write failed, so nothing more is written until the store is opened again: "
                        + earlier.getMessage(),
                earlier);
    }

    /** How many bytes the cache of what is read from the database holds. */
    long cacheBytes() {
        gate.enter();
        try {
            return requireOpen().cacheBytes();
        } catch (RocksDBException e) {
            throw StorageException.of("cannot read from the store " + directory, e);
        } finally {
            gate.leave();
        }
    }

    private StoreDatabase requireOpen() {
        if (closed) throw new StorageException(StorageException.Kind.CLOSED, "the store " + directory + " is closed");
        return database;
    }

    @Override
    public void close() {
        resume();
        commits.close();
        gate.lock();
        try {
            if (closed) return;
            closed = true;
            writeOptions.close();
            readOptions.close();
            blockOptions.close();
            scanOptions.close();
            blockFiles.close();
            database.close();
            deviceFile.close();
        } catch (IOException e) {
            throw StorageException.of("cannot close the store " + directory, e);
        } finally {
            gate.unlock();
        }
    }

    /** What goes into one atomic write. */
    @FunctionalInterface
    interface WriteAction {
        void fill(Writer out);
    }

    /** Puts records of the stock layout into a batch. */
    static final class Writer {
        private final WriteBuffer buffer;
        private final List<BlockFiles.Row> rows = new ArrayList<>();
        private boolean deletesRange;

        private Writer(WriteBuffer buffer) {
            this.buffer = buffer;
        }

        void put(byte[] key, byte[] value) {
            buffer.put(key, value);
        }

        void put(byte[] key, StoreRecord record) {
            buffer.put(key, record.encode());
        }

        /** Adds blocks that go into a file of their own; nothing in the same write deletes any of them. */
        void row(BlockFiles.Row blocks) {
            rows.add(blocks);
        }

        void treeNode(long dataPointer, TreeNode node) {
            CompactEncoder value = new CompactEncoder();
            TreeNodeCodec.encode(value, node);
            buffer.put(StorageKeys.treeNode(dataPointer, node.index()), value.toBytes());
        }

        /** Removes every node that covers a block at or behind {@code length}, in a tree of {@code cutLength} blocks. */
        void cutTree(long data, long length, long cutLength) {
            long end = 2 * cutLength;
            if (length >= cutLength) return;
            deleteRange(StorageKeys.treeNode(data, 2 * length), StorageKeys.treeNode(data, end));
            if (length == 0) return;
            FlatIterator at = new FlatIterator(2 * length - 2);
            while (at.leftSpan() > 0 || at.rightSpan() < end) {
                at.parent();
                if (at.index() < 2 * length && at.rightSpan() >= 2 * length) {
                    delete(StorageKeys.treeNode(data, at.index()));
                }
            }
        }

        void userData(long dataPointer, String name, byte @Nullable [] value) {
            byte[] key = StorageKeys.userData(dataPointer, name);
            if (value == null) delete(key);
            else put(key, value);
        }

        void delete(byte[] key) {
            buffer.delete(key);
        }

        void deleteRange(byte[] from, byte[] to) {
            deletesRange = true;
            buffer.deleteRange(from, to);
        }
    }

    /**
     * Where a core's data is.
     *
     * @param corePointer number of the core
     * @param dataPointer number of its data
     * @param dependencies older data this one continues, shortest first
     */
    record Pointers(long corePointer, long dataPointer, List<StoreRecord.Dependency> dependencies) {

        long forBlock(long index) {
            for (StoreRecord.Dependency older : dependencies) {
                if (index < older.length()) return older.dataPointer();
            }
            return dataPointer;
        }

        long forTreeNode(long index) {
            if (dependencies.isEmpty()) return dataPointer;
            long lastLeaf = new FlatIterator(index).rightSpan();
            for (StoreRecord.Dependency older : dependencies) {
                if (lastLeaf <= (older.length() - 1) * 2) return older.dataPointer();
            }
            return dataPointer;
        }
    }

    Pointers pointers(long corePointer, long dataPointer) {
        List<StoreRecord.Dependency> dependencies = new ArrayList<>();
        long at = dataPointer;
        while (true) {
            byte[] value = get(StorageKeys.dependency(at));
            if (value == null) return new Pointers(corePointer, dataPointer, List.copyOf(dependencies));
            String what = "dependency " + at;
            StoreRecord.Dependency dependency = decoded(what, () -> StoreRecord.Dependency.decode(value));
            if (dependencies.size() == MAX_DEPENDENCIES) throw corrupt(what, null);
            dependencies.add(dependency);
            at = dependency.dataPointer();
        }
    }

    /** Sessions on sessions on sessions; more go in a circle. */
    private static final int MAX_DEPENDENCIES = 10_000;
}
