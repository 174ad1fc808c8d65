package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.CompactDecoder;
import org.junit.jupiter.api.Test;

class TreeVectorsTest {
    private static final KeyPair PAIR = KeyPair.fromSeed(filled(7));

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    void shouldReproduceStockTreeHashesAndSignaturesWhenBlocksAreAppended() {
        Manifest manifest = Manifest.single(PAIR.publicKey());
        MerkleTreeBatch batch = new MerkleTreeBatch(TreeHead.empty());
        int checked = 0;
        for (String[] line : Vectors.lines("tree-heads.txt")) {
            if (line[0].equals("key")) {
                assertThat(Vectors.hex(manifest.coreKey().bytes())).isEqualTo(line[1]);
                continue;
            }
            int length = Integer.parseInt(line[0]);
            if (length > 0) {
                byte[] block = Vectors.block(length - 1);
                batch.append(MerkleHash.leaf(block), block.length);
            }
            assertThat(batch.length()).isEqualTo(length);
            assertThat(Vectors.hex(batch.treeHash().bytes())).isEqualTo(line[2]);
            byte[] expected = Vectors.bytes(line[3]);
            TreeHead head = batch.head(expected);
            assertThat(head.byteLength()).isEqualTo(Long.parseLong(line[1]));
            if (length > 0) {
                byte[] signature = new Verifier(manifest.coreKey(), manifest).sign(0, length, head.treeHash(), PAIR);
                assertThat(Vectors.hex(signature)).isEqualTo(line[3]);
                assertThat(manifest.verify(head)).isTrue();
                assertThat(manifest.verify(flipped(head))).isFalse();
            }
            checked++;
        }
        assertThat(checked).isEqualTo(201);
    }

    private static TreeHead flipped(TreeHead head) {
        byte[] signature = head.signature().clone();
        signature[20] ^= 1;
        return new TreeHead(head.fork(), head.length(), head.roots(), signature);
    }

    @Test
    void shouldAnswerRequestsAsTheStockSoftwareWhenTheTreeIsComplete() {
        Map<Long, TreeNode> nodes = new HashMap<>();
        Map<Integer, byte[]> signatures = new HashMap<>();
        for (String[] line : Vectors.lines("tree-heads.txt")) {
            if (!line[0].equals("key")) signatures.put(Integer.parseInt(line[0]), Vectors.bytes(line[3]));
        }
        MerkleTreeBatch batch = new MerkleTreeBatch(TreeHead.empty());
        int answered = 0;
        for (String[] line : Vectors.lines("tree-proofs.txt")) {
            int length = Integer.parseInt(line[0]);
            while (batch.length() < length) {
                byte[] block = Vectors.block((int) batch.length());
                batch.append(MerkleHash.leaf(block), block.length);
                for (TreeNode node : batch.nodes()) nodes.put(node.index(), node);
            }
            TreeHead head = batch.head(Objects.requireNonNull(signatures.get(length)));
            ProofRequest request = request(line[1]);
            byte[] value = request.block() == null
                    ? null
                    : Vectors.block((int) request.block().index());
            if (line[2].equals("error")) {
                assertThatThrownBy(() -> TreeProof.create(head, nodes::get, request, null, value))
                        .as("%s of length %d", request, length)
                        .isInstanceOfAny(InvalidRequestException.class, MissingNodeException.class);
                continue;
            }
            Proof proof = TreeProof.create(head, nodes::get, request, null, value);
            byte[] encoded = ReplicationCodec.encode(new ReplicationMessage.Data(1, proof));
            assertThat(Vectors.hex(encoded))
                    .as("%s of length %d", request, length)
                    .isEqualTo(line[2]);
            answered++;
        }
        assertThat(answered).isGreaterThan(1000);
    }

