package org.datdot.hosting;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.Hash;
import org.datdot.ledger.ReplicaHash;

/**
 * The Merkle tree over a replica's 1,024-byte leaves (docs/protocol.md 3, step 4), kept from the sixth level upwards
 * only: one hash for each group of 64 leaves. A proof hashes the leaf's group again, which is one disk read of 64 KiB,
 * and the tree of a 256 MiB replica is 128 KiB. Immutable.
 */
public final class ReplicaTree {
    /** Bytes of a leaf; only the last one may be shorter. */
    public static final int LEAF_BYTES = 1024;

    /** Leaves of a group; only the last one may have fewer. */
    static final int GROUP_LEAVES = 64;

    /** Bytes of a group of leaves. */
    static final int GROUP_BYTES = LEAF_BYTES * GROUP_LEAVES;

    private static final int GROUP_LEVELS = 6;

    private final long byteLength;
    private final List<List<Hash>> levels = new ArrayList<>(); // levels.get(0): one node for each group

    /**
     * The tree with these group nodes.
     *
     * @param byteLength bytes of the whole replica
     * @throws IllegalArgumentException when the number of groups does not fit the length
     */
    public ReplicaTree(long byteLength, List<Hash> groups) {
        if (byteLength < 1 || groups.size() != (byteLength + GROUP_BYTES - 1) / GROUP_BYTES) {
            throw new IllegalArgumentException(groups.size() + " groups for " + byteLength + " bytes");
        }
        this.byteLength = byteLength;
        List<Hash> level = List.copyOf(groups);
        levels.add(level);
        while (level.size() > 1) {
            level = above(level);
            levels.add(level);
        }
    }

    /** The replica root. */
    public Hash root() {
        return levels.getLast().getFirst();
    }

    /** Bytes of the replica. */
    public long byteLength() {
        return byteLength;
    }

    /** How many leaves there are. */
    public long leafCount() {
        return leafCount(byteLength);
    }

    /** How many leaves so many bytes make. */
    static long leafCount(long byteLength) {
        return (byteLength + LEAF_BYTES - 1) / LEAF_BYTES;
    }

    /** The nodes of the groups, in order. */
    List<Hash> groups() {
        return levels.getFirst();
    }

    /**
     * The siblings of a leaf from bottom to top.
     *
     * @param groupLeaves the hashes of all leaves in this leaf's group
     * @throws IllegalArgumentException when these are not the leaves the tree was built over
     */
    public List<Hash> siblings(long leafIndex, List<Hash> groupLeaves) {
        if (leafIndex < 0 || leafIndex >= leafCount()) {
            throw new IllegalArgumentException("leaf " + leafIndex + " of " + leafCount());
        }
        long group = leafIndex / GROUP_LEAVES;
        List<Hash> siblings = new ArrayList<>();
        List<Hash> level = groupLeaves;
        int index = (int) (leafIndex % GROUP_LEAVES);
        for (; level.size() > 1; level = above(level), index >>= 1) addSibling(siblings, level, index);
        if (!level.getFirst().equals(groups().get((int) group))) {
            throw new IllegalArgumentException("the bytes of group " + group + " are not those of the tree");
        }
        for (List<Hash> upper : levels) {
            if (upper.size() > 1) addSibling(siblings, upper, (int) group);
            group >>= 1;
        }
        return siblings;
    }

    private static void addSibling(List<Hash> siblings, List<Hash> level, int index) {
        int sibling = index ^ 1;
        if (sibling < level.size()) siblings.add(level.get(sibling));
    }

    /** The next level: pairs joined, an odd last node carried up as it is. */
    private static List<Hash> above(List<Hash> level) {
        List<Hash> above = new ArrayList<>((level.size() + 1) / 2);
        for (int i = 0; i + 1 < level.size(); i += 2) above.add(ReplicaHash.parent(level.get(i), level.get(i + 1)));
        if (level.size() % 2 == 1) above.add(level.getLast());
        return above;
    }

    /** The hashes of the leaves of one group's bytes. */
    static List<Hash> leaves(byte[] bytes, int offset, int length) {
        List<Hash> leaves = new ArrayList<>(GROUP_LEAVES);
        for (int at = 0; at < length; at += LEAF_BYTES) {
            leaves.add(ReplicaHash.leaf(bytes, offset + at, Math.min(LEAF_BYTES, length - at)));
        }
        return leaves;
    }

    /** Builds the tree while the encoded bytes stream by, in constant memory for each group. Not for several threads. */
    public static final class Builder {
        private final List<Hash> groups = new ArrayList<>();
        private final List<Hash> leaves = new ArrayList<>(GROUP_LEAVES);
        private final byte[] partial = new byte[LEAF_BYTES];
        private int partialBytes;
        private long byteLength;

        /** The next bytes. */
        public void update(byte[] bytes, int offset, int length) {
            byteLength += length;
            int at = offset;
            int end = offset + length;
            if (partialBytes > 0) {
                int taken = Math.min(LEAF_BYTES - partialBytes, length);
                System.arraycopy(bytes, at, partial, partialBytes, taken);
                partialBytes += taken;
                at += taken;
                if (partialBytes < LEAF_BYTES) return;
                addLeaf(partial, 0, LEAF_BYTES);
            }
            for (; end - at >= LEAF_BYTES; at += LEAF_BYTES) addLeaf(bytes, at, LEAF_BYTES);
            partialBytes = end - at;
            System.arraycopy(bytes, at, partial, 0, partialBytes);
        }

        private void addLeaf(byte[] bytes, int offset, int length) {
            leaves.add(ReplicaHash.leaf(bytes, offset, length));
            if (leaves.size() == GROUP_LEAVES) closeGroup();
        }

        private void closeGroup() {
            List<Hash> level = leaves;
            for (int i = 0; i < GROUP_LEVELS && level.size() > 1; i++) level = above(level);
            groups.add(level.getFirst());
            leaves.clear();
        }

        /**
         * The finished tree; the builder is used up.
         *
         * @throws IllegalStateException when there were no bytes
         */
        public ReplicaTree finish() {
            if (byteLength == 0) throw new IllegalStateException("a replica without any bytes");
            if (partialBytes > 0) addLeaf(partial, 0, partialBytes);
            if (!leaves.isEmpty()) closeGroup();
            return new ReplicaTree(byteLength, groups);
        }
    }
}
