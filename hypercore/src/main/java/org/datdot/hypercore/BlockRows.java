package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of one group of a core's changes in order: long rows of large ones become files of their own
 * ({@link BlockFiles}), the rest goes the way of all records. One use.
 */
final class BlockRows {
    /** Smaller blocks are cheaper as records, bytes on average. */
    private static final long MIN_AVERAGE_BYTES = 4096;

    private final TreeMap<Long, byte[]> blocks = new TreeMap<>();

    private BlockRows() {}

    /** Null when there are too few, or what is dropped in the same group must keep its place among them. */
    static @Nullable BlockRows of(List<CoreChange> changes) {
        long bytes = 0;
        long count = 0;
        for (CoreChange change : changes) {
            if (change.drops()) return null;
            bytes += change.valueBytes();
            count += change.values.size();
        }
        if (!isLong(bytes, count)) return null;
        BlockRows rows = new BlockRows();
        for (CoreChange change : changes) {
            for (int i = 0; i < change.values.size(); i++) {
                rows.blocks.put(change.start + i, change.values.get(i));
            }
        }
        return rows;
    }

    private static boolean isLong(long bytes, long count) {
        return bytes >= BlockFiles.MIN_BYTES && bytes >= MIN_AVERAGE_BYTES * count;
    }

    void write(CoreStorage.Writer out, long dataPointer) {
        List<byte[]> row = new ArrayList<>();
        long start = 0;
        for (Map.Entry<Long, byte[]> block : blocks.entrySet()) {
            if (block.getKey() != start + row.size()) {
                write(out, dataPointer, start, row);
                row = new ArrayList<>();
            }
            if (row.isEmpty()) start = block.getKey();
            row.add(block.getValue());
        }
        write(out, dataPointer, start, row);
    }

    private static void write(CoreStorage.Writer out, long dataPointer, long start, List<byte[]> row) {
        long bytes = 0;
        for (byte[] block : row) bytes += block.length;
        if (isLong(bytes, row.size())) {
            out.row(new BlockFiles.Row(dataPointer, start, row));
            return;
        }
        for (int i = 0; i < row.size(); i++) out.put(StorageKeys.block(dataPointer, start + i), row.get(i));
    }
}
