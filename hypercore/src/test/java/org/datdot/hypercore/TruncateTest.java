package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.datdot.crypto.MerkleHash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cutting a core, locally and as its readers follow. */
class TruncateTest {
    @TempDir
    private Path directory;

    private record Cut(long fork, long length, long ancestors) {}

    @Test
    void shouldBeTheShorterCoreWhenBlocksAreCutOff() {
        Random random = new Random(11);
        for (long seed = 0; seed < 12; seed++) {
            random.setSeed(seed);
            String name = "log" + seed;
            List<byte[]> blocks = new ArrayList<>(TestStores.blocks(random, 1 + random.nextInt(70)));
            TreeHead before;
            try (Corestore store = TestStores.open(directory)) {
                Hypercore core = store.get(name);
                List<Cut> cuts = new ArrayList<>();
                core.state().addListener(new CoreListener() {
                    @Override
                    public void onTruncate(CoreState state, TreeHead previous, long ancestors) {
                        cuts.add(new Cut(state.fork(), state.length(), ancestors));
                    }
                });
                core.append(blocks);
                for (int round = 0; round < 6; round++) {
                    int length = random.nextInt(blocks.size() + 1);
                    core.truncate(length);
                    assertThat(cuts)
                            .as("seed %s", seed)
                            .hasSize(round + 1)
                            .last()
                            .isEqualTo(new Cut(round + 1, length, length));
                    blocks = new ArrayList<>(blocks.subList(0, length));
                    List<byte[]> more = TestStores.blocks(random, random.nextInt(20));
                    core.append(more);
                    blocks.addAll(more);
                    requireSame(core, blocks, "seed " + seed);
                }
                before = core.head();
            }
            try (Corestore store = TestStores.open(directory)) {
                Hypercore core = store.get(name);
                assertThat(core.head()).as("seed %s", seed).isEqualTo(before);
                requireSame(core, blocks, "seed " + seed);
            }
        }
    }

    /** The tree is that of a core which never was longer. */
    private void requireSame(Hypercore core, List<byte[]> blocks, String seed) {
        assertThat(core.length()).as(seed).isEqualTo(blocks.size());
        assertThat(core.contiguousLength()).as(seed).isEqualTo(blocks.size());
        assertThat(core.manifest()).isNotNull();
        assertThat(Objects.requireNonNull(core.manifest()).verify(core.key(), core.head()))
                .as(seed)
                .isTrue();
        MerkleTreeBatch fresh = new MerkleTreeBatch(TreeHead.empty());
        for (byte[] block : blocks) fresh.append(MerkleHash.leaf(block), block.length);
        assertThat(core.head().treeHash()).as(seed).isEqualTo(fresh.treeHash());
        for (int i = 0; i < blocks.size(); i++)
            assertThat(core.local(i)).as(seed).isEqualTo(blocks.get(i));
        assertThat(core.local(blocks.size())).as(seed).isNull();
        for (long index = 0; index < 400; index++) {
            boolean inside = new FlatIterator(index).rightSpan() < 2L * blocks.size();
            assertThat(core.nodes().node(index) != null)
                    .as("%s node %s of %s", seed, index, blocks.size())
                    .isEqualTo(inside);
        }
    }

