package org.datdot.drive;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;

/** The blocks of a blob that is being deduplicated, in order, and those known by their content. */
final class BlockIndex {

    private final Map<Hash, Place> byContent = new HashMap<>();
    private final List<Place> order = new ArrayList<>();

    private record Place(long index, int byteLength) {}

    /** Makes the blocks of an older blob known, reading all of them. */
    void learn(BlockLog log, BlobId id) {
        BlockMap map = id.blockMap() ? BlockMap.read(log, id) : null;
        long blocks = map == null ? id.blockLength() : map.indexes().length;
        for (long i = 0; i < blocks; i++) {
            long index = map == null ? id.blockOffset() + i : map.indexes()[(int) i];
            byte[] block = log.get(index);
            byContent.put(new Hash(Blake2b.hash(block)), new Place(index, block.length));
        }
    }

    /** Takes the next block of the blob; true when it is new and is to be written with this index. */
    boolean add(byte[] block, long index) {
        if (order.size() == BlockMap.MAX_BLOCKS * BlockMap.MAX_ENTRIES) {
            throw new DriveException("A deduplicated blob has at most " + order.size()
                    + " blocks; this one has more: write it without deduplication.");
        }
        Place given = new Place(index, block.length);
        Place known = byContent.putIfAbsent(new Hash(Blake2b.hash(block)), given);
        order.add(known == null ? given : known);
        return known == null;
    }

    List<byte[]> encode() {
        long[] indexes = new long[order.size()];
        int[] byteLengths = new int[order.size()];
        for (int i = 0; i < indexes.length; i++) {
            indexes[i] = order.get(i).index;
            byteLengths[i] = order.get(i).byteLength;
        }
        return new BlockMap(indexes, byteLengths).encode();
    }
}
