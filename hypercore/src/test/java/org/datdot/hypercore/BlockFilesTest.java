package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.datdot.crypto.CoreKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks that reach the disk as files of their own, received or appended. One block is as large as the shortest row, so each of them does. */
class BlockFilesTest {
    private static final int BLOCK_BYTES = (int) BlockFiles.MIN_BYTES;
    private static final int BLOCKS = 5;

    @TempDir
    private Path directory;

    private Corestore source;
    private Hypercore written;

    @BeforeEach
    void write() {
        source = TestStores.open(directory.resolve("source"));
        written = source.get("log");
        for (int i = 0; i < BLOCKS; i++) written.append(block(i));
    }

    @AfterEach
    void close() {
        source.close();
    }

    private static byte[] block(int index) {
        byte[] block = new byte[BLOCK_BYTES];
        new Random(index).nextBytes(block);
        return block;
    }

    private Path folder() {
        return directory.resolve("store");
    }

    private Hypercore reader(Corestore store) {
        Hypercore reader = store.get(written.key());
        if (reader.length() == 0) {
            take(reader, ProofRequest.ofUpgrade(0, BLOCKS, true));
            TestStores.settle(reader);
        }
        return reader;
    }

    private void take(Hypercore reader, ProofRequest request) {
        Proof proof = Objects.requireNonNull(written.proof(request));
        assertThat(reader.state().intake().apply(PreparedProof.of(proof), false))
                .isTrue();
    }

    private void take(Hypercore reader, int... indexes) {
        for (int index : indexes) {
            take(reader, ProofRequest.ofBlock(index, reader.state().missingNodes(index)));
        }
        TestStores.settle(reader);
    }

    private static void requireAll(Hypercore reader) {
        assertThat(reader.contiguousLength()).isEqualTo(BLOCKS);
        for (int i = 0; i < BLOCKS; i++) assertThat(reader.local(i)).isEqualTo(block(i));
    }

