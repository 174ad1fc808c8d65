package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.datdot.crypto.Hash;
import org.junit.jupiter.api.Test;

class StorageProofTest {
    @Test
    void shouldVerifyEveryLeafOfTreesOfAllShapes() {
        for (int leaves = 1; leaves <= 70; leaves++) {
            int bytes = (leaves - 1) * ReplicaHash.LEAF_BYTES + 1 + (leaves * 37) % ReplicaHash.LEAF_BYTES;
            World.Tree tree = new World.Tree(World.replicaBytes(leaves, 0, bytes));
            assertThat(ReplicaHash.leafCount(bytes)).isEqualTo(leaves);
            for (int leaf = 0; leaf < leaves; leaf++) {
                assertThat(tree.prove(leaf).verify(tree.root(), leaves, bytes))
                        .as("leaf %d of %d", leaf, leaves)
                        .isTrue();
            }
        }
    }

    @Test
    void shouldRefuseAnythingTamperedWith() {
        for (int seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            int bytes = 1 + random.nextInt(40 * ReplicaHash.LEAF_BYTES);
            World.Tree tree = new World.Tree(World.replicaBytes(seed, 1, bytes));
            int leaf = random.nextInt(tree.leaves());
            StorageProof good = tree.prove(leaf);
            StorageProof bad = tamper(good, random);
            boolean verified = bad.verify(tree.root(), tree.leaves(), bytes);
            assertThat(verified).as("seed %d", seed).isEqualTo(bad.equals(good));
        }
    }

    private static StorageProof tamper(StorageProof good, Random random) {
        byte[] leaf = good.leaf().clone();
        List<Hash> siblings = new ArrayList<>(good.siblings());
        long index = good.leafIndex();
        switch (random.nextInt(7)) {
            case 0 -> leaf[random.nextInt(leaf.length)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> leaf = java.util.Arrays.copyOf(leaf, random.nextInt(2 * ReplicaHash.LEAF_BYTES));
            case 2 -> index = random.nextInt(80) - 20L;
            case 3 -> siblings.add(random.nextInt(siblings.size() + 1), new Hash(new byte[32]));
            case 4 -> {
                if (!siblings.isEmpty()) {
                    siblings.remove(random.nextInt(siblings.size()));
                }
            }
            case 5 -> Collections.shuffle(siblings, random);
            default -> {
                if (!siblings.isEmpty()) {
                    byte[] bytes = siblings.getFirst().bytes();
                    bytes[random.nextInt(32)] ^= 1;
                    siblings.set(0, new Hash(bytes));
                }
            }
        }
        return new StorageProof(index, leaf, List.copyOf(siblings));
    }

    @Test
    void shouldRefuseAProofOfAnotherReplicaOrSize() {
        World.Tree tree = new World.Tree(World.replicaBytes(1, 0, 5_000));
        World.Tree other = new World.Tree(World.replicaBytes(2, 0, 5_000));
        StorageProof proof = tree.prove(3);
        assertThat(proof.verify(other.root(), 5, 5_000)).isFalse();
        assertThat(proof.verify(tree.root(), 4, 5_000)).isFalse();
        assertThat(proof.verify(tree.root(), 5, 5_000)).isTrue();
    }

    @Test
    void shouldNotTakeAParentForALeaf() {
        // Second preimage: 64 bytes of two hashes, shown as a leaf one level up.
        World.Tree tree = new World.Tree(World.replicaBytes(7, 0, 2 * ReplicaHash.LEAF_BYTES));
        byte[] parent = new byte[64];
        tree.prove(1).siblings().getFirst().copyTo(parent, 0);
        tree.prove(0).siblings().getFirst().copyTo(parent, 32);
        assertThat(new StorageProof(0, parent, List.of()).verify(tree.root(), 1, 64))
                .isFalse();
    }
}
