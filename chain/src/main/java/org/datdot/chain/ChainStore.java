package org.datdot.chain;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.datdot.chain.ChainException.Kind;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Blocks, their events and the newest state in one RocksDB database. A block and what it changed are one batch, synced before
 * {@link #commit} returns: after a crash both are there or neither.
 *
 * <p>Keys begin with a letter: {@code m} what the chain is and its head, {@code b} blocks and {@code e} events by number,
 * {@code h} numbers by block hash, {@code s} state. A record of {@code b}, {@code e} and {@code m} ends with a BLAKE2b-256 of
 * the rest; the state is the one whose root the newest block has, so that damage the database does not notice is found when the chain is opened. Thread-safe. After a failed write nothing more is written until the store is opened again.
 */
final class ChainStore implements AutoCloseable {
    private static final byte[] SPEC = "m-spec".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BASE = "m-base".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HEAD = "m-head".getBytes(StandardCharsets.US_ASCII);
    private static final int FORMAT_VERSION = 2;
    private static final int CHECK_BYTES = 32;
    private static final long CACHE_BYTES = 8L << 20;
    private static final long WRITE_BUFFER_BYTES = 8L << 20;
    private static final int MAX_OPEN_FILES = 256;

    private final Path directory;
    private final Options options;
    private final LRUCache cache;
    private final RocksDB db;
    private final WriteOptions synced = new WriteOptions().setSync(true);
    /** Callers hold it shared, close exclusively: the native database must not vanish below a call. */
    private final ReentrantReadWriteLock open = new ReentrantReadWriteLock();

    private volatile @Nullable ChainException writeFailure;
    private volatile boolean closed;

    private ChainStore(Path directory, Options options, LRUCache cache, RocksDB db) {
        this.directory = directory;
        this.options = options;
        this.cache = cache;
        this.db = db;
    }

    /** Opens a store, or makes one when {@code create} is set. */
    static ChainStore open(Path directory, boolean create) {
        RocksDB.loadLibrary();
        if (create) {
            makeDirectory(directory);
        } else if (!Files.exists(directory.resolve("CURRENT"))) {
            throw notFound(directory);
        }
        LRUCache cache = new LRUCache(CACHE_BYTES);
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
                .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache));
        try {
            return new ChainStore(directory, options, cache, RocksDB.open(options, directory.toString()));
        } catch (RocksDBException e) {
            options.close();
            cache.close();
            throw failure(directory, "open", e);
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
                                        ? "; its blocks commit to the state in another way: go on with the older"
                                                + " program that wrote it, or move the directory away and start a new"
                                                + " chain"
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

    /** The whole state, which is the one that was stored where its root is that of the head. */
    StateTrie loadState() {
        StateTrie.Builder state = new StateTrie.Builder();
        open.readLock().lock();
        try (Slice end = new Slice(new byte[] {'s' + 1});
                ReadOptions bounded =
                        new ReadOptions().setIterateUpperBound(end).setFillCache(false);
                RocksIterator at = requireOpen().newIterator(bounded)) {
            for (at.seek(new byte[] {'s'}); at.isValid(); at.next()) {
                byte[] key = Arrays.copyOfRange(at.key(), 1, at.key().length);
                state.put(key, at.value());
            }
            at.status();
            return state.build();
        } catch (RocksDBException e) {
            throw failure(directory, "read", e);
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
     * Writes a block, its events, the changes of state and the new head as one, and waits until the disk has them.
     *
     * @param spec what chain this is; only with its first block
     */
    void commit(Block block, byte[] events, StateChanges changes, @Nullable ChainSpec spec) {
        long number = block.header().number();
        open.readLock().lock();
        try (WriteBatch batch = new WriteBatch()) {
            requireWritable();
            if (spec != null) {
                putSpec(batch, spec);
            }
            putBlock(batch, block, events);
            byte[] head = new ScaleEncoder().u64(number).toBytes();
            putChecked(batch, HEAD, head);
            for (StateChanges.Change change : changes.list()) {
                byte[] value = change.value();
                if (value == null) {
                    batch.delete(prefixed('s', change.key()));
                } else {
                    batch.put(prefixed('s', change.key()), value);
                }
            }
            requireOpen().write(synced, batch);
        } catch (RocksDBException e) {
            ChainException failure = failure(directory, "write block " + number + " to", e);
            writeFailure = failure;
            throw failure;
        } finally {
            open.readLock().unlock();
        }
    }

    /** Writes a snapshot, and block 0, into an empty store as one. */
    void restore(Block genesis, StateSnapshot snapshot) {
        long number = snapshot.block().header().number();
        open.readLock().lock();
        try (WriteBatch batch = new WriteBatch()) {
            putSpec(batch, snapshot.spec());
            putBlock(batch, genesis, EventRecord.encodeAll(List.of()));
            putBlock(batch, snapshot.block(), snapshot.events());
            putChecked(batch, HEAD, new ScaleEncoder().u64(number).toBytes());
            putChecked(batch, BASE, new ScaleEncoder().u64(number).toBytes());
            snapshot.trie().forEach(new byte[0], (key, value) -> {
                try {
                    batch.put(prefixed('s', key), value);
                } catch (RocksDBException e) {
                    throw failure(directory, "write the snapshot to", e);
                }
                return true;
            });
            requireOpen().write(synced, batch);
        } catch (RocksDBException e) {
            throw failure(directory, "write the snapshot to", e);
        } finally {
            open.readLock().unlock();
        }
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
            throw failure(directory, "read", e);
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
        return new ChainException(Kind.DAMAGED, damagedText(directory, what), cause);
    }

    private static String damagedText(Path directory, String what) {
        return "the chain in " + directory + " is damaged: " + what
                + "; nothing was changed. Restore the directory from a copy, or move it away and start with an empty"
                + " one";
    }

    private static ChainException failure(Path directory, String action, RocksDBException e) {
        Status status = e.getStatus();
        String text = String.valueOf(e.getMessage());
        Status.Code code = status == null ? Status.Code.Undefined : status.getCode();
        Status.SubCode subCode = status == null ? Status.SubCode.None : status.getSubCode();
        if (text.contains("LOCK") && text.toLowerCase(Locale.ROOT).contains("lock ")) {
            return new ChainException(
                    Kind.IN_USE,
                    "the chain in " + directory + " is in use by another process; stop that one first, or give this one"
                            + " another directory",
                    e);
        }
        if (subCode == Status.SubCode.NoSpace || text.contains("No space left")) {
            return new ChainException(
                    Kind.NO_SPACE,
                    "no space left to " + action + " the chain in " + directory
                            + "; free some and start again, everything up to the last block is kept",
                    e);
        }
        if (code == Status.Code.Corruption
                || text.contains("Corruption")
                || text.contains("does not exist (create_if_missing is false)")) {
            return new ChainException(Kind.DAMAGED, damagedText(directory, text), e);
        }
        return new ChainException(
                Kind.IO,
                "cannot " + action + " the chain in " + directory + ": " + text
                        + "; check the disk and its permissions",
                e);
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
            options.close();
            cache.close();
        } finally {
            open.writeLock().unlock();
        }
    }
}
