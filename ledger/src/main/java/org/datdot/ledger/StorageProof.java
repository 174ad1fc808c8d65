package org.datdot.ledger;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.datdot.crypto.Hash;
import org.jspecify.annotations.Nullable;

/**
 * One leaf of a replica with the hashes that lead to its root.
 *
 * @param leafIndex which leaf
 * @param leaf its bytes, 1,024 of them, fewer only in the last leaf; not copied
 * @param siblings from bottom to top; none at a level where the node has no neighbour
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content below
public record StorageProof(long leafIndex, byte[] leaf, List<Hash> siblings) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<StorageProof> CODEC = Codec.of(StorageProof.class);

    /** Whether this is leaf {@code leafIndex} of the replica with that root and size. */
    public boolean verify(Hash root, long leafCount, long encodedBytes) {
        return root(leafCount, encodedBytes).equals(Optional.of(root));
    }

    /** The root this leads to in a replica of that size; nothing where the size, or the number of siblings, is another one. */
    Optional<Hash> root(long leafCount, long encodedBytes) {
        if (leafCount != ReplicaHash.leafCount(encodedBytes) || leafIndex < 0 || leafIndex >= leafCount) {
            return Optional.empty();
        }
        long expected = Math.min(ReplicaHash.LEAF_BYTES, encodedBytes - leafIndex * ReplicaHash.LEAF_BYTES);
        if (leaf.length != expected) {
            return Optional.empty();
        }
        Hash hash = ReplicaHash.leaf(leaf, 0, leaf.length);
        int used = 0;
        long index = leafIndex;
        for (long width = leafCount; width > 1; width = width / 2 + (width & 1)) {
            boolean carried = index == width - 1 && (width & 1) == 1;
            if (!carried) {
                if (used == siblings.size()) {
                    return Optional.empty();
                }
                Hash sibling = siblings.get(used++);
                hash = (index & 1) == 0 ? ReplicaHash.parent(hash, sibling) : ReplicaHash.parent(sibling, hash);
            }
            index >>= 1;
        }
        return used == siblings.size() ? Optional.of(hash) : Optional.empty();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StorageProof that
                && leafIndex == that.leafIndex
                && Arrays.equals(leaf, that.leaf)
                && siblings.equals(that.siblings);
    }

    @Override
    public int hashCode() {
        return Objects.hash(leafIndex, Arrays.hashCode(leaf), siblings);
    }
}
