package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.DecodingException;
import org.junit.jupiter.api.Test;

class RangeProofTest {

    private record Tree(TreeHead head, Map<Long, TreeNode> nodes) {
        static Tree of(Random random, int length) {
            MerkleTreeBatch batch = new MerkleTreeBatch(TreeHead.empty());
            for (int i = 0; i < length; i++) {
                byte[] block = new byte[random.nextInt(100)];
                random.nextBytes(block);
                batch.append(MerkleHash.leaf(block), block.length);
            }
            Map<Long, TreeNode> nodes = new HashMap<>();
            for (TreeNode node : batch.nodes()) nodes.put(node.index(), node);
            return new Tree(batch.head(new byte[0]), nodes);
        }

        List<TreeNode> leaves(long first, long end) {
            List<TreeNode> leaves = new ArrayList<>();
            for (long i = first; i < end; i++) leaves.add(nodes.get(2 * i));
            return leaves;
        }
    }

    @Test
    void shouldTeachTheRangesNodesWhenLeavesAreGenuine() {
        for (long seed = 1; seed <= 400; seed++) {
            Random random = new Random(seed);
            int length = 1 + random.nextInt(300);
            Tree tree = Tree.of(random, length);
            int first = random.nextInt(length);
            int end = first + 1 + random.nextInt(length - first);
            RangeProof made = RangeProof.create(tree.head(), tree.nodes()::get, first, end);
            assertThat(made.nodes().size()).as("seed %d", seed).isLessThanOrEqualTo(2 * 9);

            RangeProof read = RangeProof.decode(made.encode());
            assertThat(read.nodes()).as("seed %d", seed).isEqualTo(made.nodes());
            List<TreeNode> learnt = read.verify(tree.leaves(first, end), tree.head());

            Map<Long, TreeNode> known = new HashMap<>();
            for (TreeNode node : learnt) known.put(node.index(), node);
            for (TreeNode root : tree.head().roots()) known.put(root.index(), root);
            assertThat(tree.nodes()).as("seed %d", seed).containsAllEntriesOf(known);
            for (int i = first; i < end; i++) provable(known, tree.head(), i, seed);
        }
    }

    /** With the learnt nodes any block of the range can be proved to somebody who has the roots only. */
    private static void provable(Map<Long, TreeNode> known, TreeHead head, long block, long seed) {
        FlatIterator at = new FlatIterator(2 * block);
        long levels = 0;
        while (true) {
            long index = at.index();
            if (head.roots().stream().anyMatch(root -> root.index() == index)) break;
            at.parent();
            levels++;
        }
        ProofRequest request = ProofRequest.ofBlock(block, levels);
        Proof proof = TreeProof.create(head, known::get, request, null, new byte[0]);
        assertThat(proof.block()).as("seed %d", seed).isNotNull();
    }

    @Test
    void shouldRefuseWhenAnyByteOfTheProofIsChanged() {
        for (long seed = 1; seed <= 60; seed++) {
            Random random = new Random(seed);
            int length = 2 + random.nextInt(80);
            Tree tree = Tree.of(random, length);
            int first = random.nextInt(length);
            int end = first + 1 + random.nextInt(length - first);
            byte[] encoded = RangeProof.create(tree.head(), tree.nodes()::get, first, end)
                    .encode();
            List<TreeNode> leaves = tree.leaves(first, end);
            for (int at = 0; at < encoded.length; at++) {
                byte[] tampered = encoded.clone();
                tampered[at] ^= (byte) (1 + random.nextInt(255));
                assertThatThrownBy(() -> RangeProof.decode(tampered).verify(leaves, tree.head()))
                        .as("seed %d byte %d", seed, at)
                        .isInstanceOfAny(InvalidProofException.class, DecodingException.class);
            }
        }
    }

    @Test
    void shouldRefuseWhenALeafIsNotTheBlocks() {
        for (long seed = 1; seed <= 60; seed++) {
            Random random = new Random(seed);
            int length = 2 + random.nextInt(80);
            Tree tree = Tree.of(random, length);
            int first = random.nextInt(length);
            int end = first + 1 + random.nextInt(length - first);
            RangeProof proof = RangeProof.create(tree.head(), tree.nodes()::get, first, end);
            List<TreeNode> leaves = tree.leaves(first, end);
            int which = random.nextInt(leaves.size());
            TreeNode leaf = leaves.get(which);
            byte[] hash = leaf.hash().bytes();
            hash[random.nextInt(32)] ^= 4;
            leaves.set(which, new TreeNode(leaf.index(), leaf.size(), new TreeHash(hash)));
            assertThatThrownBy(() -> proof.verify(leaves, tree.head()))
                    .as("seed %d", seed)
                    .isInstanceOf(InvalidProofException.class);
            leaves.set(which, new TreeNode(leaf.index(), leaf.size() + 1, leaf.hash()));
            assertThatThrownBy(() -> proof.verify(leaves, tree.head()))
                    .as("seed %d", seed)
                    .isInstanceOf(InvalidProofException.class);
        }
    }

    @Test
    void shouldRefuseWhenTheRangeIsEmptyOrBeyondTheEnd() {
        Tree tree = Tree.of(new Random(1), 10);
        assertThatThrownBy(() -> RangeProof.create(tree.head(), tree.nodes()::get, 3, 3))
                .isInstanceOf(InvalidRequestException.class);
        assertThatThrownBy(() -> RangeProof.create(tree.head(), tree.nodes()::get, 3, 11))
                .isInstanceOf(InvalidRequestException.class);
    }
}
