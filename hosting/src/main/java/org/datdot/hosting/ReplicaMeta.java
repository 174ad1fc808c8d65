package org.datdot.hosting;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;

/**
 * Everything about a stored replica but its bytes: the file {@code meta} beside {@code data}. Compact encoding behind a
 * magic number and in front of a BLAKE2b-256 of all before it. About 100 bytes a block.
 *
 * @param spec what the replica holds
 * @param offer statement, signature and range proofs
 * @param groups nodes of the replica's tree, see {@link ReplicaTree}
 * @param frameLengths bytes of each block's frame, envelope included; shared, do not modify
 * @param frameChecks CRC-32C of each frame, to notice a failing disk before a reader does; shared, do not modify
 * @param leaves Hypercore's leaf node of each block, with the index it has in its feed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ReplicaMeta(
        ReplicaSpec spec,
        ReplicaOffer offer,
        List<Hash> groups,
        int[] frameLengths,
        int[] frameChecks,
        List<TreeNode> leaves) {
    private static final byte[] MAGIC = {'d', 'd', 'r', 1};
    private static final int HASH_BYTES = 32;
    private static final int SMALLEST_BLOCK_BYTES = 39;

    byte[] encode() {
        CompactEncoder out = new CompactEncoder();
        out.raw(MAGIC);
        spec.encodeTo(out);
        offer.encodeTo(out);
        out.uint(groups.size());
        for (Hash group : groups) out.fixed(group.bytes());
        out.uint(frameLengths.length);
        for (int i = 0; i < frameLengths.length; i++) out.uint(frameLengths[i]).uint32(frameChecks[i] & 0xffffffffL);
        TreeNodes.encode(out, leaves);
        byte[] body = out.toBytes();
        byte[] bytes = Arrays.copyOf(body, body.length + HASH_BYTES);
        System.arraycopy(Blake2b.hash(body), 0, bytes, body.length, HASH_BYTES);
        return bytes;
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws DecodingException when a single byte differs
     */
    static ReplicaMeta decode(byte[] bytes) {
        int bodyLength = bytes.length - HASH_BYTES;
        if (bodyLength < MAGIC.length || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new DecodingException("not a replica's meta file");
        }
        byte[] body = Arrays.copyOf(bytes, bodyLength);
        if (!Arrays.equals(bytes, bodyLength, bytes.length, Blake2b.hash(body), 0, HASH_BYTES)) {
            throw new DecodingException("its checksum differs");
        }
        CompactDecoder in = new CompactDecoder(body, MAGIC.length, bodyLength);
        ReplicaSpec spec = ReplicaSpec.decode(in);
        ReplicaOffer offer = ReplicaOffer.decode(in);
        int groupCount = bounded(in, HASH_BYTES);
        List<Hash> groups = new ArrayList<>(groupCount);
        for (int i = 0; i < groupCount; i++) groups.add(new Hash(in.fixed(HASH_BYTES)));
        int blocks = bounded(in, SMALLEST_BLOCK_BYTES);
        int[] lengths = new int[blocks];
        int[] checks = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            lengths[i] = in.uintAsInt();
            checks[i] = (int) in.uint32();
        }
        List<TreeNode> leaves = TreeNodes.decode(in);
        in.requireEnd();
        if (leaves.size() != blocks || spec.blockCount() != blocks) throw new DecodingException("blocks are missing");
        return new ReplicaMeta(spec, offer, groups, lengths, checks, leaves);
    }

    private static int bounded(CompactDecoder in, int bytesEach) {
        long count = in.uint();
        if (count > in.remaining() / bytesEach) throw new DecodingException("a list of " + count + " items");
        return (int) count;
    }

    /** Where each frame begins in the data file, and at last where the file ends. */
    long[] offsets() {
        long[] offsets = new long[frameLengths.length + 1];
        for (int i = 0; i < frameLengths.length; i++) offsets[i + 1] = offsets[i] + frameLengths[i];
        return offsets;
    }
}