    private long bytesOf(String glob) throws IOException {
        try (Stream<Path> files = Files.walk(folder())) {
            return files.filter(file -> file.getFileName().toString().matches(glob))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Test
    void shouldWriteReceivedBlocksOnce() throws IOException {
        try (Corestore store = TestStores.open(folder())) {
            Hypercore reader = reader(store);
            take(reader, 3, 0, 4, 1, 2);
            requireAll(reader);
            assertThat(bytesOf(".*\\.sst")).as("tables").isGreaterThan((long) BLOCKS * BLOCK_BYTES);
            assertThat(bytesOf(".*\\.(log|blob)")).as("the log").isLessThan(BLOCK_BYTES);
            assertThat(bytesOf(".*\\.blocks")).as("unfinished files").isZero();
        }
        try (Corestore store = TestStores.open(folder())) {
            requireAll(store.get(written.key()));
        }
        try (Corestore store = TestStores.open(folder())) {
            AuditReport report = Objects.requireNonNull(store.audit(written.key()));
            assertThat(report.sound()).as("%s", report).isTrue();
            assertThat(report.blocks()).isEqualTo(BLOCKS);
        }
    }

    private static List<byte[]> row(int seed, int bytes) {
        List<byte[]> row = new ArrayList<>();
        Random random = new Random(seed);
        for (int left = bytes; left > 0; left -= 1 << 16) {
            byte[] block = new byte[Math.min(left, 1 << 16)];
            random.nextBytes(block);
            row.add(block);
        }
        return row;
    }

    private static void requireBlocks(Hypercore core, List<byte[]> expected) {
        assertThat(core.length()).isEqualTo(expected.size());
        assertThat(core.contiguousLength()).isEqualTo(expected.size());
        for (int i = 0; i < expected.size(); i++)
            assertThat(core.local(i)).as("block %s", i).isEqualTo(expected.get(i));
    }

    @Test
    void shouldWriteLongRowsThatAreAppendedOnce() throws IOException {
        List<byte[]> expected = new ArrayList<>();
        CoreKey key;
        try (Corestore store = TestStores.open(folder());
                Hypercore core = store.get("log")) {
            key = core.key();
            for (int round = 0; round < 3; round++) {
                List<byte[]> row = row(round, BLOCK_BYTES + 100);
                core.append(row);
                core.append(new byte[] {1});
                expected.addAll(row);
                expected.add(new byte[] {1});
            }
            requireBlocks(core, expected);
            assertThat(bytesOf(".*\\.sst")).as("tables").isGreaterThan(3L * BLOCK_BYTES);
            assertThat(bytesOf(".*\\.(log|blob)")).as("the log").isLessThan(BLOCK_BYTES);
            // what is cut must not come back under what is appended in its place
            int kept = expected.size() / 2;
            core.truncate(kept);
            expected.subList(kept, expected.size()).clear();
            requireBlocks(core, expected);
            List<byte[]> again = row(7, 2 * BLOCK_BYTES);
            core.append(again);
            expected.addAll(again);
            requireBlocks(core, expected);
        }
        try (Corestore store = TestStores.open(folder());
                Hypercore core = store.get("log")) {
            requireBlocks(core, expected);
            core.append(new byte[] {2});
            expected.add(new byte[] {2});
        }
        try (Corestore store = TestStores.open(folder())) {
            requireSound(store, key);
            requireBlocks(store.get("log"), expected);
        }
    }

    private static void requireSound(Corestore store, CoreKey key) {
        AuditReport report = Objects.requireNonNull(store.audit(key));
        assertThat(report.sound()).as("%s", report).isTrue();
    }

    @Test
    void shouldRemoveWhatIsLeftOfAnAppendThatWasCutShort() throws IOException {
        List<byte[]> kept = row(1, 1000);
        CoreKey key;
        try (Corestore store = TestStores.open(folder());
                Hypercore core = store.get("log")) {
            core.append(kept);
            key = core.key();
            long data = core.state().pointers().dataPointer();
            BlockFiles.Row row = new BlockFiles.Row(data, 1, row(2, 2 * BLOCK_BYTES));
            core.state().storage().write(out -> out.row(row));
        }
        try (Corestore store = TestStores.open(folder());
                Hypercore core = store.get("log")) {
            requireBlocks(core, kept);
            store.compact();
        }
        assertThat(bytesOf(".*\\.(log|blob|sst)")).isLessThan(BLOCK_BYTES);
        try (Corestore store = TestStores.open(folder())) {
            requireSound(store, key);
        }
    }

    @Test
    void shouldLeaveNothingOfBlocksThatWereDroppedAndTakeThemAgain() throws IOException {
        try (Corestore store = TestStores.open(folder())) {
            Hypercore reader = reader(store);
            for (int round = 0; round < 3; round++) {
                take(reader, 0, 1, 2, 3, 4);
                requireAll(reader);
                reader.clear(1, 4);
                assertThat(reader.local(1)).isNull();
                assertThat(reader.state().readBlock(1)).as("round %s", round).isNull();
                assertThat(reader.local(0)).isEqualTo(block(0));
                // the tombstone is still in memory: what comes now must not fall under it
                take(reader, 2, 1, 3);
                requireAll(reader);
                reader.clear(0, BLOCKS);
            }
            take(reader, 4);
            reader.compact();
            assertThat(reader.local(4)).isEqualTo(block(4));
            assertThat(reader.state().readBlock(3)).isNull();
        }
        assertThat(bytesOf(".*\\.(log|blob|sst)")).isLessThan(2L * BLOCK_BYTES);
    }

    @Test
    void shouldGiveTheSpaceBackWhenTheCoreIsPurged() throws IOException {
        try (Corestore store = TestStores.open(folder())) {
            Hypercore kept = store.get("kept");
            kept.append(block(9));
            take(reader(store), 0, 1, 2, 3, 4);
            store.purge(written.key());
            store.compact();
            assertThat(kept.local(0)).isEqualTo(block(9));
        }
        assertThat(bytesOf(".*\\.(log|blob|sst)")).isLessThan(3L * BLOCK_BYTES);
        try (Corestore store = TestStores.open(folder())) {
            assertThat(store.get("kept").local(0)).isEqualTo(block(9));
            Hypercore again = reader(store);
            assertThat(again.local(0)).isNull();
            take(again, 0, 1, 2, 3, 4);
            requireAll(again);
        }
    }

    @Test
    void shouldNotLookAtBlocksWhoseRecordsWereNeverWritten() {
        byte[] wrong = new byte[BLOCK_BYTES];
        try (Corestore store = TestStores.open(folder())) {
            CoreState core = reader(store).state();
            BlockFiles.Row row = new BlockFiles.Row(core.pointers().dataPointer(), 0, List.of(wrong, wrong));
            core.storage().write(out -> out.row(row));
        }
        try (Corestore store = TestStores.open(folder())) {
            Hypercore reader = store.get(written.key());
            assertThat(reader.has(0)).isFalse();
            assertThat(reader.local(0)).isNull();
            take(reader, 0, 1, 2, 3, 4);
            requireAll(reader);
        }
        try (Corestore store = TestStores.open(folder())) {
            requireAll(store.get(written.key()));
        }
    }

    @Test
    void shouldShowASnapshotOnlyWhatWasThereWhenItWasMade() {
        try (Corestore store = TestStores.open(folder())) {
            Hypercore reader = reader(store);
            take(reader, 0);
            CoreState core = reader.state();
            byte[] first = StorageKeys.block(core.pointers().dataPointer(), 0);
            byte[] second = StorageKeys.block(core.pointers().dataPointer(), 1);
            try (CoreStorage.View before = core.storage().view()) {
                take(reader, 1);
                reader.clear(0, 1);
                assertThat(before.get(first)).isEqualTo(block(0));
                assertThat(before.get(second)).isNull();
                assertThat(reader.local(1)).isEqualTo(block(1));
                take(reader, 0);
                reader.compact();
                assertThat(before.get(first)).isEqualTo(block(0));
                assertThat(before.get(second)).isNull();
            }
            assertThat(reader.local(0)).isEqualTo(block(0));
            assertThat(reader.local(1)).isEqualTo(block(1));
        }
    }

    @Test
    void shouldRemoveUnfinishedFilesWhenTheStoreIsOpened() throws IOException {
        TestStores.open(folder()).close();
        Path left = Files.write(folder().resolve("db").resolve("7.blocks"), new byte[100]);
        try (Corestore store = TestStores.open(folder())) {
            assertThat(left).doesNotExist();
            take(reader(store), 0, 1, 2, 3, 4);
        }
    }

    @Test
    void shouldWriteNothingMoreWhenAFileCannotBeWritten() throws IOException {
        try (Corestore store = TestStores.open(folder())) {
            Hypercore reader = reader(store);
            take(reader, 0);
            Path inTheWay = Files.createDirectory(folder().resolve("db").resolve("1.blocks"));
            assertThatThrownBy(() -> take(reader, 1))
                    .isInstanceOfSatisfying(
                            StorageException.class, e -> assertThat(e.kind()).isEqualTo(StorageException.Kind.IO))
                    .hasMessageContaining("cannot write to the store");
            assertThat(reader.has(1)).isFalse();
            assertThat(reader.local(0)).isEqualTo(block(0));
            assertThatThrownBy(() -> take(reader, 2)).isInstanceOf(StorageException.class);
            assertThat(inTheWay).doesNotExist();
        }
        try (Corestore store = TestStores.open(folder())) {
            Hypercore reader = store.get(written.key());
            assertThat(reader.heldBlocks()).isEqualTo(1);
            take(reader, 1, 2, 3, 4);
            requireAll(reader);
        }
    }
}
