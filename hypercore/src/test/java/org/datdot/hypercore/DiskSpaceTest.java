package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is deleted gives its space back to the disk. */
class DiskSpaceTest {
    private static final int BLOCK_BYTES = 64 << 10;
    private static final int BLOCKS = 400;
    private static final long ALL_BYTES = (long) BLOCK_BYTES * BLOCKS;

    @TempDir
    private Path directory;

    @Test
    void shouldShrinkTheDirectoryWhenBlocksAreClearedCutOffOrPurged() throws IOException {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore kept = store.get("kept");
            Hypercore core = store.get("log");
            write(kept, 40);
            write(core, BLOCKS);
            assertThat(bytesOnDisk()).isGreaterThan(ALL_BYTES);
            core.clear(0, 300);
            core.compact();
            assertThat(bytesOnDisk())
                    .as("100 of 400 blocks are left, and 40 others")
                    .isLessThan(ALL_BYTES * 45 / 100);
            core.truncate(310);
            core.compact();
            assertThat(bytesOnDisk())
                    .as("10 of 400 blocks are left, and 40 others")
                    .isLessThan(ALL_BYTES * 20 / 100);
            assertThat(core.local(305)).hasSize(BLOCK_BYTES);
            write(core, BLOCKS);
            store.purge(core.key());
            store.compact();
            assertThat(bytesOnDisk()).as("40 blocks are left").isLessThan(ALL_BYTES * 15 / 100);
            for (int i = 0; i < 40; i++) assertThat(kept.local(i)).hasSize(BLOCK_BYTES);
        }
        try (Corestore store = TestStores.open(directory)) {
            assertThat(store.list()).hasSize(1);
            Hypercore kept = store.get("kept");
            for (int i = 0; i < 40; i++) assertThat(kept.local(i)).hasSize(BLOCK_BYTES);
        }
    }

    private static void write(Hypercore core, int count) {
        Random random = new Random(count);
        for (int done = 0; done < count; done += 20) {
            List<byte[]> blocks = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                byte[] block = new byte[BLOCK_BYTES];
                random.nextBytes(block);
                blocks.add(block);
            }
            core.append(blocks);
        }
    }

    private long bytesOnDisk() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.mapToLong(
                            file -> file.toFile().isFile() ? file.toFile().length() : 0)
                    .sum();
        }
    }
}
