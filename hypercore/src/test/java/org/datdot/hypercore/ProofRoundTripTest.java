package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProofRoundTripTest {
    @TempDir
    private Path directory;

    private static Proof ask(Hypercore writer, ProofRequest request) {
        return Objects.requireNonNull(writer.state().prover().prove(request), request::toString);
    }

    private static boolean give(Hypercore reader, Proof proof) {
        return reader.state().intake().apply(PreparedProof.of(proof));
    }

    @Test
    void shouldCopyACoreBlockByBlockWhenOnlyItsKeyIsKnown() {
        for (long seed = 1; seed <= 12; seed++) {
            Random random = new Random(seed);
            try (Corestore from = TestStores.open(directory.resolve("from" + seed));
                    Corestore to = TestStores.open(directory.resolve("to" + seed))) {
                Hypercore writer = from.get("log");
                List<byte[]> blocks = TestStores.blocks(random, 1 + random.nextInt(120));
                Hypercore reader = TestStores.reader(to, writer);
                int at = 0;
                List<Integer> wanted = new ArrayList<>();
                while (at < blocks.size()) {
                    int next = Math.min(blocks.size(), at + 1 + random.nextInt(40));
                    writer.append(blocks.subList(at, next));
                    for (int i = at; i < next; i++) wanted.add(i);
                    at = next;
                    upgrade(random, writer, reader);
                    Collections.shuffle(wanted, random);
                    for (int i = 0; i < 5 && !wanted.isEmpty(); i++) copy(random, writer, reader, wanted.removeLast());
                }
                while (!wanted.isEmpty()) copy(random, writer, reader, wanted.removeLast());
                TestStores.settle(reader);
                assertThat(reader.contiguousLength()).as("seed %d", seed).isEqualTo(blocks.size());
                assertThat(reader.head().treeHash())
                        .as("seed %d", seed)
                        .isEqualTo(writer.head().treeHash());
                assertThat(reader.manifest()).isEqualTo(writer.manifest());
                for (int i = 0; i < blocks.size(); i++) {
                    assertThat(reader.local(i)).as("seed %d", seed).isEqualTo(blocks.get(i));
                }
            }
        }
    }

    /** Upgrades in one step or in two, sometimes with a block inside. */
    private static void upgrade(Random random, Hypercore writer, Hypercore reader) {
        while (reader.state().length() < writer.length()) {
            long start = reader.length();
            long length = writer.length() - start;
            boolean whole = random.nextBoolean();
            long asked = whole ? length : 1 + random.nextLong(length);
            ProofRequest.BlockRequest block =
                    random.nextBoolean() ? new ProofRequest.BlockRequest(start + random.nextLong(asked), 0) : null;
            ProofRequest request = new ProofRequest(
                    block, null, null, new ProofRequest.UpgradeRequest(start, asked), reader.manifest() == null);
            assertThat(give(reader, ask(writer, request))).isTrue();
            TestStores.settle(reader);
        }
    }

    private static void copy(Random random, Hypercore writer, Hypercore reader, int index) {
        long nodes = reader.state().missingNodes(index);
        assertThat(give(reader, ask(writer, ProofRequest.ofBlock(index, nodes))))
                .isTrue();
        if (random.nextInt(3) == 0) TestStores.settle(reader);
    }

    @Test
    void shouldRefuseWhenAProofIsTamperedWith() {
        for (long seed = 1; seed <= 10; seed++) {
            Random random = new Random(seed);
            try (Corestore from = TestStores.open(directory.resolve("from" + seed));
                    Corestore to = TestStores.open(directory.resolve("to" + seed))) {
                Hypercore writer = from.get("log");
                Hypercore reader = TestStores.reader(to, writer);
                writer.append(TestStores.blocks(random, 2 + random.nextInt(60)));
                Proof upgrade = ask(writer, ProofRequest.ofUpgrade(0, writer.length(), true));
                Proof.DataUpgrade data = Objects.requireNonNull(upgrade.upgrade());
                byte[] signature = Objects.requireNonNull(data.signature());
                Proof bad = random.nextBoolean()
                        ? withUpgrade(upgrade, data.nodes(), flip(random, signature))
                        : withUpgrade(upgrade, tamper(random, data.nodes()), signature);
                assertThatThrownBy(() -> give(reader, bad)).isInstanceOf(InvalidProofException.class);
                assertThat(reader.length()).isZero();
                assertThat(give(reader, upgrade)).isTrue();

                int index = random.nextInt((int) writer.length());
                Proof block =
                        ask(writer, ProofRequest.ofBlock(index, reader.state().missingNodes(index)));
                Proof.DataBlock good = Objects.requireNonNull(block.block());
                byte[] longer = Arrays.copyOf(good.value(), good.value().length + 1);
                assertThatThrownBy(() ->
                                give(reader, withBlock(block, new Proof.DataBlock(index, longer, good.nodes()))))
                        .as("seed %d", seed)
                        .isInstanceOf(InvalidProofException.class);
                if (!good.nodes().isEmpty()) {
                    List<TreeNode> nodes = tamper(random, good.nodes());
                    assertThatThrownBy(() ->
                                    give(reader, withBlock(block, new Proof.DataBlock(index, good.value(), nodes))))
                            .as("seed %d", seed)
                            .isInstanceOf(InvalidProofException.class);
                }
                TestStores.settle(reader);
                assertThat(reader.has(index)).isFalse();
            }
        }
    }

    private static Proof withUpgrade(Proof proof, List<TreeNode> nodes, byte[] signature) {
        Proof.DataUpgrade old = Objects.requireNonNull(proof.upgrade());
        Proof.DataUpgrade upgrade =
                new Proof.DataUpgrade(old.start(), old.length(), nodes, old.additionalNodes(), signature);
        return new Proof(proof.fork(), null, null, null, upgrade, proof.manifest());
    }

    private static Proof withBlock(Proof proof, Proof.DataBlock block) {
        return new Proof(proof.fork(), block, null, null, null, null);
    }

    private static byte[] flip(Random random, byte[] bytes) {
        byte[] flipped = bytes.clone();
        flipped[2 + random.nextInt(64)] ^= 1;
        return flipped;
    }

    private static List<TreeNode> tamper(Random random, List<TreeNode> nodes) {
        List<TreeNode> changed = new ArrayList<>(nodes);
        int at = random.nextInt(changed.size());
        TreeNode node = changed.get(at);
        byte[] hash = node.hash().bytes();
        hash[random.nextInt(32)] ^= 1;
        changed.set(
                at,
                switch (random.nextInt(3)) {
                    case 0 -> new TreeNode(node.index(), node.size() + 1, node.hash());
                    case 1 -> new TreeNode(node.index() + 2, node.size(), node.hash());
                    default -> new TreeNode(node.index(), node.size(), new TreeHash(hash));
                });
        return changed;
    }

    @Test
    void shouldNotGrowWhenTheForkIsHigherOrTheManifestIsAnothers() {
        try (Corestore from = TestStores.open(directory.resolve("from"));
                Corestore to = TestStores.open(directory.resolve("to"))) {
            Hypercore writer = from.get("log");
            writer.append(new byte[] {1});
            Hypercore other = from.get("other");
            Hypercore reader = TestStores.reader(to, writer);
            Proof proof = ask(writer, ProofRequest.ofUpgrade(0, 1, true));
            Proof forked = new Proof(1, null, null, null, proof.upgrade(), proof.manifest());
            assertThat(give(reader, forked)).as("another fork comes as a reorg").isFalse();
            assertThat(reader.length()).isZero();
            Proof foreign = new Proof(0, null, null, null, proof.upgrade(), other.manifest());
            assertThatThrownBy(() -> give(reader, foreign)).isInstanceOf(InvalidProofException.class);
            Proof none = new Proof(0, null, null, null, proof.upgrade(), null);
            assertThatThrownBy(() -> give(reader, none)).isInstanceOf(InvalidProofException.class);
            assertThat(give(reader, proof)).isTrue();
            assertThat(give(reader, proof))
                    .as("the same upgrade again is stale")
                    .isFalse();
        }
    }

    @Test
    void shouldAnnounceABlockOnlyAfterItsCommit() {
        try (Corestore from = TestStores.open(directory.resolve("from"));
                Corestore to = TestStores.open(directory.resolve("to"))) {
            Hypercore writer = from.get("log");
            writer.append(TestStores.blocks(new Random(1), 50));
            Hypercore reader = TestStores.reader(to, writer);
            List<String> events = Collections.synchronizedList(new ArrayList<>());
            reader.state().addListener(new CoreListener() {
                @Override
                public void onHead(CoreState state, TreeHead previous, boolean local) {
                    events.add("head " + state.length() + " " + local);
                }

                @Override
                public void onBlocks(CoreState state, long start, long end) {
                    for (long i = start; i < end; i++) {
                        assertThat(state.readBlock(i)).isNotNull();
                        events.add("block " + i);
                    }
                }
            });
            give(reader, ask(writer, ProofRequest.ofUpgrade(0, 50, true)));
            for (int i = 0; i < 50; i++) {
                give(reader, ask(writer, ProofRequest.ofBlock(i, reader.state().missingNodes(i))));
            }
            TestStores.settle(reader);
            assertThat(events).hasSize(51).contains("head 50 false", "block 0", "block 49");
        }
    }
}
