package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores in older layouts; store-version1.zip was made by interop/node/store-version1.js with an old stock release. */
class StoreVersionTest {
    @TempDir
    private Path folder;

    private Path directory = Path.of("");

    @BeforeEach
    void unpack() throws IOException {
        try (InputStream in = Objects.requireNonNull(StoreVersionTest.class.getResourceAsStream("store-version1.zip"));
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = folder.resolve(entry.getName());
                if (entry.isDirectory()) continue;
                Files.createDirectories(Objects.requireNonNull(file.getParent()));
                Files.copy(zip, file);
            }
        }
        directory = folder.resolve("store");
    }

    private List<String[]> expected() throws IOException {
        return Files.readAllLines(folder.resolve("expected.txt")).stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(" ", -1))
                .toList();
    }

    private Corestore open() {
        return Corestore.open(directory, TestStores.options().allowMoved(true));
    }

    private static void requireContent(Hypercore core, String[] line) throws NoSuchAlgorithmException {
        assertThat(core.head().treeHash().hex()).isEqualTo(line[4]);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        StringBuilder held = new StringBuilder();
        for (long i = 0; i < core.length(); i++) {
            byte[] block = core.local(i);
            if (block == null) continue;
            held.append(held.isEmpty() ? "" : ",").append(i);
            digest.update(block);
        }
        assertThat(held.toString()).isEqualTo(line[6]);
        assertThat(Vectors.hex(digest.digest())).isEqualTo(line[5]);
    }

    /** The version a record says it has: its first byte. */
    private int version(byte[] key) {
        try (CoreStorage storage =
                CoreStorage.open(directory, TestStores.options().allowMoved(true))) {
            return Objects.requireNonNull(storage.get(key))[0];
        }
    }

    @Test
    void shouldReadAStoreOfVersion1AndConvertWhatItOpens() throws Exception {
        List<String[]> lines = expected();
        byte[] log = StorageKeys.core(
                DiscoveryKey.of(new CoreKey(Vectors.bytes(lines.get(0)[1]))).bytes());
        byte[] other = StorageKeys.core(
                DiscoveryKey.of(new CoreKey(Vectors.bytes(lines.get(1)[1]))).bytes());
        assertThat(List.of(version(StorageKeys.storeHead()), version(log), version(other)))
                .containsOnly(1);
        try (Corestore store = open()) {
            assertThat(store.list()).extracting(Corestore.CoreInfo::name).containsExactlyInAnyOrder("log", "other");
            Hypercore core = store.get("log");
            assertThat(core.key().hex()).isEqualTo(lines.get(0)[1]);
            assertThat(core.length()).isEqualTo(105);
            assertThat(core.fork()).isEqualTo(1);
            requireContent(core, lines.get(0));
            assertThat(core.userData("mark")).isEqualTo("version one".getBytes(StandardCharsets.UTF_8));
            assertThat(core.sessions()).containsExactly("draft");
            CoreSession draft = core.session("draft");
            assertThat(draft.length()).isEqualTo(107);
            assertThat(draft.local(105)).isEqualTo("a draft".getBytes(StandardCharsets.UTF_8));
            assertThat(draft.commit()).isTrue();
            assertThat(core.append(new byte[] {1})).isEqualTo(108);
        }
        assertThat(version(log)).as("what was opened").isEqualTo(2);
        assertThat(version(other)).as("what was not").isEqualTo(1);
        try (Corestore store = open()) {
            assertThat(store.get("log").length()).isEqualTo(108);
            Hypercore second = store.namespace("place").get("other");
            requireContent(second, lines.get(1));
            store.get("new one").append(new byte[] {2});
            for (Corestore.CoreInfo each : store.list()) {
                AuditReport report = Objects.requireNonNull(store.audit(each.key()));
                assertThat(report.sound()).as("%s: %s", each, report).isTrue();
            }
        }
        assertThat(List.of(version(StorageKeys.storeHead()), version(other))).containsOnly(2);
    }

    @Test
    void shouldRefuseWithAdviceTheCoresThatWereNotConvertedFromVersion0() {
        CoreKey key;
        try (Corestore store = open()) {
            store.get("log").append(new byte[] {1});
            key = store.get("log").key();
        }
        byte[] at = StorageKeys.core(DiscoveryKey.of(key).bytes());
        try (CoreStorage storage =
                CoreStorage.open(directory, TestStores.options().allowMoved(true))) {
            byte[] record = Objects.requireNonNull(storage.get(at));
            record[0] = 0;
            storage.write(out -> out.put(at, Arrays.copyOf(record, record.length)));
        }
        try (Corestore store = open()) {
            assertThatThrownBy(() -> store.get(key))
                    .isInstanceOfSatisfying(
                            StorageException.class,
                            e -> assertThat(e.kind()).isEqualTo(StorageException.Kind.UNKNOWN_VERSION))
                    .hasMessageContaining("open it once with that software's newest release");
            assertThatThrownBy(() -> store.audit(key)).isInstanceOf(StorageException.class);
            assertThat(store.list()).hasSize(2);
            assertThat(store.namespace("place").get("other").length()).isEqualTo(3);
        }
    }
}
