package org.datdot.hypercore;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.datdot.crypto.LibraryCache;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ChecksumType;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.MutableColumnFamilyOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.util.Environment;

/**
 * The native database with the options the stock software uses (npm rocksdb-native, hypercore-storage index.js), except
 * those which only size memory and work: write buffers are small, files kept open are bounded, the stores of a process
 * share one block cache unless they have their own, and garbage among the blocks is collected only once something was deleted.
 */
final class StoreDatabase implements AutoCloseable {
    private static final long CACHE_BYTES = 32L << 20;
    private static final int MAX_OPEN_FILES = 512;
    private static final int TABLE_BLOCK_BYTES = 8192;
    private static final int FORMAT_VERSION = 6;
    private static final int MIN_BLOB_BYTES = 4096;
    private static final long BLOB_FILE_BYTES = 256L << 20;

    private final RocksDB db;
    private final ColumnFamilyHandle cores;
    private final BloomFilter bloom;
    private final List<AutoCloseable> owned;
    private final AtomicBoolean collecting = new AtomicBoolean();

    private StoreDatabase(RocksDB db, ColumnFamilyHandle cores, BloomFilter bloom, List<AutoCloseable> owned) {
        this.db = db;
        this.cores = cores;
        this.bloom = bloom;
        this.owned = owned;
    }

    /** Loaded with the first store and kept: native memory that all stores of the process share. */
    private static final class Shared {
        static final Cache CACHE = load();

        private static Cache load() {
            // in a folder RocksDB looks for another name than the one it has in its jar
            LibraryCache.load(
                    RocksDB.class,
                    Environment.getJniLibraryFileName("rocksdb"),
                    Environment.getJniLibraryFileName("rocksdbjni"),
                    folder -> RocksDB.loadLibrary(List.of(folder.toString())),
                    RocksDB::loadLibrary);
            return new LRUCache(CACHE_BYTES);
        }
    }

    static StoreDatabase open(Path directory, StoreOptions options) throws RocksDBException {
        List<AutoCloseable> owned = new ArrayList<>();
        Cache cache = Shared.CACHE;
        if (options.cacheBytes() > 0) {
            cache = new LRUCache(options.cacheBytes());
            owned.add(cache);
        }
        DBOptions dbOptions = new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setMaxBackgroundJobs(4)
                .setMaxOpenFiles(MAX_OPEN_FILES)
                .setBytesPerSync(1 << 20)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setKeepLogFileNum(2);
        owned.add(dbOptions);
        BloomFilter bloom = new BloomFilter(10);
        owned.add(bloom);
        ColumnFamilyOptions plain = columnFamily(cache, bloom, options);
        ColumnFamilyOptions blobs = columnFamily(cache, bloom, options)
                .setEnableBlobFiles(true)
                .setMinBlobSize(MIN_BLOB_BYTES)
                .setBlobFileSize(BLOB_FILE_BYTES)
                .setBlobCompressionType(CompressionType.NO_COMPRESSION)
                // Off until something is deleted: it copies a quarter of all blocks with every compaction, garbage or
                // not.
                .setEnableBlobGarbageCollection(false)
                .setBlobGarbageCollectionAgeCutoff(0.25)
                .setBlobGarbageCollectionForceThreshold(1.0);
        owned.add(plain);
        owned.add(blobs);
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        List<ColumnFamilyDescriptor> families = List.of(
                new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, plain),
                new ColumnFamilyDescriptor("corestore".getBytes(StandardCharsets.UTF_8), blobs));
        try {
            RocksDB db = RocksDB.open(dbOptions, directory.toString(), families, handles);
            return new StoreDatabase(db, handles.get(1), bloom, owned);
        } catch (RocksDBException e) {
            release(owned);
            throw e;
        }
    }

    private static ColumnFamilyOptions columnFamily(Cache cache, BloomFilter bloom, StoreOptions options) {
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setFormatVersion(FORMAT_VERSION)
                .setBlockSize(TABLE_BLOCK_BYTES)
                .setBlockCache(cache)
                .setCacheIndexAndFilterBlocks(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setFilterPolicy(bloom);
        return new ColumnFamilyOptions()
                .setTableFormatConfig(table)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setBottommostCompressionType(CompressionType.NO_COMPRESSION)
                .setWriteBufferSize(options.writeBufferBytes())
                .setMaxWriteBufferNumber(4);
    }

    RocksDB db() {
        return db;
    }

    /** How tables of large values are written that are not made by the database itself; the caller closes them. */
    Options tableOptions() {
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setFormatVersion(FORMAT_VERSION)
                .setBlockSize(TABLE_BLOCK_BYTES)
                .setChecksumType(ChecksumType.kXXH3)
                .setFilterPolicy(bloom);
        return new Options()
                .setTableFormatConfig(table)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setBottommostCompressionType(CompressionType.NO_COMPRESSION);
    }

    /** How many bytes the cache of what is read holds. */
    long cacheBytes() throws RocksDBException {
        return db.getLongProperty(cores, "rocksdb.block-cache-capacity");
    }

    ColumnFamilyHandle cores() {
        return cores;
    }

    /** From now on the space of deleted blocks is won back as files are compacted. */
    void collectGarbage() throws RocksDBException {
        if (collecting.compareAndSet(false, true)) {
            db.setOptions(
                    cores,
                    MutableColumnFamilyOptions.builder()
                            .setEnableBlobGarbageCollection(true)
                            .build());
        }
    }

    /** Rewrites what lies in a range of keys, so that the space of what was deleted there is free when it returns. */
    void compact(byte[] from, byte[] to) throws RocksDBException {
        db.setOptions(cores, garbage(1.0));
        try (CompactRangeOptions options = new CompactRangeOptions()
                .setBottommostLevelCompaction(CompactRangeOptions.BottommostLevelCompaction.kForce)
                .setExclusiveManualCompaction(false)) {
            db.compactRange(cores, from, to, options);
        } finally {
            db.setOptions(cores, garbage(0.25));
        }
    }

    /** Brings everything to the disk and ends the work in the background. */
    void rest() throws RocksDBException {
        db.flushWal(true);
        db.pauseBackgroundWork();
    }

    /** Takes up the work in the background again. */
    void goOn() throws RocksDBException {
        db.continueBackgroundWork();
    }

    /** Which part of the block files, oldest first, is looked through for garbage. */
    private static MutableColumnFamilyOptions garbage(double ageCutoff) {
        return MutableColumnFamilyOptions.builder()
                .setEnableBlobGarbageCollection(true)
                .setBlobGarbageCollectionAgeCutoff(ageCutoff)
                .build();
    }

    private static void release(List<AutoCloseable> owned) {
        for (AutoCloseable each : owned.reversed()) {
            try {
                each.close();
            } catch (Exception e) {
                throw new IllegalStateException("native options cannot be released", e);
            }
        }
    }

    @Override
    public void close() {
        cores.close();
        db.close();
        release(owned);
    }
}
