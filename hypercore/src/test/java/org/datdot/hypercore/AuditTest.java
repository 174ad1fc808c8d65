package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged stores: what is found, and what a repair makes of them. */
class AuditTest {
    @TempDir
    private Path directory;

    private static AuditReport audit(Corestore store, CoreKey key) {
        return Objects.requireNonNull(store.audit(key));
    }

    private static AuditReport repair(Corestore store, CoreKey key) {
        return Objects.requireNonNull(store.repair(key));
    }

    @Test
    void shouldBeSoundAndUnchangedWhenNothingIsWrong() {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            core.append(TestStores.blocks(new Random(3), 77));
            core.clear(4, 9);
            core.truncate(70);
            CoreKey key = core.key();
            AuditReport report = audit(store, key);
            assertThat(report.sound()).as("%s", report).isTrue();
            assertThat(report.blocks()).isEqualTo(65);
            assertThat(report.treeNodes()).isEqualTo(2 * 70 - Long.bitCount(70));
            assertThatThrownBy(() -> core.append(new byte[1])).isInstanceOf(StorageException.class);
            assertThat(store.get("log").append(new byte[1])).isEqualTo(71);
            assertThat(store.audit(new CoreKey(new byte[32]))).isNull();
        }
    }

    @Test
    void shouldLetTheOtherCoresGoOnWhileACoreIsLookedThrough() throws Exception {
        try (Corestore store = TestStores.open(directory);
                ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
            Hypercore core = store.get("log");
            core.append(TestStores.blocks(new Random(8), 2_000));
            CoreKey key = core.key();
            Hypercore open = store.get("open");
            AtomicReference<Future<Long>> sameCore = new AtomicReference<>();
            List<Long> told = new ArrayList<>();
            AuditReport report = store.audit(key, (done, all) -> {
                assertThat(all).isEqualTo(4_000);
                told.add(done);
                if (sameCore.get() != null) return;
                sameCore.set(others.submit(() -> store.get(key).append(new byte[] {1})));
                long lengths = within(others.submit(
                        () -> open.append(new byte[1]) + store.get("fresh").append(new byte[1])));
                assertThat(lengths).isEqualTo(2);
                assertThat(store.list()).hasSize(3);
            });
            assertThat(report).isNotNull();
            assertThat(Objects.requireNonNull(report).sound()).isTrue();
            assertThat(told).isSorted().hasSizeGreaterThan(2);
            assertThat(told.getLast()).isEqualTo(4_000);
            assertThat(within(Objects.requireNonNull(sameCore.get()))).isEqualTo(2_001);
            assertThat(store.purge(key)).isTrue();
            assertThat(store.get("log").length()).isZero();
        }
    }

    private static long within(Future<Long> future) {
        try {
            return future.get(60, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("it waits for the audit", e);
        }
    }

    @Test
    void shouldRestoreEveryNodeWhenAllBlocksAreThere() {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            List<byte[]> blocks = TestStores.blocks(new Random(4), 50);
            core.append(blocks);
            CoreState state = core.state();
            TreeHead head = core.head();
            long data = state.pointers().dataPointer();
            // All of them but the leaves 7 and 20, which are wrong instead, roots included.
            state.storage().write(out -> {
                out.deleteRange(StorageKeys.treeNode(data, 0), StorageKeys.bitfieldStart(data));
                out.treeNode(data, new TreeNode(14, 3, new TreeHash(new byte[32])));
                out.treeNode(data, new TreeNode(40, 3, new TreeHash(new byte[32])));
            });
            AuditReport found = audit(store, core.key());
            assertThat(found.restoredNodes()).as("%s", found).isEqualTo(100 - Long.bitCount(50));
            assertThatThrownBy(() -> store.get("log")).isInstanceOf(StorageException.class);
            assertThat(repair(store, core.key())).isEqualTo(found);
            assertThat(audit(store, core.key()).sound()).isTrue();
            Hypercore again = store.get("log");
            assertThat(again.head()).isEqualTo(head);
            for (int i = 0; i < 50; i++) assertThat(again.local(i)).isEqualTo(blocks.get(i));
        }
    }

    @Test
    void shouldSignAgainOrEmptyTheCoreWhenTheHeadIsWrong() {
        try (Corestore writer = TestStores.open(directory.resolve("writer"));
                Corestore reader = TestStores.open(directory.resolve("reader"))) {
            Hypercore core = writer.get("log");
            core.append(TestStores.blocks(new Random(5), 9));
            Hypercore copy = reader.get(core.key());
            ProofRequest all = ProofRequest.ofUpgrade(0, 9, true);
            copy.state()
                    .intake()
                    .apply(PreparedProof.of(
                            Objects.requireNonNull(core.state().prover().prove(all))));
            TestStores.settle(copy);
            for (Hypercore each : List.of(core, copy)) {
                long data = each.state().pointers().dataPointer();
                byte[] bad = each.head().signature().clone();
                bad[30] ^= 1;
                each.state()
                        .storage()
                        .write(out -> out.put(
                                StorageKeys.head(data),
                                StoreRecord.StoredHead.of(each.head().signed(bad))));
            }
            assertThat(repair(writer, core.key()).head()).isEqualTo(AuditReport.Head.RESIGNED);
            assertThat(audit(writer, core.key()).sound()).isTrue();
            assertThat(writer.get("log").length()).isEqualTo(9);
            assertThat(repair(reader, core.key()).head()).isEqualTo(AuditReport.Head.LOST);
            assertThat(audit(reader, core.key()).sound()).isTrue();
            Hypercore empty = reader.get(core.key());
            assertThat(empty.length()).isZero();
            assertThat(empty.state()
                            .intake()
                            .apply(PreparedProof.of(Objects.requireNonNull(
                                    writer.get("log").state().prover().prove(all)))))
                    .isTrue();
        }
    }

    @Test
    void shouldKeepOnlyWhatIsRightWhenTheStoreIsDamagedAtRandom() {
        try (Corestore store = TestStores.open(directory)) {
            for (long seed = 0; seed < 25; seed++) {
                Random random = new Random(seed);
                Hypercore core = store.get("log" + seed);
                List<byte[]> blocks = TestStores.blocks(random, 1 + random.nextInt(90));
                core.append(blocks);
                if (random.nextBoolean()) core.clear(blocks.size() / 3, blocks.size() / 2);
                int damages = 1 + random.nextInt(4);
                for (int i = 0; i < damages; i++) damage(core, random, blocks.size());
                CoreKey key = core.key();
                AuditReport found = audit(store, key);
                String as = "seed " + seed + ": " + found;
                assertThat(repair(store, key)).as(as).isEqualTo(found);
                if (found.head() == AuditReport.Head.LOST_BY_WRITER) continue;
                assertThat(audit(store, key).sound())
                        .as(as + " then " + audit(store, key))
                        .isTrue();
                Hypercore again = store.get("log" + seed);
                assertThat(again.length()).as(as).isEqualTo(blocks.size());
                for (int i = 0; i < blocks.size(); i++) {
                    byte[] block = again.local(i);
                    if (block != null) assertThat(block).as(as).isEqualTo(blocks.get(i));
                    assertThat(again.has(i)).as(as).isEqualTo(block != null);
                }
            }
        }
    }

    private static void damage(Hypercore core, Random random, int length) {
        CoreState state = core.state();
        long data = state.pointers().dataPointer();
        long node = random.nextInt(2 * length);
        long block = random.nextInt(length);
        byte[] garbage = new byte[random.nextInt(40)];
        random.nextBytes(garbage);
        TreeNode wrong = new TreeNode(node, 1, new TreeHash(new byte[32]));
        Bitfield bits = new Bitfield();
        bits.setRange(0, random.nextInt(2 * length), true);
        int kind = random.nextInt(6);
        state.storage().write(out -> {
            switch (kind) {
                case 0 -> out.delete(StorageKeys.treeNode(data, node));
                case 1 -> out.treeNode(data, wrong);
                case 2 -> out.delete(StorageKeys.block(data, block));
                case 3 -> out.put(StorageKeys.block(data, block), garbage);
                case 4 -> out.put(StorageKeys.bitfieldPage(data, 0), bits.pageBytes(0));
                default -> out.put(StorageKeys.block(data, length + block), garbage);
            }
        });
    }
}
