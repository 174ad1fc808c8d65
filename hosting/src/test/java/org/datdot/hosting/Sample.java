package org.datdot.hosting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.FlatTree;
import org.datdot.hypercore.Manifest;
import org.datdot.hypercore.RangeProof;
import org.datdot.hypercore.TreeHead;

/** A made-up contract over two feeds in memory: blocks, trees, specification, and replicas of it. Repeatable by its seed. */
final class Sample {
    static final long ENCODER = 7;
    static final long CONTRACT = 11;
    static final ReplicaId ID = new ReplicaId(23, 2);
    static final KeyPair SIGNING = KeyPair.fromSeed(Blake2b.hash(new byte[] {1}));
    static final KeyPair HOSTER = KeyPair.fromSeed(Blake2b.hash(new byte[] {2}));

    final List<byte[]> blocks = new ArrayList<>();
    final ReplicaSpec spec;
    private final List<RangeProof> proofs = new ArrayList<>();

    Sample(long seed) {
        this(seed, Sealing.PLAIN);
    }

    Sample(long seed, int sealing) {
        Random random = new Random(seed);
        List<ReplicaSegment> segments = new ArrayList<>();
        int feeds = 1 + random.nextInt(2);
        // Sealing takes its time: a few blocks show as much as many.
        int most = sealing == Sealing.PLAIN ? 90 : 5;
        for (int feed = 0; feed < feeds; feed++) segments.add(segment(random, feed, most));
        spec = new ReplicaSpec(new Hash(Blake2b.hash(new byte[] {9})), CONTRACT, ID, segments, sealing);
    }

    private ReplicaSegment segment(Random random, int feed, int most) {
        int length = 1 + random.nextInt(most);
        int start = random.nextInt(length);
        int end = start + 1 + random.nextInt(length - start);
        Map<Long, TreeNode> nodes = new HashMap<>();
        for (int i = 0; i < length; i++) {
            byte[] block = block(random);
            nodes.put(2L * i, MerkleHash.leafNode(i, block));
            if (i >= start && i < end) blocks.add(block);
        }
        List<TreeNode> roots = new ArrayList<>();
        for (long root : FlatTree.fullRoots(2L * length)) roots.add(node(root, nodes));
        TreeHead head = new TreeHead(0, length, roots, new byte[64]);
        proofs.add(RangeProof.create(head, nodes::get, start, end));
        Manifest manifest = Manifest.single(
                KeyPair.fromSeed(Blake2b.hash(new byte[] {3, (byte) feed})).publicKey());
        return new ReplicaSegment(manifest.coreKey(), manifest, head, start, end);
    }

    private static TreeNode node(long index, Map<Long, TreeNode> nodes) {
        TreeNode known = nodes.get(index);
        if (known != null) return known;
        TreeNode made =
                MerkleHash.parentNode(node(FlatTree.leftChild(index), nodes), node(FlatTree.rightChild(index), nodes));
        nodes.put(index, made);
        return made;
    }

    /** Empty, small, text-like, noise or large. */
    static byte[] block(Random random) {
        byte[] block = switch (random.nextInt(6)) {
            case 0 -> new byte[0];
            case 1 -> new byte[1 + random.nextInt(100)];
            case 2 -> new byte[250 + random.nextInt(6)];
            case 3 -> new byte[65536];
            default -> new byte[random.nextInt(20000)];
        };
        if (random.nextBoolean()) {
            random.nextBytes(block);
        } else {
            for (int i = 0; i < block.length; i++) block[i] = (byte) "the quick brown fox ".charAt(i % 20);
        }
        return block;
    }

    /** How large a replica gets. */
    long encodedBytes() {
        try (ReplicaCodec codec = new ReplicaCodec(spec.freshSealing(Entropy.system()))) {
            return blocks.stream()
                    .mapToLong(block -> codec.encode(0, block).length)
                    .sum();
        }
    }

    /** The replica as an honest encoder makes it. */
    Replica encode(Path parent) {
        try (ReplicaEncoder encoder = new ReplicaEncoder(parent, spec, Entropy.system())) {
            for (byte[] block : blocks) encoder.add(block);
            return encoder.finish(proofs, ENCODER, SIGNING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Checks an offer and its bytes as attestor and hoster do, in pieces of some blocks. */
    static Replica receive(ReplicaSpec spec, ReplicaOffer offer, List<byte[]> frames, Path parent) throws IOException {
        try (ReplicaVerifier verifier = new ReplicaVerifier(spec, offer, ENCODER, SIGNING.publicKey());
                ReplicaWriter writer = new ReplicaWriter(parent, spec, true)) {
            for (byte[] frame : frames) {
                verifier.accept(frame, 0, frame.length, 1, writer::frame);
                writer.write(frame, 0, frame.length);
            }
            ReplicaTree tree = writer.tree();
            return writer.finish(tree, offer, verifier.finish(tree));
        }
    }

    /** The frames of a replica one by one. */
    static List<byte[]> frames(Replica replica) throws IOException {
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < replica.blockCount(); i++) frames.add(replica.frames(i, i + 1));
        return frames;
    }
}
