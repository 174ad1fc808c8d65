package org.datdot.hypercore;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Records on their way into one atomic write, in order. Small ones are laid out here as RocksDB lays out a batch (its
 * db/write_batch.cc, which is also what its log on disk holds), so that native code is entered once and not for each of
 * them. One user, one use.
 */
final class WriteBuffer {
    /** From this average size on, copying a record once more costs more than a call. */
    private static final int LARGE_RECORD_BYTES = 2048;

    private static final int HEADER_BYTES = 12;
    private static final int COUNT_AT = 8;
    /** Kind, column family, and two lengths. */
    private static final int MAX_RECORD_OVERHEAD_BYTES = 1 + 3 * 5;

    private final ColumnFamilyHandle family;
    private final List<Entry> entries = new ArrayList<>();
    private long bytes;

    private enum Kind {
        DELETE(4),
        PUT(5),
        DELETE_RANGE(14);

        final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entry(Kind kind, byte[] key, byte @Nullable [] value) {}

    WriteBuffer(ColumnFamilyHandle family) {
        this.family = family;
    }

    void put(byte[] key, byte[] value) {
        add(new Entry(Kind.PUT, key, value));
    }

    void delete(byte[] key) {
        add(new Entry(Kind.DELETE, key, null));
    }

    void deleteRange(byte[] from, byte[] to) {
        add(new Entry(Kind.DELETE_RANGE, from, to));
    }

    private void add(Entry entry) {
        entries.add(entry);
        bytes += entry.key.length + (entry.value == null ? 0 : entry.value.length);
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** The batch; the caller closes it. */
    WriteBatch toBatch() throws RocksDBException {
        return bytes > (long) LARGE_RECORD_BYTES * entries.size() ? oneByOne() : new WriteBatch(layOut());
    }

    private WriteBatch oneByOne() throws RocksDBException {
        long room = HEADER_BYTES + bytes + (long) MAX_RECORD_OVERHEAD_BYTES * entries.size();
        WriteBatch batch = new WriteBatch((int) Math.min(room, Integer.MAX_VALUE));
        try {
            for (Entry entry : entries) {
                byte[] value = entry.value;
                if (value == null) batch.delete(family, entry.key);
                else if (entry.kind == Kind.PUT) batch.put(family, entry.key, value);
                else batch.deleteRange(family, entry.key, value);
            }
            return batch;
        } catch (RocksDBException | RuntimeException e) {
            batch.close();
            throw e;
        }
    }

    private byte[] layOut() {
        int familyId = family.getID();
        int length = HEADER_BYTES;
        for (Entry entry : entries) {
            length += 1 + varintLength(familyId) + prefixed(entry.key);
            if (entry.value != null) length += prefixed(entry.value);
        }
        ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(COUNT_AT, entries.size()).position(HEADER_BYTES);
        for (Entry entry : entries) {
            out.put(entry.kind.code);
            putVarint(out, familyId);
            putVarint(out, entry.key.length);
            out.put(entry.key);
            if (entry.value != null) {
                putVarint(out, entry.value.length);
                out.put(entry.value);
            }
        }
        return out.array();
    }

    private static int prefixed(byte[] part) {
        return varintLength(part.length) + part.length;
    }

    private static int varintLength(int value) {
        return value == 0 ? 1 : (38 - Integer.numberOfLeadingZeros(value)) / 7;
    }

    private static void putVarint(ByteBuffer out, int value) {
        int rest = value;
        while (rest > 0x7f) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }
}
