package org.datdot.drive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;

/**
 * The blocks of a blob that is not one run of them (npm hyperblobs lib/block-map.js): uint version 0, then an array of
 * {uint index, uint byteLength}, in one to 64 blocks of at most 8,192 entries.
 *
 * @param indexes block indexes in the order of the content
 * @param byteLengths length of each
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record BlockMap(long[] indexes, int[] byteLengths) {

    static final int MAX_BLOCKS = 64;
    static final int MAX_ENTRIES = 8192;

    static BlockMap read(BlockLog log, BlobId id) {
        if (id.blockLength() > MAX_BLOCKS) {
            throw new CorruptDriveException("A blob's block map has " + id.blockLength() + " blocks; " + MAX_BLOCKS
                    + " are the most that are read");
        }
        long[] indexes = new long[0];
        int[] byteLengths = new int[0];
        for (long seq = id.blockOffset(); seq < id.blockEnd(); seq++) {
            BlockMap part = decode(seq, log.get(seq));
            int from = indexes.length;
            indexes = Arrays.copyOf(indexes, from + part.indexes.length);
            byteLengths = Arrays.copyOf(byteLengths, indexes.length);
            System.arraycopy(part.indexes, 0, indexes, from, part.indexes.length);
            System.arraycopy(part.byteLengths, 0, byteLengths, from, part.indexes.length);
        }
        return new BlockMap(indexes, byteLengths);
    }

    /** What one block says. */
    static BlockMap decode(long seq, byte[] block) {
        try {
            CompactDecoder in = new CompactDecoder(block);
            requireVersion(in.uint());
            long entries = in.uint();
            // An entry takes two bytes at least.
            if (entries > MAX_ENTRIES || entries > in.remaining() / 2) {
                throw new CorruptDriveException("Block " + seq + " says it maps " + entries + " blocks");
            }
            long[] indexes = new long[(int) entries];
            int[] byteLengths = new int[(int) entries];
            for (int i = 0; i < entries; i++) {
                indexes[i] = in.uint();
                byteLengths[i] = in.uintAsInt();
            }
            return new BlockMap(indexes, byteLengths);
        } catch (DecodingException e) {
            throw new CorruptDriveException("Block " + seq + " is not a block map", e);
        }
    }

    private static void requireVersion(long version) {
        if (version != 0) {
            throw new CorruptDriveException(
                    "Block map version " + version + " is not known here: a newer program wrote it");
        }
    }

    long byteLength() {
        long sum = 0;
        for (int length : byteLengths) {
            sum += length;
        }
        return sum;
    }

    List<byte[]> encode() {
        List<byte[]> blocks = new ArrayList<>();
        for (int from = 0; from < indexes.length; from += MAX_ENTRIES) {
            int until = Math.min(indexes.length, from + MAX_ENTRIES);
            CompactEncoder out = new CompactEncoder(16 * (until - from) + 16);
            out.uint(0).uint(until - from);
            for (int i = from; i < until; i++) {
                out.uint(indexes[i]).uint(byteLengths[i]);
            }
            blocks.add(out.toBytes());
        }
        return blocks;
    }
}
