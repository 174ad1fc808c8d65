package org.datdot.hypercore;

import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;
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
     * Verifies a proof that begins at the first block of a core by the signature in it, whatever is known of the core.
     * As npm hypercore's {@code verifyFullyRemote}.
     *
     * @param key the core's key
     * @param known the core's manifest, null when the one in the proof, or that of a compat core, is to be taken
     * @return the head that the proof shows
     * @throws InvalidProofException when it does not verify
     */
    public TreeHead verify(CoreKey key, @Nullable Manifest known) {
        DataUpgrade newer = upgrade;
        if (newer == null || newer.start() != 0) {
            throw new InvalidProofException("the proof does not begin at the first block of the core");
        }
        Verifier signatures = new Verifier(key, rules(key, known));
        MerkleTreeBatch batch = new MerkleTreeBatch(TreeHead.empty(fork));
        TreeNode root = PreparedProof.of(this).root();
        if (!batch.verifyUpgrade(fork, newer, root, signatures.prologue())) {
            throw new InvalidProofException("the block is not in the tree that the proof shows");
        }
        byte[] signature = newer.signature() == null ? new byte[0] : newer.signature();
        if (!signatures.verify(batch, signature)) {
            throw new InvalidProofException("the signature of length " + batch.length() + " is not valid");
        }
        return batch.head(signature);
    }

    /** The manifest to verify with: the known one, the one that came along, or a compat core's. */
    Manifest rules(CoreKey key, @Nullable Manifest known) {
        if (known != null) return known;
        Manifest candidate = manifest != null ? manifest : Manifest.single(new PublicKey(key.bytes()));
        if (!candidate.matches(key)) throw new InvalidProofException("the manifest does not hash to the core's key");
        return candidate;
    }

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