    private static ProofRequest request(String hex) {
        ReplicationMessage message = ReplicationCodec.decode(1, new CompactDecoder(Vectors.bytes(hex)));
        if (message instanceof ReplicationMessage.Request request) return request.proof();
        throw new AssertionError("not a request: " + hex);
    }

    @Test
    void shouldJudgeMultisignaturesAsTheStockSoftwareWhenSignersDiffer() {
        int valid = 0;
        for (String[] line : Vectors.lines("signatures.txt")) {
            Manifest manifest = Manifest.decode(Vectors.bytes(line[1]));
            assertThat(Vectors.hex(manifest.encode())).isEqualTo(line[1]);
            CoreKey key = new CoreKey(Vectors.bytes(line[0]));
            assertThat(manifest.matches(key)).isTrue();
            List<TreeNode> roots = new ArrayList<>();
            for (String root : line[3].split(",", -1)) {
                String[] parts = root.split(":", -1);
                roots.add(new TreeNode(
                        Long.parseLong(parts[0]), Long.parseLong(parts[1]), new TreeHash(Vectors.bytes(parts[2]))));
            }
            TreeHead head = new TreeHead(0, Long.parseLong(line[2]), roots, Vectors.bytes(line[4]));
            boolean expected = Boolean.parseBoolean(line[5]);
            assertThat(manifest.verify(key, head)).as(String.join(" ", line)).isEqualTo(expected);
            if (expected) valid++;
            if (manifest.version() > 0 && !manifest.isCompat(key) && head.signature().length > 0) {
                byte[] again = MultiSignature.decode(head.signature()).encode();
                assertThat(Vectors.hex(again)).isEqualTo(line[4]);
            }
        }
        assertThat(valid).isGreaterThan(100);
    }

    @Test
    void shouldAssembleSignaturesAsTheStockSoftwareWhenSignersSignedDifferentLengths() {
        Map<Long, TreeNode> nodes = new HashMap<>();
        Map<Long, TreeHead> heads = new HashMap<>();
        MerkleTreeBatch batch = new MerkleTreeBatch(TreeHead.empty());
        while (batch.length() < 21) {
            byte[] block = Vectors.block((int) batch.length());
            batch.append(MerkleHash.leaf(block), block.length);
            for (TreeNode node : batch.nodes()) nodes.put(node.index(), node);
            heads.put(batch.length(), batch.head(new byte[0]));
        }
        int patched = 0;
        for (String[] line : Vectors.lines("signatures.txt")) {
            if (line[6].equals("-")) continue;
            CoreKey key = new CoreKey(Vectors.bytes(line[0]));
            Manifest manifest = Manifest.decode(Vectors.bytes(line[1]));
            long length = Long.parseLong(line[2]);
            List<Long> lengths =
                    Arrays.stream(line[7].split(",", -1)).map(Long::valueOf).toList();
            String[] signers = line[6].split(",", -1);
            List<SignatureShare> shares = new ArrayList<>();
            for (int i = 0; i < signers.length; i++) {
                KeyPair pair = manifest.isCompat(key)
                        ? KeyPair.fromSeed(filled(24))
                        : KeyPair.fromSeed(filled(21 + Integer.parseInt(signers[i])));
                SignatureShare share = manifest.sign(key, Objects.requireNonNull(heads.get(lengths.get(i))), pair);
                shares.add(share.lifted(length, lengths.get(i), nodes::get));
                if (lengths.get(i) > length) patched++;
            }
            if (shares.size() < manifest.quorum()) {
                assertThatThrownBy(() -> manifest.assemble(key, shares)).isInstanceOf(IllegalArgumentException.class);
                continue;
            }
            assertThat(Vectors.hex(manifest.assemble(key, shares)))
                    .as(String.join(" ", line))
                    .isEqualTo(line[4]);
            if (lengths.size() == manifest.quorum()) {
                assertThat(manifest.signableLength(lengths)).isEqualTo(length);
            }
        }
        assertThat(patched).isGreaterThan(50);
    }
}
