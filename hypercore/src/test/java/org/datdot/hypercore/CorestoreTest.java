package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.datdot.crypto.TreeNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CorestoreTest {
    @TempDir
    private Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void shouldHaveACacheOfItsOwnWhenASizeIsNamed() {
        long shared;
        try (Corestore store = TestStores.open(directory.resolve("shared"))) {
            shared = store.get("log").state().storage().cacheBytes();
        }
        assertThat(shared).isEqualTo(32L << 20);
        for (int round = 0; round < 3; round++) {
            try (Corestore store = Corestore.open(
                    directory.resolve("own"), TestStores.options().cacheBytes(5 << 20))) {
                Hypercore core = store.get("log");
                core.append(new byte[] {(byte) round});
                assertThat(core.local(round)).containsExactly(round);
                assertThat(core.state().storage().cacheBytes()).isEqualTo(5 << 20);
            }
        }
        assertThatThrownBy(() -> StoreOptions.defaults().cacheBytes(1000)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldDeriveTheStockKeyPairWhenACoreIsOpenedByName() {
        byte[] primaryKey = new byte[32];
        Arrays.fill(primaryKey, (byte) 6);
        StoreOptions options = TestStores.options().primaryKey(primaryKey);
        try (Corestore store = Corestore.open(directory, options)) {
            // corestore group of the stock vectors: primaryKey 06.., name "bench"
            assertThat(Vectors.hex(store.keyPair("bench").publicKey().bytes())).startsWith("418b94d60594e92d");
            Hypercore core = store.get("bench");
            assertThat(core.key())
                    .isEqualTo(
                            Manifest.single(store.keyPair("bench").publicKey()).coreKey());
            assertThat(store.namespace("a").get("bench").key()).isNotEqualTo(core.key());
        }
        assertThatThrownBy(() -> Corestore.open(directory, TestStores.options().primaryKey(new byte[32])))
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.kind()).isEqualTo(StorageException.Kind.CONFLICT));
        try (Corestore store = TestStores.open(directory)) {
            assertThat(store.list()).hasSize(2).allMatch(info -> "bench".equals(info.name()) && info.writable());
        }
    }

    @Test
    void shouldKeepEverythingWhenTheStoreIsOpenedAgain() {
        Random random = new Random(5);
        List<byte[]> blocks = TestStores.blocks(random, 300);
        TreeHead head;
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            assertThat(core.append(blocks.subList(0, 100))).isEqualTo(100);
            for (byte[] block : blocks.subList(100, 300)) core.append(block);
            core.clear(7, 9);
            assertThat(core.has(7)).isFalse();
            assertThat(core.contiguousLength()).isEqualTo(7);
            head = core.head();
        }
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            assertThat(core.head().treeHash()).isEqualTo(head.treeHash());
            assertThat(core.head().signature()).isEqualTo(head.signature());
            assertThat(core.contiguousLength()).isEqualTo(7);
            for (int i = 0; i < 300; i++) {
                if (i == 7 || i == 8) assertThat(core.local(i)).isNull();
                else assertThat(core.local(i)).isEqualTo(blocks.get(i));
            }
            assertThat(core.append(bytes("more"))).isEqualTo(301);
            assertThat(store.get(core.key()).writable()).isTrue();
        }
    }

    @Test
    void shouldCollectGarbageOnlyWhenSomethingWasDeleted() throws IOException {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            core.append(TestStores.blocks(new Random(6), 20));
            assertThat(newestDatabaseOptions()).doesNotContain("enable_blob_garbage_collection=true");
            core.clear(3, 5);
            core.clear(7, 9);
            assertThat(newestDatabaseOptions()).contains("enable_blob_garbage_collection=true");
            assertThat(core.has(6)).isTrue();
        }
    }

    /** RocksDB writes its options to a new file whenever they change. */
    private String newestDatabaseOptions() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("db"))) {
            Path newest = files.filter(file -> file.getFileName().toString().matches("OPTIONS-[0-9]+"))
                    .max(Comparator.comparing(Path::getFileName))
                    .orElseThrow();
            return Files.readString(newest);
        }
    }

    @Test
    void shouldKeepEveryAppendWhenManyThreadsAppendAtOnce() throws Exception {
        try (Corestore store = Corestore.open(directory, StoreOptions.defaults());
                ExecutorService platform = Executors.newFixedThreadPool(6);
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int t = 0; t < 12; t++) {
                Hypercore core = store.get("log" + t % 3);
                String mark = "t" + t + "-";
                running.add((t % 2 == 0 ? platform : virtual).submit(() -> {
                    for (int i = 0; i < 40; i++) {
                        long length = core.append(bytes(mark + i));
                        assertThat(core.length()).isGreaterThanOrEqualTo(length);
                        assertThat(core.has(length - 1)).isTrue();
                    }
                }));
            }
            for (Future<?> each : running) each.get();
            List<String> found = new ArrayList<>();
            for (int c = 0; c < 3; c++) {
                Hypercore core = store.get("log" + c);
                assertThat(core.length()).isEqualTo(160);
                assertThat(Manifest.single(store.keyPair("log" + c).publicKey()).verify(core.head()))
                        .isTrue();
                for (int i = 0; i < 160; i++) found.add(new String(core.local(i), StandardCharsets.UTF_8));
            }
            assertThat(found).doesNotHaveDuplicates().hasSize(480);
        }
    }

    @Test
    void shouldRefuseWhenTheStoreIsOpenElsewhere() {
        try (Corestore store = TestStores.open(directory)) {
            assertThat(store.list()).isEmpty();
            assertThatThrownBy(() -> TestStores.open(directory)).isInstanceOfSatisfying(StorageException.class, e -> {
                assertThat(e.kind()).isEqualTo(StorageException.Kind.LOCKED);
                assertThat(e).hasMessageContaining(directory.toString());
            });
        }
        TestStores.open(directory).close();
    }

    @Test
    void shouldRefuseACopyWhenItIsNotAllowed() throws IOException {
        Path copy = directory.resolve("copy");
        Path original = directory.resolve("original");
        try (Corestore store = TestStores.open(original)) {
            store.get("log").append(bytes("block"));
            copyFiles(original, copy); // what a kill at this moment leaves behind
        }
        assertThatThrownBy(() -> TestStores.open(copy))
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.kind()).isEqualTo(StorageException.Kind.MOVED));
        try (Corestore store = Corestore.open(copy, TestStores.options().allowMoved(true))) {
            assertThat(store.get("log").local(0)).isEqualTo(bytes("block"));
        }
        try (Corestore store = TestStores.open(copy)) {
            assertThat(store.get("log").length()).isEqualTo(1);
        }
    }

    private static void copyFiles(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) Files.createDirectories(target);
                else Files.copy(file, target);
            }
        }
    }

    @Test
    void shouldSayWhatToDoWhenTheStoreIsOldDamagedOrAFile() throws IOException {
        Path old = directory.resolve("old");
        Files.createDirectories(old.resolve("cores"));
        Files.write(old.resolve("primary-key"), new byte[32]);
        assertKind(old, StorageException.Kind.UNKNOWN_VERSION, "before version 11");

        Path damaged = directory.resolve("damaged");
        try (Corestore store = TestStores.open(damaged)) {
            store.get("log").append(bytes("block"));
        }
        try (Stream<Path> files = Files.list(damaged.resolve("db"))) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().startsWith("MANIFEST")) {
                    byte[] content = Files.readAllBytes(file);
                    content[12] ^= 55;
                    Files.write(file, content);
                }
            }
        }
        assertKind(damaged, StorageException.Kind.CORRUPT, "backup");

        Path file = directory.resolve("file");
        Files.write(file, new byte[1]);
        assertThatThrownBy(() -> TestStores.open(file)).isInstanceOf(StorageException.class);
    }

    private static void assertKind(Path store, StorageException.Kind kind, String advice) {
        assertThatThrownBy(() -> TestStores.open(store)).isInstanceOfSatisfying(StorageException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e).hasMessageContaining(advice);
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldServeAHostedCoreFromItsSourceWhenItIsHandedInAgain(boolean lying) {
        Random random = new Random(11);
        List<byte[]> blocks = TestStores.blocks(random, 70);
        CoreImport parts;
        try (Corestore store = TestStores.open(directory.resolve("writer"))) {
            Hypercore writer = store.get("log");
            writer.append(blocks);
            List<TreeNode> nodes = new ArrayList<>();
            for (long i = 0; i < 139; i++) {
                TreeNode node = writer.nodes().node(i);
                if (node != null) nodes.add(node);
            }
            Manifest manifest = Objects.requireNonNull(writer.manifest());
            parts = CoreImport.of(
                    manifest, writer.head(), nodes, List.of(new BlockRange(0, 30), new BlockRange(40, 70)));
        }
        BlockSource source =
                index -> lying ? new byte[3] : blocks.get((int) index).clone();
        Path host = directory.resolve("host");
        try (Corestore store = TestStores.open(host)) {
            Hypercore hosted = store.host(parts, source);
            assertThat(hosted.length()).isEqualTo(70);
            assertThat(hosted.has(29)).isTrue();
            assertThat(hosted.has(35)).isFalse();
            assertThat(hosted.contiguousLength()).isEqualTo(30);
            assertThat(hosted.local(50)).isEqualTo(lying ? null : blocks.get(50));
            assertThat(RangeProof.create(hosted, 40, 50).range().lengthBlocks()).isEqualTo(10);
        }
        try (Corestore store = TestStores.open(host)) {
            Hypercore waiting = store.get(parts.key());
            assertThat(waiting.length()).isEqualTo(70);
            assertThat(waiting.has(29)).isFalse();
            assertThat(waiting.contiguousLength()).isZero();
            assertThat(waiting.state().prover().prove(ProofRequest.ofBlock(29, 0)))
                    .isNull();

            Hypercore hosted = store.host(parts, source);
            assertThat(hosted.has(29)).isTrue();
            Proof proof = hosted.state().prover().prove(ProofRequest.ofBlock(29, 0));
            assertThat(proof == null).isEqualTo(lying);
            assertThat(store.unhost(parts.key())).isTrue();
            assertThat(store.list()).isEmpty();
            assertThat(store.get(parts.key()).length()).isZero();
        }
    }

    @Test
    void shouldRefuseWritesUntilReopenedWhenAWriteFailed() {
        List<StorageException> heard = new ArrayList<>();
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            core.append(bytes("before"));
            core.state().addListener(new CoreListener() {
                @Override
                public void onFailure(CoreState state, StorageException failure) {
                    heard.add(failure);
                }
            });
            core.state().storage().refuseWrites("the disk is gone", new IOException("gone"));
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> core.append(bytes("after")))
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining("opened again");
            }
            assertThat(core.length()).isEqualTo(1);
            assertThat(core.local(0)).isEqualTo(bytes("before"));
        }
        assertThat(heard).isNotEmpty();
        try (Corestore store = TestStores.open(directory)) {
            assertThat(store.get("log").append(bytes("after"))).isEqualTo(2);
        }
    }

    @Test
    void shouldForgetACoreWhenItIsPurged() {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            core.append(TestStores.blocks(new Random(3), 50));
            Hypercore kept = store.get("kept");
            kept.append(bytes("kept"));
            assertThat(store.purge(core.key())).isTrue();
            assertThat(store.purge(core.key())).isFalse();
            assertThatThrownBy(() -> core.append(bytes("x"))).isInstanceOf(StorageException.class);
            assertThat(store.list()).extracting(Corestore.CoreInfo::name).containsExactly("kept");
            assertThat(store.get("log").length()).isZero();
            assertThat(kept.local(0)).isEqualTo(bytes("kept"));
        }
    }

    @Test
    void shouldRefuseAppendsWhenTheCoreIsSomebodyElses() {
        try (Corestore store = TestStores.open(directory);
                Corestore other = TestStores.open(directory.resolve("other"))) {
            Hypercore reader = other.get(store.get("log").key());
            assertThat(reader.writable()).isFalse();
            assertThatThrownBy(() -> reader.append(bytes("x")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("someone else");
        }
    }
}
