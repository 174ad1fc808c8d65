package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.ledger.StorageProof;
import org.junit.jupiter.api.Test;

final class ReplicaTreeTest {

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static ReplicaTree build(byte[] bytes, Random random) {
        ReplicaTree.Builder builder = new ReplicaTree.Builder();
        int at = 0;
        while (at < bytes.length) {
            int piece = Math.min(bytes.length - at, random.nextInt(5000));
            builder.update(bytes, at, piece);
            at += piece;
        }
        return builder.finish();
    }

    /** The specification, word by word and without any cleverness. */
    private static byte[] rootBySpecification(byte[] bytes) {
        List<byte[]> level = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += 1024) {
            level.add(Blake2b.hash(new byte[] {0}, Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 1024))));
        }
        while (level.size() > 1) {
            List<byte[]> above = new ArrayList<>();
            for (int i = 0; i < level.size(); i += 2) {
                above.add(
                        i + 1 < level.size()
                                ? Blake2b.hash(new byte[] {1}, level.get(i), level.get(i + 1))
                                : level.get(i));
            }
            level = above;
        }
        return level.getFirst();
    }

    @Test
    void shouldHaveTheSpecifiedRootWhateverTheSize() {
        List<Integer> sizes = new ArrayList<>(List.of(1, 1023, 1024, 1025, 65535, 65536, 65537, 131072, 196609));
        for (int leaves = 1; leaves < 140; leaves++) sizes.add(leaves * 1024 - 3);
        Random random = new Random(5);
        for (int size : sizes) {
            byte[] bytes = bytes(random, size);
            ReplicaTree tree = build(bytes, random);
            assertThat(tree.root().bytes()).as("%d bytes", size).isEqualTo(rootBySpecification(bytes));
            assertThat(tree.leafCount()).isEqualTo((size + 1023) / 1024);
        }
    }

    @Test
    void shouldProveEveryLeafToTheLedger() {
        Random random = new Random(6);
        for (int size : new int[] {1, 1024, 1025, 5 * 1024, 64 * 1024, 65 * 1024, 67 * 1024 + 5, 300 * 1024 - 7}) {
            byte[] bytes = bytes(random, size);
            ReplicaTree tree = build(bytes, random);
            for (long leaf = 0; leaf < tree.leafCount(); leaf++) {
                StorageProof proof = proof(tree, bytes, leaf);
                assertThat(proof.verify(tree.root(), tree.leafCount(), size))
                        .as("leaf %d of %d", leaf, size)
                        .isTrue();
                Hash other = new Hash(Blake2b.hash(tree.root().bytes()));
                assertThat(proof.verify(other, tree.leafCount(), size)).isFalse();
            }
        }
    }

    private static StorageProof proof(ReplicaTree tree, byte[] bytes, long leaf) {
        int group = (int) (leaf / 64 * 65536);
        List<Hash> leaves = ReplicaTree.leaves(bytes, group, Math.min(65536, bytes.length - group));
        int at = (int) leaf * 1024;
        return new StorageProof(
                leaf, Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 1024)), tree.siblings(leaf, leaves));
    }

    @Test
    void shouldNoticeWhenTheBytesOfAGroupHaveChanged() {
        Random random = new Random(7);
        byte[] bytes = bytes(random, 200 * 1024);
        ReplicaTree tree = build(bytes, random);
        bytes[70 * 1024] ^= 1;
        assertThatThrownBy(() -> proof(tree, bytes, 65)).isInstanceOf(IllegalArgumentException.class);
        assertThat(proof(tree, bytes, 3).verify(tree.root(), tree.leafCount(), bytes.length))
                .isTrue();
    }
}
