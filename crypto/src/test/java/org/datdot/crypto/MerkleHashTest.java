package org.datdot.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.datdot.crypto.Vectors.bytes;
import static org.datdot.crypto.Vectors.fill;
import static org.datdot.crypto.Vectors.hex;
import static org.datdot.crypto.Vectors.pattern;
import static org.datdot.crypto.Vectors.protocol;
import static org.datdot.crypto.Vectors.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.datdot.encoding.FlatTree;
import org.junit.jupiter.api.Test;

class MerkleHashTest {
    @Test
    void shouldAgreeWithStockWhenBlocksAreHashed() {
        for (String[] v : Vectors.of("leaf")) {
            byte[] block = pattern(Integer.parseInt(v[0]));
            assertThat(MerkleHash.leaf(block).hex()).isEqualTo(v[1]);
            byte[] shifted = new byte[block.length + 11];
            System.arraycopy(block, 0, shifted, 7, block.length);
            TreeNode node = MerkleHash.leafNode(21, shifted, 7, block.length);
            assertThat(node).isEqualTo(new TreeNode(42, block.length, new TreeHash(bytes(v[1]))));
        }
    }

    @Test
    void shouldAgreeWithStockWhenTreesAreBuilt() {
        for (String[] v : Vectors.of("tree")) {
            int length = Integer.parseInt(v[0]);
            List<TreeNode> roots = new ArrayList<>();
            for (long root : FlatTree.fullRoots(2L * length)) {
                roots.add(node(root));
            }
            List<String> shown = roots.stream()
                    .map(r -> r.index() + ":" + r.size() + ":" + r.hash().hex())
                    .toList();
            assertThat(String.join(",", shown)).isEqualTo(v[1]);
            assertThat(MerkleHash.tree(roots).hex()).isEqualTo(v[2]);
        }
    }

    private static TreeNode node(long index) {
        if (FlatTree.depth(index) == 0) {
            return MerkleHash.leafNode(index / 2, pattern((int) (index / 2 + 1)));
        }
        TreeNode left = node(FlatTree.leftChild(index));
        TreeNode right = node(FlatTree.rightChild(index));
        TreeNode parent = MerkleHash.parentNode(left, right);
        assertThat(MerkleHash.parentNode(right, left)).isEqualTo(parent);
        assertThat(parent.index()).isEqualTo(index);
        return parent;
    }

    @Test
    void shouldAgreeWithStockWhenACoreIsSigned() {
        List<TreeNode> leaves = new ArrayList<>();
        for (String block : List.of("hello", "world", "foo", "bar", "baz")) {
            leaves.add(MerkleHash.leafNode(leaves.size(), text(block)));
        }
        TreeNode one = MerkleHash.parentNode(leaves.get(0), leaves.get(1));
        TreeNode three = MerkleHash.parentNode(one, MerkleHash.parentNode(leaves.get(2), leaves.get(3)));
        assertThat(leaves.get(0).hash().bytes()).isEqualTo(protocol("tree.leaf0"));
        assertThat(one.hash().bytes()).isEqualTo(protocol("tree.node1"));
        assertThat(three.hash().bytes()).isEqualTo(protocol("tree.node3"));
        assertThat(MerkleHash.tree(List.of(three, leaves.get(4))).bytes()).isEqualTo(protocol("tree.hash"));
    }

    @Test
    void shouldAgreeWithStockWhenNamespacesAndKeysAreDerived() {
        for (String[] v : Vectors.of("namespace")) {
            assertThat(hex(Namespaces.derive(v[0], Integer.parseInt(v[1]))[0])).isEqualTo(v[2]);
        }
        byte[][] hypercore = Namespaces.derive("hypercore", 0, 1, 2, 3, 4, 5);
        for (String name : List.of("v0", "v1", "quorum", "prologue", "linked")) {
            CoreKey key = new CoreKey(Blake2b.hash(hypercore[3], protocol("manifest." + name + ".encoded")));
            assertThat(key.bytes()).as(name).isEqualTo(protocol("manifest." + name + ".key"));
            assertThat(key.discoveryKey().bytes()).as(name).isEqualTo(protocol("manifest." + name + ".discoveryKey"));
        }
        byte[] handshakeHash = new byte[64];
        Arrays.fill(handshakeHash, (byte) 5);
        byte[] key = protocol("manifest.v1.key");
        assertThat(Blake2b.hash(32, handshakeHash, hypercore[1], key)).isEqualTo(protocol("capability.initiator"));
        assertThat(Blake2b.hash(32, handshakeHash, hypercore[2], key)).isEqualTo(protocol("capability.responder"));
        byte[][] stream = Namespaces.derive("hyperswarm/secret-stream", 0, 1);
        assertThat(Blake2b.hash(32, handshakeHash, stream[0])).isEqualTo(protocol("streamId.initiator"));
        assertThat(Blake2b.hash(32, handshakeHash, stream[1])).isEqualTo(protocol("streamId.responder"));
        byte[] seed = Blake2b.hash(32, fill(6), Namespaces.derive("corestore", 0)[0], fill(0), text("bench"));
        assertThat(seed).isEqualTo(protocol("corestore.seed"));
        assertThat(KeyPair.fromSeed(seed).publicKey().bytes()).isEqualTo(protocol("corestore.publicKey"));
        assertThat(Blake2b.hash(new byte[] {127, 0, 0, 1, 0x49, (byte) 0xc2})).isEqualTo(protocol("dht.id"));
    }

    @Test
    void shouldAgreeWithStockWhenADrivesContentKeyIsDerived() {
        byte[][] hypercore = Namespaces.derive("hypercore", 3, 4);
        byte[] namespace =
                Blake2b.hash(Namespaces.derive("hyperdrive", 0)[0], protocol("manifest.v1.key"), hypercore[1]);
        byte[] manifest = protocol("manifest.v1.encoded");
        System.arraycopy(namespace, 0, manifest, 6, 32);
        assertThat(Blake2b.hash(hypercore[0], manifest)).isEqualTo(protocol("hyperdrive.contentKey"));
    }

    @Test
    void shouldRefuseNumbersWhenNoTreeHasThem() {
        TreeHash hash = new TreeHash(fill(1));
        assertThatThrownBy(() -> new TreeNode(-1, 0, hash)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TreeNode(0, -1, hash)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MerkleHash.parentNode(new TreeNode(0, Long.MAX_VALUE, hash), new TreeNode(2, 1, hash)))
                .isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> Namespaces.derive("x", 256)).isInstanceOf(IllegalArgumentException.class);
    }
}
