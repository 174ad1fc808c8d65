package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckedReadsTest {
    private static final int BLOCK_BYTES = 65_536;

    @TempDir
    Path directory;

    private final byte[] block = new byte[BLOCK_BYTES];

    /** A store whose only block has a byte changed on the disk. */
    @BeforeEach
    void damage() throws IOException {
        new Random(1).nextBytes(block);
        try (Corestore store = TestStores.open(directory);
                Hypercore core = store.get("log")) {
            core.append(block);
            core.compact();
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(directory.resolve("db"))) {
            files = all.filter(file -> file.toString().endsWith(".blob")).toList();
        }
        assertThat(files).hasSize(1);
        byte[] bytes = Files.readAllBytes(files.getFirst());
        bytes[bytes.length / 2] ^= 1;
        Files.write(files.getFirst(), bytes);
    }

    @Test
    void shouldRefuseABlockThatIsDamagedOnTheDisk() {
        try (Corestore store = TestStores.open(directory);
                Hypercore core = store.get("log")) {
            assertThatThrownBy(() -> core.local(0))
                    .isInstanceOfSatisfying(
                            StorageException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(StorageException.Kind.CORRUPT));
        }
    }

    @Test
    void shouldHandOutABlockAsItIsOnTheDiskWhenReadsAreNotChecked() {
        try (Corestore store = Corestore.open(directory, TestStores.options().checkReads(false))) {
            Hypercore core = store.get("log");
            assertThat(core.local(0)).hasSize(BLOCK_BYTES).isNotEqualTo(block);
        }
    }
}
