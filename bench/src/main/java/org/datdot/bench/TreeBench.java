package org.datdot.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.hypercore.MerkleTreeBatch;
import org.datdot.hypercore.RangeProof;
import org.datdot.hypercore.TreeHead;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the Merkle tree costs on top of hashing the blocks: growing it, and proving a range of 64 blocks out of {@value #BLOCKS}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class TreeBench {
    private static final int BLOCKS = 10_000;
    private static final int BLOCK_BYTES = 65536;
    private static final int APPENDED = 64;
    private static final int FIRST = 5_000;

    private final Map<Long, TreeNode> nodes = new HashMap<>();
    private final List<TreeNode> leaves = new ArrayList<>();
    private final TreeHash leaf = MerkleHash.leaf(new byte[1]);
    private TreeHead head = TreeHead.empty();
    private RangeProof proof = RangeProof.create(oneBlock(), index -> new TreeNode(index, BLOCK_BYTES, leaf), 0, 1);

    /** Grows the tree. */
    @Setup
    public void prepare() {
        MerkleTreeBatch batch = new MerkleTreeBatch(TreeHead.empty());
        for (int i = 0; i < BLOCKS; i++) {
            batch.append(leaf, BLOCK_BYTES);
        }
        batch.nodes().forEach(node -> nodes.put(node.index(), node));
        head = batch.head(new byte[0]);
        for (long i = FIRST; i < FIRST + APPENDED; i++) {
            leaves.add(new TreeNode(2 * i, BLOCK_BYTES, leaf));
        }
        proof = prove();
    }

    /** Appending one block of a batch of 64, its leaf hash given. */
    @Benchmark
    @OperationsPerInvocation(APPENDED)
    public TreeHash append() {
        MerkleTreeBatch batch = new MerkleTreeBatch(head);
        for (int i = 0; i < APPENDED; i++) {
            batch.append(leaf, BLOCK_BYTES);
        }
        return batch.treeHash();
    }

    /** Collecting a proof's nodes from memory and encoding them. */
    @Benchmark
    public byte[] proofCreate() {
        return prove().encode();
    }

    /** Checking a decoded proof against the head, the leaf hashes given. */
    @Benchmark
    public List<TreeNode> proofVerify() {
        return proof.verify(leaves, head);
    }

    private RangeProof prove() {
        return RangeProof.create(head, nodes::get, FIRST, FIRST + APPENDED);
    }

    private TreeHead oneBlock() {
        return new TreeHead(0, 1, List.of(new TreeNode(0, BLOCK_BYTES, leaf)), new byte[0]);
    }
}
