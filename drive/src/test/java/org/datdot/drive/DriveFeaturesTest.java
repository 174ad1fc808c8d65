package org.datdot.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.datdot.crypto.CoreKey;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.BlockRange;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.EncryptionKey;
import org.datdot.hypercore.StoreOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class DriveFeaturesTest {

    @TempDir
    Path directory;

    private Corestore store;
    private Hyperdrive drive;

    @BeforeEach
    void open() {
        store = Corestore.open(directory, StoreOptions.defaults().sync(false));
        drive = Hyperdrive.open(store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private List<String> paths(Iterable<DriveEntry> entries) {
        List<String> paths = new ArrayList<>();
        entries.forEach(entry -> paths.add(entry.path()));
        return paths;
    }

    @Test
    void shouldDropContentsAndKeepNamesWhenCleared() {
        drive.put("/a", random(1, 200_000));
        drive.put("/b/c", random(2, 10));
        drive.put("/b/d", random(3, 10));
        drive.symlink("/link", "/a");
        assertThat(drive.has("/a")).isTrue();
        assertThat(drive.has("/b")).isTrue();
        assertThat(drive.has("/b/")).isTrue();
        assertThat(drive.has("/link")).isFalse();
        assertThat(drive.has("/nothing")).isFalse();
        assertThat(drive.clear("/a")).isEqualTo(4);
        assertThat(drive.clear("/a")).isZero();
        assertThat(drive.clear("/link")).isZero();
        assertThat(drive.clear("/nothing")).isZero();
        assertThat(drive.has("/a")).isFalse();
        assertThat(drive.has("/b")).isTrue();
        assertThat(drive.has("/")).isFalse();
        assertThat(drive.exists("/a")).isTrue();
        assertThatThrownBy(() -> drive.within(Duration.ZERO).get("/a")).isInstanceOf(BlockNotAvailableException.class);
        assertThatThrownBy(() -> drive.within(Duration.ofMillis(1)).get("/a"))
                .isInstanceOf(BlockNotAvailableException.class);
        assertThat(drive.within(Duration.ZERO).get("/b/c")).isEqualTo(random(2, 10));
        assertThat(drive.clearAll()).isEqualTo(2);
        assertThat(drive.blobsLength()).isEqualTo(6);
    }

    @Test
    void shouldGiveDifferencesAndChangesBelowAFolderWhenVersionsDiffer() {
        drive.put("/a/x", utf8("1"));
        drive.put("/ab", utf8("2"));
        long before = drive.version();
        try (DriveWatcher watcher = drive.watch("/a")) {
            drive.put("/ab", utf8("3"));
            assertThat(watcher.next(Duration.ofMillis(1))).isNull();
            drive.put("/a/y", utf8("4"));
            drive.del("/a/x");
            DriveWatcher.Change change = Objects.requireNonNull(watcher.next(Duration.ofSeconds(60)));
            assertThat(change.previous().exists("/a/y")).isFalse();
            assertThat(change.current().get("/a/y")).isEqualTo(utf8("4"));
            assertThatThrownBy(() -> change.current().put("/z", utf8("no"))).isInstanceOf(DriveException.class);
        }
        List<String> diffs = new ArrayList<>();
        drive.diff(before, "/a").forEach(d -> diffs.add((d.left() == null ? "-" : "+") + d.path()));
        assertThat(diffs).containsExactly("-/a/x", "+/a/y");
        List<String> all = new ArrayList<>();
        drive.diff(before, "/").forEach(d -> all.add(d.path()));
        assertThat(all).containsExactly("/a/x", "/a/y", "/ab");
        assertThat(Hyperdrive.compare(
                        Objects.requireNonNull(drive.checkout(before).entry("/ab")),
                        Objects.requireNonNull(drive.entry("/ab"))))
                .isNegative();
    }

    @Test
    void shouldLeaveOutWhatIsIgnoredWhenListed() {
        for (String name : List.of("/a", "/git/x", "/git/y", "/gitx", "/m/n/o", "/m/p")) {
            drive.put(name, utf8(name));
        }
        assertThat(paths(drive.list("/", true, Hyperdrive.ignoring("git", "/m/n"))))
                .containsExactly("/a", "/gitx", "/m/p");
        assertThat(paths(drive.list("/", false, Hyperdrive.ignoring("git")))).containsExactly("/a", "/gitx", "/m/n/o");
        assertThat(paths(drive.list("/", false))).containsExactly("/a", "/git/x", "/gitx", "/m/n/o");
        assertThat(drive.readdir("/m")).containsExactly("n", "p");
    }

    @Test
    void shouldPutAFileOnlyWhenItsStreamIsFinished() throws IOException {
        byte[] content = random(5, 300_000);
        try (DriveOutputStream out = drive.outputStream("/file", PutOptions.EXECUTABLE)) {
            out.write(content, 0, 100_000);
        }
        assertThat(drive.exists("/file")).isFalse();
        try (DriveOutputStream out = drive.outputStream("/file", PutOptions.EXECUTABLE)) {
            out.write(content[0]);
            out.write(content, 1, content.length - 1);
            out.finish();
        }
        assertThat(drive.get("/file")).isEqualTo(content);
        DriveEntry entry = Objects.requireNonNull(drive.entry("/file"));
        assertThat(entry.executable()).isTrue();
        assertThat(Objects.requireNonNull(entry.blob()).blockLength()).isEqualTo(5);
        try (InputStream part = drive.open(entry, 65_530, 10)) {
            assertThat(part.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 65_530, 65_540));
        }
        try (DriveOutputStream out = drive.outputStream("/uneven", PutOptions.PLAIN)) {
            out.writeBlock(utf8("abc"));
            out.write(utf8("de"));
            out.writeBlock(utf8("f"));
            assertThat(out.finish().blockLength()).isEqualTo(3);
        }
        assertThat(drive.get("/uneven")).isEqualTo(utf8("abcdef"));
    }

    @Test
    void shouldStoreEqualPartsOnceWhenDeduplicating() throws IOException {
        byte[] content = random(6, 2_000_000);
        put("/big", content);
        long first = drive.blobsCore().byteLength();
        byte[] shifted = new byte[content.length + 7];
        System.arraycopy(content, 0, shifted, 7, content.length);
        put("/big", shifted);
        assertThat(drive.get("/big")).isEqualTo(shifted);
        assertThat(drive.blobsCore().byteLength() - first).isLessThan(600_000);
        long second = drive.blobsCore().byteLength();
        put("/big", shifted);
        assertThat(drive.blobsCore().byteLength() - second).isLessThan(1000);
        DriveEntry entry = Objects.requireNonNull(drive.entry("/big"));
        assertThat(Objects.requireNonNull(entry.blob()).blockMap()).isTrue();
        assertThat(drive.has("/big")).isTrue();
        try (InputStream part = drive.open(entry, 1_000_000, 100_000)) {
            assertThat(part.readAllBytes()).isEqualTo(Arrays.copyOfRange(shifted, 1_000_000, 1_100_000));
        }
        assertThat(drive.clear("/big")).isGreaterThan(5);
        assertThat(drive.has("/big")).isFalse();
        put("/empty", new byte[0]);
        assertThat(drive.get("/empty")).isEmpty();
    }

    private void put(String path, byte[] content) throws IOException {
        try (DriveOutputStream out = drive.deduplicating(path, PutOptions.PLAIN)) {
            out.write(content);
            out.finish();
        }
    }

    @Test
    void shouldReadItsOwnChangesWhenABatchIsOpen() throws Exception {
        drive.put("/old", utf8("old"));
        var metadata = JsonMapper.builder().build().readTree("{\"2\":1,\"1\":\"\\u001f\"}");
        try (DriveBatch batch = drive.batch()) {
            batch.put("/new", InputStream.nullInputStream(), PutOptions.PLAIN);
            batch.put("/text", new java.io.ByteArrayInputStream(utf8("text")), new PutOptions(false, metadata));
            batch.symlink("/link", "/text", metadata);
            batch.del("/old");
            assertThat(batch.get("/text")).isEqualTo(utf8("text"));
            assertThat(batch.get("/link")).isNull();
            assertThat(batch.entry("/old")).isNull();
            assertThat(paths(batch.list("/"))).containsExactly("/link", "/new", "/text");
            assertThat(drive.exists("/text")).isFalse();
            batch.flush();
        }
        assertThat(Objects.requireNonNull(drive.entry("/link")).metadata()).isEqualTo(metadata);
        BeeEntry stored = Objects.requireNonNull(drive.db().get(DriveNames.key("/text")));
        assertThat(new String(Objects.requireNonNull(stored.value()), StandardCharsets.UTF_8))
                .endsWith("\"metadata\":{\"1\":\"\\u001f\",\"2\":1}}");
    }

    @Test
    void shouldLeaveNothingInTheStoreWhenPurged() {
        drive.put("/a", utf8("a"));
        assertThat(store.list()).hasSize(2);
        assertThatThrownBy(() -> drive.checkout(2).purge()).isInstanceOf(DriveException.class);
        drive.purge();
        assertThat(store.list()).isEmpty();
    }

    @Test
    void shouldBeDoneAtOnceWhenWhatIsDownloadedIsHere() {
        for (int i = 0; i < 3000; i++) {
            drive.put("/" + i, i % 2 == 0 ? utf8("x" + i) : new byte[0]);
        }
        try (DriveDownload download = drive.download("/")) {
            assertThat(download.await(Duration.ofSeconds(60))).isTrue();
        }
        try (DriveDownload download = drive.downloadDiff(100, "/")) {
            assertThat(download.await(Duration.ofSeconds(60))).isTrue();
        }
        drive.clear("/0");
        try (DriveDownload download = drive.download("/0")) {
            assertThat(download.await(Duration.ofMillis(1))).isFalse();
        }
        try (DriveDownload all = drive.download("/");
                DriveDownload others = drive.download(drive.list("/", true, Hyperdrive.ignoring("/0")))) {
            assertThat(others.await(Duration.ofSeconds(60))).isTrue();
            assertThat(all.done()).isNotDone();
        }
        DriveDownload range = drive.downloadRange(List.of(new BlockRange(0, 5)), List.of(new BlockRange(0, 3)));
        range.close();
        assertThat(range.await(Duration.ofSeconds(60))).isFalse();
        assertThat(range.done()).isCancelled();
    }

    @Test
    void shouldBeAsBeforeWhenTruncated() {
        drive.put("/a", random(1, 100_000));
        long version = drive.version();
        drive.put("/b", random(2, 100_000));
        drive.del("/a");
        Hyperdrive before = drive.checkout(drive.version());
        assertThatThrownBy(() -> drive.truncate(9)).isInstanceOf(DriveException.class);
        assertThatThrownBy(() -> drive.truncate(version, 9)).isInstanceOf(DriveException.class);
        drive.truncate(version);
        assertThat(drive.version()).isEqualTo(version);
        assertThat(drive.blobsCore().length()).isEqualTo(2);
        assertThat(paths(drive.list("/"))).containsExactly("/a");
        assertThatThrownBy(() -> before.exists("/b"))
                .isInstanceOf(DriveException.class)
                .hasMessageContaining("truncated");
        drive.put("/c", random(3, 10));
        drive.put("/d", random(4, 10));
        assertThat(paths(drive.list("/"))).containsExactly("/a", "/c", "/d");
        assertThat(drive.get("/a")).isEqualTo(random(1, 100_000));
        assertThat(drive.get("/d")).isEqualTo(random(4, 10));
    }

    @Test
    void shouldListTheEntriesOfARangeOfPaths() {
        for (String path : List.of("/a", "/b/1", "/b/2", "/c")) {
            drive.put(path, utf8(path));
        }
        assertThat(paths(drive.entries(BeeRange.all()))).containsExactly("/a", "/b/1", "/b/2", "/c");
        assertThat(paths(drive.entries(BeeRange.all().gt(utf8("/a")).lte(utf8("/b/2")))))
                .containsExactly("/b/1", "/b/2");
        assertThat(paths(drive.entries(BeeRange.all().reverse().limit(1)))).containsExactly("/c");
    }

    @Test
    void shouldReadAnEncryptedDriveOnlyWithItsSecret() throws IOException {
        EncryptionKey secret = EncryptionKey.of(random(7, 32));
        byte[] content = random(8, 300_000);
        Corestore space = store.namespace("secret");
        CoreKey key;
        try (Hyperdrive hidden = Hyperdrive.open(space, secret)) {
            hidden.put("/folder/name", content);
            key = hidden.key();
            assertThat(new String(Objects.requireNonNull(hidden.dbCore().local(1)), StandardCharsets.ISO_8859_1))
                    .contains("/folder/name");
        }
        try (Hyperdrive again = Hyperdrive.open(space, key, secret)) {
            assertThat(again.writable()).isTrue();
            assertThat(again.get("/folder/name")).isEqualTo(content);
            DriveEntry entry = Objects.requireNonNull(again.entry("/folder/name"));
            try (InputStream in = again.open(entry, 131_000, 100)) {
                assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 131_000, 131_100));
            }
        }
        try (Hyperdrive without = Hyperdrive.open(space, key)) {
            assertThatThrownBy(() -> without.get("/folder/name")).isInstanceOf(CorruptDriveException.class);
            assertThat(new String(Objects.requireNonNull(without.dbCore().local(1)), StandardCharsets.ISO_8859_1))
                    .doesNotContain("/folder/name");
        }
    }
}
