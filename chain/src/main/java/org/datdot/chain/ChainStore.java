package org.datdot.chain;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.datdot.chain.ChainException.Kind;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.crypto.LibraryCache;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.rocksdb.util.Environment;

/**
 * Blocks, their events and the newest state in one RocksDB database. A block and what it changed are one batch, synced before
 * {@link #commit} returns: after a crash both are there or neither.
 *
 * <p>Keys begin with a letter: {@code m} what the chain is and its head, {@code b} blocks and {@code e} events by number,
 * {@code h} numbers by block hash, {@code n}, {@code r} and {@code x} states ({@link StateStore}). A record of {@code b}, {@code e} and {@code m} ends with a BLAKE2b-256 of
 * the rest, and states are bound by their roots, so that damage the database does not notice is found when it is read. Thread-safe. After a failed write nothing more is written until the store is opened again.
 */
final class ChainStore implements AutoCloseable {
    private static final byte[] SPEC = "m-spec".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BASE = "m-base".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HEAD = "m-head".getBytes(StandardCharsets.US_ASCII);
    private static final int FORMAT_VERSION = 3;
    private static final int CHECK_BYTES = 32;
    private static final long CACHE_BYTES = 32L << 20;
    private static final long WRITE_BUFFER_BYTES = 16L << 20;
    private static final double FILTER_BITS = 10;
    private static final int MAX_OPEN_FILES = 256;

    private final Path directory;
    private final Options options;
    private final LRUCache cache;
    private final RocksDB db;
    private final BloomFilter filter;
    private final WriteOptions synced = new WriteOptions().setSync(true);
    /** For what counts only with a synced write after it. */
    private final WriteOptions unsynced = new WriteOptions();

    private final StateStore states;
    /** Callers hold it shared, close exclusively: the native database must not vanish below a call. */
    private final ReentrantReadWriteLock open = new ReentrantReadWriteLock();

    private volatile @Nullable ChainException writeFailure;
    private volatile boolean closed;

    private ChainStore(
            Path directory, Options options, LRUCache cache, BloomFilter filter, RocksDB db, int keptStates) {
        this.states = new StateStore(new StateReads(), keptStates);
        this.directory = directory;
        this.options = options;
        this.cache = cache;
        this.filter = filter;
        this.db = db;
    }

    /** Opens a store, or makes one when {@code create} is set. */
    static ChainStore open(Path directory, boolean create) {
        return open(directory, create, StateStore.KEPT_BLOCKS);
    }

    /** The same, that keeps the states of so many blocks. */
    static ChainStore open(Path directory, boolean create, int keptStates) {
        // in a folder RocksDB looks for another name than the one it has in its jar
        LibraryCache.load(
                RocksDB.class,
                Environment.getJniLibraryFileName("rocksdb"),
                Environment.getJniLibraryFileName("rocksdbjni"),
                folder -> RocksDB.loadLibrary(List.of(folder.toString())),
                RocksDB::loadLibrary);
        if (create) {
            makeDirectory(directory);
        } else if (!Files.exists(directory.resolve("CURRENT"))) {
            throw notFound(directory);
        }
        LRUCache cache = new LRUCache(CACHE_BYTES);
        BloomFilter filter = new BloomFilter(FILTER_BITS);
        Options options = new Options()
                .setCreateIfMissing(create)
                .setMaxOpenFiles(MAX_OPEN_FILES)
                .setWriteBufferSize(WRITE_BUFFER_BYTES)
                // A torn record at the end was never acknowledged. Anything else missing from the log was: refuse to
                // open.
                .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
                .setParanoidChecks(true)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setKeepLogFileNum(2)
                .setTableFormatConfig(
                        new BlockBasedTableConfig().setBlockCache(cache).setFilterPolicy(filter));
        try {
            return new ChainStore(
                    directory, options, cache, filter, RocksDB.open(options, directory.toString()), keptStates);
        } catch (RocksDBException e) {
            options.close();
            filter.close();
            cache.close();
            throw StoreFailure.of(directory, "open", e);
        }
    }