    @Test
    void shouldRefuseWhenTheLengthOrTheForkIsNotPossible() {
        try (Corestore store = TestStores.open(directory);
                Corestore other = TestStores.open(directory.resolve("other"))) {
            Hypercore core = store.get("log");
            core.append(TestStores.blocks(new Random(1), 5));
            assertThatThrownBy(() -> core.truncate(6)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> core.truncate(-1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> core.truncate(3, 0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> other.get(core.key()).truncate(0)).isInstanceOf(IllegalStateException.class);
            core.truncate(3, 7);
            assertThat(core.fork()).isEqualTo(7);
            core.truncate(3);
            assertThat(core.fork()).isEqualTo(8);
            assertThat(core.length()).isEqualTo(3);
        }
    }

    @Test
    void shouldLoseNoAppendWhenOthersAppendWhileTheCoreIsCut() throws Exception {
        try (Corestore store = TestStores.open(directory);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Hypercore core = store.get("log");
            core.append(TestStores.blocks(new Random(2), 40));
            List<Future<?>> running = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 50; i++) core.append(new byte[] {(byte) i});
                }));
            }
            long cut = 0;
            for (int i = 0; i < 20; i++) {
                long length = Math.max(0, core.length() - 3);
                core.truncate(length);
                cut++;
            }
            for (Future<?> each : running) each.get();
            assertThat(core.fork()).isEqualTo(cut);
            List<byte[]> blocks = new ArrayList<>();
            for (long i = 0; i < core.length(); i++) blocks.add(Objects.requireNonNull(core.local(i)));
            core.truncate(core.length());
            requireSame(core, blocks, "concurrent");
        }
    }

    @Test
    void shouldFollowARewrittenCoreWhenItsProofsAreGiven() {
        try (Corestore store = TestStores.open(directory.resolve("writer"));
                Corestore copies = TestStores.open(directory.resolve("reader"))) {
            for (long seed = 0; seed < 40; seed++) follow(seed, store.get("log" + seed), copies);
        }
    }

    private static void follow(long seed, Hypercore writer, Corestore copies) {
        Random random = new Random(seed);
        writer.append(TestStores.blocks(random, 1 + random.nextInt(60)));
        Hypercore reader = copies.get(writer.key());
        CoreState from = writer.state();
        CoreState to = reader.state();
        ProofRequest all =
                new ProofRequest(null, null, null, new ProofRequest.UpgradeRequest(0, writer.length()), true);
        assertThat(to.intake()
                        .apply(PreparedProof.of(
                                Objects.requireNonNull(from.prover().prove(all)))))
                .isTrue();
        to.settle();
        for (long i = 0; i < writer.length(); i++) if (random.nextBoolean()) copy(from, to, i);
        to.settle();
        long old = reader.length();
        long common = random.nextLong(writer.length() + 1);
        writer.truncate(common);
        writer.append(TestStores.blocks(random, random.nextInt(60)));
        if (writer.length() == 0) writer.append(new byte[] {1});

        ProofRequest whole =
                new ProofRequest(null, null, null, new ProofRequest.UpgradeRequest(0, writer.length()), false);
        ReorgBatch batch = to.intake()
                .verifyReorg(
                        PreparedProof.of(Objects.requireNonNull(from.prover().prove(whole))));
        for (int round = 0; round < 20 && !batch.finished(); round++) {
            ReorgBatch.Want want = Objects.requireNonNull(batch.want());
            ProofRequest more = new ProofRequest(
                    null, new ProofRequest.HashRequest(2 * want.start(), want.nodes()), null, null, false);
            batch.update(PreparedProof.of(Objects.requireNonNull(from.prover().prove(more))));
        }
        String as = "seed " + seed + ": " + old + " blocks cut to " + common + ", then " + writer.length();
        assertThat(batch.finished()).as(as).isTrue();
        assertThat(batch.ancestors()).as(as).isLessThanOrEqualTo(common);
        assertThat(to.intake().reorg(batch)).as(as).isTrue();
        assertThat(to.intake().reorg(batch)).as(as).isFalse();
        assertThat(reader.head()).as(as).isEqualTo(writer.head());
        for (long i = 0; i < writer.length(); i++) {
            if (reader.has(i)) assertThat(reader.local(i)).as(as).isEqualTo(writer.local(i));
            else copy(from, to, i);
        }
        to.settle();
        for (long i = 0; i < writer.length(); i++)
            assertThat(reader.local(i)).as(as).isEqualTo(writer.local(i));
        for (long i = writer.length(); i < old; i++)
            assertThat(reader.has(i)).as(as).isFalse();
    }

    private static void copy(CoreState from, CoreState to, long index) {
        ProofRequest request = ProofRequest.ofBlock(index, to.missingNodes(index));
        assertThat(to.intake()
                        .apply(PreparedProof.of(
                                Objects.requireNonNull(from.prover().prove(request)))))
                .isTrue();
    }
}
