package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeNode;
import org.junit.jupiter.api.Test;

/** Requests with numbers no tree has are refused before anything is computed with them. */
class TreeProofBoundsTest {
    private static final long LENGTH = 11;

    private final Map<Long, TreeNode> nodes = new HashMap<>();
    private final TreeHead head = grow();

    private TreeHead grow() {
        MerkleTreeBatch batch = new MerkleTreeBatch(TreeHead.empty(0));
        for (int i = 0; i < LENGTH; i++) batch.append(MerkleHash.leaf(new byte[] {(byte) i}), 1);
        for (TreeNode node : batch.nodes()) nodes.put(node.index(), node);
        return batch.head(new byte[64]);
    }

    private Proof create(ProofRequest request) {
        return TreeProof.create(head, nodes::get, request, null, new byte[1]);
    }

    private static ProofRequest block(long index, long levels) {
        return ProofRequest.ofBlock(index, levels);
    }

    private static ProofRequest hash(long index, long levels) {
        return new ProofRequest(null, new ProofRequest.HashRequest(index, levels), null, null, false);
    }

    private static ProofRequest seek(long bytes, long padding) {
        return new ProofRequest(
                null, new ProofRequest.HashRequest(0, 3), new ProofRequest.SeekRequest(bytes, padding), null, false);
    }

    @Test
    void shouldAnswerWhatLiesInside() {
        assertThat(create(block(10, 0)).block()).isNotNull();
        assertThat(create(hash(7, 0)).hash()).isNotNull();
        assertThat(create(seek(5, 0)).seek()).isNotNull();
        assertThat(create(ProofRequest.ofUpgrade(3, 8, false)).upgrade()).isNotNull();
    }

    @Test
    void shouldRefuseNumbersOutOfBounds() {
        long huge = 1L << 53;
        List<ProofRequest> wrong = List.of(
                block(-1, 0),
                block(huge, 0),
                block(1L << 62, 0),
                block(3, -1),
                block(Long.MAX_VALUE, Long.MAX_VALUE),
                hash(-2, 0),
                hash(huge + 2, 0),
                hash(Long.MAX_VALUE, 0),
                hash(2, -1),
                seek(-1, 0),
                seek(huge + 1, 0),
                seek(5, -1),
                seek(5, Long.MAX_VALUE),
                ProofRequest.ofUpgrade(-1, 5, false),
                ProofRequest.ofUpgrade(0, -5, false),
                ProofRequest.ofUpgrade(huge, 1, false),
                // doubled, both overflow to an upgrade that would look like one from far below zero to 5
                ProofRequest.ofUpgrade(1L << 62, (1L << 62) + 5, false),
                new ProofRequest(
                        new ProofRequest.BlockRequest(1, 0), new ProofRequest.HashRequest(2, 0), null, null, false));
        for (ProofRequest request : wrong) {
            assertThatThrownBy(() -> create(request))
                    .as("%s", request)
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("out of bounds");
        }
    }

    @Test
    void shouldRefuseWhatLiesBeyondTheTree() {
        long huge = 1L << 53;
        List<ProofRequest> wrong = List.of(
                block(11, 0),
                block(3, 5),
                block(3, 65),
                block(3, huge),
                hash(2, 65),
                seek(5, 65),
                seek(5, huge),
                hash(22, 0),
                hash(15, 0),
                seek(8, 0),
                seek(1L << 40, 0),
                // node 3 is of blocks 0 to 3, the upgrade begins among them
                new ProofRequest(
                        null,
                        new ProofRequest.HashRequest(3, 0),
                        new ProofRequest.SeekRequest(5, 0),
                        new ProofRequest.UpgradeRequest(2, 9),
                        false),
                ProofRequest.ofUpgrade(3, 9, false),
                ProofRequest.ofUpgrade(3, 0, false));
        for (ProofRequest request : wrong) {
            assertThatThrownBy(() -> create(request)).as("%s", request).isInstanceOf(InvalidRequestException.class);
        }
    }
}