    static ChainException notFound(Path directory) {
        return new ChainException(
                Kind.NOT_FOUND, "there is no chain in " + directory + "; check the directory, or start a new chain");
    }

    private static void makeDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new ChainException(
                    Kind.IO, "cannot make the chain's directory " + directory + ": " + e + "; give another one", e);
        }
        if (!Files.isWritable(directory)) {
            throw new ChainException(
                    Kind.IO, "the chain's directory " + directory + " cannot be written; give this user the right to");
        }
    }

    /** What chain this is, or null in a new store. */
    @Nullable
    ChainSpec spec() {
        byte[] bytes = record(SPEC, "the chain's specification");
        if (bytes == null) {
            if (getRaw(HEAD) != null) {
                throw damaged("the chain's specification is missing", null);
            }
            return null;
        }
        try {
            ScaleDecoder in = new ScaleDecoder(bytes);
            int version = in.u8();
            if (version != FORMAT_VERSION) {
                throw new ChainException(
                        Kind.UNKNOWN_VERSION,
                        "the chain in " + directory + " has format " + version + ", this program knows "
                                + FORMAT_VERSION
                                + (version < FORMAT_VERSION
                                        ? "; its blocks follow other rules: go on with the older program that"
                                                + " wrote it, or move the directory away and start a new chain"
                                        : "; use the program that wrote it, or a newer one"));
            }
            return ChainSpec.decode(in.bytes());
        } catch (DecodingException e) {
            throw damaged("the chain's specification cannot be read", e);
        }
    }

    /** The newest block's number; only for a store that has a specification. */
    long head() {
        byte[] bytes = record(HEAD, "the chain's head");
        if (bytes == null) {
            throw damaged("the chain's head is missing", null);
        }
        return new ScaleDecoder(bytes).u64();
    }

    /** The state after the newest block. Reads one node: how large it is does not matter. */
    StateTrie openState() {
        return states.open(head());
    }

    /** The state after a block, or null when it is not kept. */
    @Nullable
    StateTrie state(long number) {
        return states.at(number);
    }

    /** Where the nodes of states are. */
    TrieNodes nodes() {
        return states;
    }

    /** Reads all of the database's files and compares their checksums. */
    void verifyFiles() {
        open.readLock().lock();
        try {
            requireOpen().verifyChecksum();
        } catch (RocksDBException e) {
            throw StoreFailure.of(directory, "read", e);
        } finally {
            open.readLock().unlock();
        }
    }

    private final class StateReads implements StateStore.Reads {
        @Override
        public byte @Nullable [] get(byte[] key) {
            return getRaw(key);
        }

        @Override
        public StateStore.Moment moment() {
            open.readLock().lock();
            try {
                RocksDB at = requireOpen();
                Snapshot snapshot = at.getSnapshot();
                ReadOptions options = new ReadOptions().setSnapshot(snapshot).setFillCache(false);
                return new StateStore.Moment() {
                    @Override
                    public byte @Nullable [] get(byte[] key) {
                        return getAt(options, key);
                    }

                    @Override
                    public void close() {
                        open.readLock().lock();
                        try {
                            options.close();
                            if (!closed) {
                                at.releaseSnapshot(snapshot);
                            }
                        } finally {
                            open.readLock().unlock();
                        }
                    }
                };
            } finally {
                open.readLock().unlock();
            }
        }

        @Override
        public ChainException damaged(String what, @Nullable Throwable cause) {
            return ChainStore.this.damaged(what, cause);
        }
    }

    private byte @Nullable [] getAt(ReadOptions options, byte[] key) {
        open.readLock().lock();
        try {
            return requireOpen().get(options, key);
        } catch (RocksDBException e) {
            throw StoreFailure.of(directory, "read", e);
        } finally {
            open.readLock().unlock();
        }
    }

    /** A block, or null when there is none with this number. */
    @Nullable
    Block block(long number) {
        byte[] bytes = record(numbered('b', number), "block " + number);
        if (bytes == null) {
            return null;
        }
        try {
            return Block.decode(bytes);
        } catch (DecodingException e) {
            throw damaged("block " + number + " cannot be read", e);
        }
    }

    /** The events of a block as they were committed, or null. */
    byte @Nullable [] events(long number) {
        return record(numbered('e', number), "the events of block " + number);
    }

    /** The number of the block with this hash, or -1. */
    long number(Hash blockHash) {
        byte[] bytes = getRaw(prefixed('h', blockHash.bytes()));
        return bytes == null ? -1 : ByteBuffer.wrap(bytes).getLong();
    }

    /**
     * Writes a block, its events, the state after it and the new head as one, and waits until the disk has them.
     *
     * @param before the state before, stored; null before the first block
     * @param after the state after it
     * @param spec what chain this is; only with its first block
     * @return the state after it, stored
     */
    StateTrie commit(
            Block block, byte[] events, @Nullable StateTrie before, StateTrie after, @Nullable ChainSpec spec) {
        long number = block.header().number();
        open.readLock().lock();
        try (WriteBatch batch = new WriteBatch()) {
            requireWritable();
            if (spec != null) {
                putSpec(batch, spec);
                // What a snapshot may have left that was not there to its end.
                batch.deleteRange(StateStore.key('n', 0), StateStore.key('n', -1));
            }
            putBlock(batch, block, events);
            putChecked(batch, HEAD, new ScaleEncoder().u64(number).toBytes());
            StateTrie stored = states.save(batch, number, before, after);
            requireOpen().write(synced, batch);
            return stored;
        } catch (RocksDBException e) {
            ChainException failure = StoreFailure.of(directory, "write block " + number + " to", e);
            writeFailure = failure;
            throw failure;
        } finally {
            open.readLock().unlock();
        }
    }

    /** Writes a state alone, into a store that is thrown away when the process ends: nothing waits for the disk. */
    StateTrie commitState(long number, @Nullable StateTrie before, StateTrie after) {
        open.readLock().lock();
        try (WriteBatch batch = new WriteBatch()) {
            StateTrie stored = states.save(batch, number, before, after);
            requireOpen().write(unsynced, batch);
            return stored;
        } catch (RocksDBException e) {
            throw StoreFailure.of(directory, "write the state of block " + number + " to", e);
        } finally {
            open.readLock().unlock();
        }
    }

    /**
     * Writes a snapshot, and block 0, into a store without a chain, however large its state is. Until all of it is there and found right, the store has no chain.
     *
     * @param entries shows all entries, in the order of keys
     * @throws ChainException of kind INVALID_BLOCK when the entries are not those the block's header commits to
     */
    void restore(ChainSpec spec, Block genesis, Block block, StateRestore.Entries entries) throws IOException {
        long number = block.header().number();
        open.readLock().lock();
        try (WriteBatch batch = new WriteBatch()) {
            StateTrie state = restoreState(entries);
            byte[] events = EventRecord.encodeAll(ChainStorage.EVENTS.get(state).orElse(List.of()));
            if (!state.root().equals(block.header().stateRoot())) {
                dropNodes();
                throw SnapshotReader.broken("its entries are not those its header commits to");
            }
            putSpec(batch, spec);
            putBlock(batch, genesis, EventRecord.encodeAll(List.of()));
            putBlock(batch, block, events);
            putChecked(batch, HEAD, new ScaleEncoder().u64(number).toBytes());
            putChecked(batch, BASE, new ScaleEncoder().u64(number).toBytes());
            states.save(batch, number, null, state);
            requireOpen().write(synced, batch);
        } catch (RocksDBException e) {
            throw StoreFailure.of(directory, "write the snapshot to", e);
        } finally {
            open.readLock().unlock();
        }
    }

    /** Writes a state that belongs to no block yet, into a store without a chain. */
    StateTrie restoreState(StateRestore.Entries entries) throws IOException {
        open.readLock().lock();
        try {
            RocksDB to = requireOpen();
            // What an earlier attempt may have left.
            dropNodes();
            StateRestore restore = new StateRestore(
                    states,
                    batch -> to.write(unsynced, batch),
                    e -> StoreFailure.of(directory, "write the snapshot to", e));
            entries.forEach(restore);
            return restore.flush();
        } catch (RocksDBException e) {
            throw StoreFailure.of(directory, "write the snapshot to", e);
        } finally {
            open.readLock().unlock();
        }
    }

    private void dropNodes() throws RocksDBException {
        requireOpen().deleteRange(StateStore.key('n', 0), StateStore.key('n', -1));
    }

    /** About the bytes of memory that nodes of states take. */
    long cachedBytes() {
        return states.cachedBytes();
    }

    /** The block of the snapshot that the chain began with here; 0 where it began with none. */
    long base() {
        byte[] bytes = record(BASE, "the number of the first block");
        return bytes == null ? 0 : new ScaleDecoder(bytes).u64();
    }

    /** Refuses to go on after a failed write: what the disk has is unknown until the store is opened again. */
    void requireWritable() {
        ChainException earlier = writeFailure;
        if (earlier != null) {
            throw new ChainException(
                    Kind.STOPPED,
                    "the chain takes nothing since a write failed (" + earlier.getMessage()
                            + "); repair the cause and start again, everything up to the last block is kept",
                    earlier);
        }
    }

    private byte @Nullable [] record(byte[] key, String what) {
        byte[] bytes = getRaw(key);
        if (bytes == null) {
            return null;
        }
        int length = bytes.length - CHECK_BYTES;
        if (length < 0
                || !Arrays.equals(
                        Blake2b.hash(key, Arrays.copyOf(bytes, length)),
                        Arrays.copyOfRange(bytes, length, bytes.length))) {
            throw damaged(what + " does not have the checksum it was written with", null);
        }
        return Arrays.copyOf(bytes, length);
    }

    private byte @Nullable [] getRaw(byte[] key) {
        open.readLock().lock();
        try {
            return requireOpen().get(key);
        } catch (RocksDBException e) {
            throw StoreFailure.of(directory, "read", e);
        } finally {
            open.readLock().unlock();
        }
    }

    private RocksDB requireOpen() {
        if (closed) {
            throw new ChainException(Kind.CLOSED, "the chain in " + directory + " was closed");
        }
        return db;
    }

    ChainException damaged(String what, @Nullable Throwable cause) {
        return new ChainException(Kind.DAMAGED, StoreFailure.damaged(directory, what), cause);
    }

    private static void putChecked(WriteBatch batch, byte[] key, byte[] value) throws RocksDBException {
        byte[] out = Arrays.copyOf(value, value.length + CHECK_BYTES);
        System.arraycopy(Blake2b.hash(key, value), 0, out, value.length, CHECK_BYTES);
        batch.put(key, out);
    }

    private static void putSpec(WriteBatch batch, ChainSpec spec) throws RocksDBException {
        putChecked(
                batch,
                SPEC,
                new ScaleEncoder().u8(FORMAT_VERSION).bytes(spec.encode()).toBytes());
    }

    private static void putBlock(WriteBatch batch, Block block, byte[] events) throws RocksDBException {
        long number = block.header().number();
        putChecked(batch, numbered('b', number), block.encode());
        putChecked(batch, numbered('e', number), events);
        batch.put(
                prefixed('h', block.header().hash().bytes()),
                ByteBuffer.allocate(Long.BYTES).putLong(number).array());
    }

    private static byte[] numbered(char kind, long number) {
        return ByteBuffer.allocate(1 + Long.BYTES)
                .put((byte) kind)
                .putLong(number)
                .array();
    }

    private static byte[] prefixed(char kind, byte[] key) {
        return ByteBuffer.allocate(1 + key.length).put((byte) kind).put(key).array();
    }

    @Override
    public void close() {
        open.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            db.close();
            synced.close();
            unsynced.close();
            options.close();
            filter.close();
            cache.close();
        } finally {
            open.writeLock().unlock();
        }
    }
}
