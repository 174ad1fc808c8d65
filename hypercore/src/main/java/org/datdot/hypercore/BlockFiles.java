package org.datdot.hypercore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/**
 * Brings long rows of blocks into the database as tables of its own format, written beside it and moved in: each
 * byte is written once, where the log and then a blob file would take it twice. A table is on disk before it is part of the
 * database, whatever {@link StoreOptions#sync} says. One user at a time. Source: RocksDB's SstFileWriter and
 * IngestExternalFile.
 */
final class BlockFiles implements AutoCloseable {
    /** Shorter rows are not worth a file of their own. */
    static final long MIN_BYTES = 4L << 20;

    private static final String SUFFIX = ".blocks";
    private static final int KEY_BYTES = 32;
    /** Larger ones are rare, and handed over without a copy that stays. */
    private static final int MAX_COPIED_BYTES = 1 << 20;

    private final StoreDatabase database;
    private final Path folder;
    private final Options options;
    private final EnvOptions environment = new EnvOptions();
    private final IngestExternalFileOptions moving =
            new IngestExternalFileOptions().setMoveFiles(true).setWriteGlobalSeqno(false);
    private final ByteBuffer key = ByteBuffer.allocateDirect(KEY_BYTES);
    private final ByteBuffer value = ByteBuffer.allocateDirect(MAX_COPIED_BYTES);
    private long next;

    /**
     * Blocks one after the other.
     *
     * @param dataPointer number of the data they belong to
     * @param start index of the first
     */
    record Row(long dataPointer, long start, List<byte[]> values) {}

    BlockFiles(StoreDatabase database, Path folder) {
        this.database = database;
        this.folder = folder;
        this.options = database.tableOptions();
    }

    /** Removes what a killed process has left. */
    static void removeLeftovers(Path folder) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : left) Files.delete(file);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** Makes the blocks part of the database; they are on disk when it returns. */
    void ingest(List<Row> rows) throws RocksDBException {
        List<String> files = new ArrayList<>();
        try {
            for (Row row : rows) {
                String file = folder.resolve(next++ + SUFFIX).toString();
                files.add(file);
                write(row, file);
            }
            database.db().ingestExternalFile(database.cores(), files, moving);
        } catch (RocksDBException e) {
            for (String file : files) {
                try {
                    Files.deleteIfExists(Path.of(file));
                } catch (IOException left) {
                    e.addSuppressed(left);
                }
            }
            throw e;
        }
    }

    private void write(Row row, String file) throws RocksDBException {
        try (SstFileWriter out = new SstFileWriter(environment, options)) {
            out.open(file);
            long index = row.start;
            for (byte[] block : row.values) {
                byte[] name = StorageKeys.block(row.dataPointer, index++);
                if (block.length > MAX_COPIED_BYTES) out.put(name, block);
                else
                    out.put(
                            key.clear().put(name).flip(),
                            value.clear().put(block).flip());
            }
            out.finish();
        }
    }

    @Override
    public void close() {
        moving.close();
        environment.close();
        options.close();
    }
}
