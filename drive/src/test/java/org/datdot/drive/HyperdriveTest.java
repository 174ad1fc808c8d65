package org.datdot.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.datdot.crypto.CoreKey;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HyperdriveTest {

    @TempDir
    Path directory;

    private Corestore store;
    private Hyperdrive drive;

    @BeforeEach
    void open() {
        // The primary key is the one interop/node/drive-keys.js was run with.
        byte[] primaryKey = new byte[32];
        Arrays.fill(primaryKey, (byte) 7);
        store = Corestore.open(directory, StoreOptions.defaults().sync(false).primaryKey(primaryKey));
        drive = Hyperdrive.open(store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Keys printed by interop/node/drive-keys.js. */
    @Test
    void shouldDeriveTheKeysOfStockWhenOpened() {
        assertThat(drive.key().hex()).isEqualTo("9d56810a89a0211db2a242b81ce8eac5265ac648769910177524c82908ab866d");
        assertThat(drive.blobsCore().key().hex())
                .isEqualTo("afa4ae98a0b1ef96fcf567c133623fc1c938c811b696daa75b749e48968e1178");
        assertThat(Hyperdrive.blobsKey(Objects.requireNonNull(drive.dbCore().manifest())))
                .isEqualTo(drive.blobsCore().key());
        try (Hyperdrive spaced = Hyperdrive.open(store, "photos")) {
            assertThat(spaced.key().hex())
                    .isEqualTo("ff03e6fd3e5e1af3b535962238b7b9cb6b64805bad225c81f7aebb67bf7ed3a4");
        }
    }

    @Test
    void shouldReturnEntriesAndContentsWhenPut() throws IOException {
        drive.put("a/b.txt", utf8("hello"));
        drive.put("/run", utf8("#!"), PutOptions.EXECUTABLE);
        drive.symlink("/a/link", "b.txt");
        assertThat(drive.get("/a/b.txt")).isEqualTo(utf8("hello"));
        assertThat(drive.exists("/a/b.txt")).isTrue();
        assertThat(drive.exists("/a")).isFalse();
        assertThat(drive.get("/missing")).isNull();
        assertThat(drive.get("/a/link")).isNull();
        assertThat(Objects.requireNonNull(drive.entry("/run")).executable()).isTrue();
        assertThat(Objects.requireNonNull(drive.entry("/a/link")).linkname()).isEqualTo("b.txt");
        assertThat(Objects.requireNonNull(drive.follow("/a/link")).path()).isEqualTo("/a/b.txt");
        assertThat(drive.version()).isEqualTo(4);
        drive.symlink("/x", "/y");
        drive.symlink("/y", "/x");
        assertThatThrownBy(() -> drive.follow("/x")).hasMessageContaining("circle");
        assertThat(drive.del("/run")).isTrue();
        assertThat(drive.del("/run")).isFalse();
        assertThat(drive.exists("/run")).isFalse();
        assertThat(drive.checkout(4).exists("/run")).isTrue();
    }

    @Test
    void shouldListInOrderWhenFoldersAreNested() {
        for (String path : List.of("/b/2", "/a", "/b/1/x", "/b.txt", "/b/1/y", "/b0", "/c", "/c/d")) {
            drive.put(path, utf8(path));
        }
        assertThat(paths(drive.list("/")))
                .containsExactly("/a", "/b.txt", "/b/1/x", "/b/1/y", "/b/2", "/b0", "/c", "/c/d");
        assertThat(paths(drive.list("/b"))).containsExactly("/b/1/x", "/b/1/y", "/b/2");
        assertThat(paths(drive.list("/b/1/"))).containsExactly("/b/1/x", "/b/1/y");
        assertThat(paths(drive.list("/nothing"))).isEmpty();
        assertThat(drive.readdir("/")).containsExactly("a", "b.txt", "b", "b0", "c");
        assertThat(drive.readdir("/b")).containsExactly("1", "2");
        assertThat(paths(drive.list("/b", false))).containsExactly("/b/1/x", "/b/2");
    }

    private static List<String> paths(Iterable<DriveEntry> entries) {
        List<String> paths = new ArrayList<>();
        entries.forEach(entry -> paths.add(entry.path()));
        return paths;
    }

    @Test
    void shouldShowAllChangesTogetherWhenBatched() throws IOException {
        drive.put("/old", utf8("x"));
        long before = drive.version();
        try (DriveBatch batch = drive.batch()) {
            for (int i = 0; i < 50; i++) {
                batch.put("/f" + i, new ByteArrayInputStream(utf8("content " + i)), PutOptions.PLAIN);
            }
            batch.del("/old");
            batch.symlink("/l", "/f1");
            assertThat(drive.version()).isEqualTo(before);
            batch.flush();
        }
        assertThat(drive.version()).isEqualTo(before + 52);
        assertThat(drive.exists("/old")).isFalse();
        for (int i = 0; i < 50; i++) {
            assertThat(drive.get("/f" + i)).isEqualTo(utf8("content " + i));
        }
    }

    @Test
    void shouldStillBeThereWhenReopened() {
        drive.put("/a", utf8("one"));
        CoreKey key = drive.key();
        store.close();
        store = Corestore.open(directory, StoreOptions.defaults());
        Hyperdrive again = Hyperdrive.open(store, key);
        assertThat(again.get("/a")).isEqualTo(utf8("one"));
        assertThat(again.writable()).isTrue();
        again.put("/b", utf8("two"));
        assertThat(Hyperdrive.open(store).get("/b")).isEqualTo(utf8("two"));
    }

    @Test
    void shouldSayWhatToDoWhenNothingIsKnownOfADrive() {
        Hyperdrive foreign = Hyperdrive.open(store, new CoreKey(new byte[32]));
        assertThat(foreign.writable()).isFalse();
        assertThat(foreign.entry("/a")).isNull();
        assertThatThrownBy(foreign::blobs).isInstanceOf(DriveException.class).hasMessageContaining("connect to a peer");
        assertThatThrownBy(() -> foreign.put("/a", utf8("x"))).hasMessageContaining("read-only");
    }
}
