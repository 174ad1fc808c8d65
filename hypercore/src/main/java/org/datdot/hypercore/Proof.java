package org.datdot.hypercore;

import java.util.List;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link ProofRequest}: the fields of the wire message {@code data} (npm hypercore lib/messages.js and
 * lib/merkle-tree.js). Nothing in it is trusted before {@link ProofIntake#apply} accepted it.
 *
 * @param fork fork number of the sender's core
 * @param block a block with its proof, or null
 * @param hash a tree node with its proof, or null
 * @param seek the nodes towards a byte offset, or null
 * @param upgrade a newer signed head, or null
 * @param manifest the manifest the key is a hash of, or null
 */
public record Proof(
        long fork,
        @Nullable DataBlock block,
        @Nullable DataHash hash,
        @Nullable DataSeek seek,
        @Nullable DataUpgrade upgrade,
        @Nullable Manifest manifest) {

    /**
     * One block. The value is shared, not copied: blocks are large and pass through many hands.
     *
     * @param index block index
     * @param value the block's bytes as stored and hashed
     * @param nodes siblings from the leaf upwards
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, copied would cost a block per hop
    public record DataBlock(long index, byte[] value, List<TreeNode> nodes) {}

    /**
     * One tree node.
     *
     * @param index flat-tree index
     * @param nodes the node itself, then siblings upwards
     */
    public record DataHash(long index, List<TreeNode> nodes) {}

    /**
     * The way to a byte offset.
     *
     * @param bytes the offset that was asked for
     * @param nodes the deepest node known, then siblings upwards
     */
    public record DataSeek(long bytes, List<TreeNode> nodes) {}

    /**
     * A newer head.
     *
     * @param start length in blocks the upgrade starts from
     * @param length blocks beyond {@code start} that were asked for
     * @param nodes new roots and the nodes that connect the old ones
     * @param additionalNodes nodes from the asked length to the length that is signed
     * @param signature the signature of the signed length, null for a static core
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record DataUpgrade(
            long start,
            long length,
            List<TreeNode> nodes,
            List<TreeNode> additionalNodes,
            byte @Nullable [] signature) {}
}
