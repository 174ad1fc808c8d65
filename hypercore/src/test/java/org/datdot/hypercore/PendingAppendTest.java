package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PendingAppendTest {
    @TempDir
    Path directory;

    @Test
    void shouldBePartOfTheCoreWhenItWasWaitedFor() {
        try (Corestore store = TestStores.open(directory);
                Hypercore core = store.get("log")) {
            List<byte[]> blocks = TestStores.blocks(new Random(1), 5);
            PendingAppend first = core.submit(blocks.subList(0, 2));
            PendingAppend second = core.submit(blocks.subList(2, 5));
            assertThat(first.length()).isEqualTo(2);
            assertThat(second.length()).isEqualTo(5);
            second.await();
            assertThat(core.length()).isEqualTo(5);
            for (int i = 0; i < 5; i++) assertThat(core.local(i)).isEqualTo(blocks.get(i));
            first.await();
        }
    }

    @Test
    void shouldBePartOfTheCoreWhenALaterAppendToAnotherOneIs() {
        try (Corestore store = TestStores.open(directory);
                Hypercore core = store.get("log");
                Hypercore other = store.get("other")) {
            core.submit(List.of(new byte[] {1}));
            other.append(new byte[] {2});
            assertThat(core.length()).isEqualTo(1);
            assertThat(core.local(0)).containsExactly(1);
        }
    }

    @Test
    void shouldBeWrittenWhenNobodyWaitedAndTheStoreIsClosed() {
        try (Corestore store = TestStores.open(directory)) {
            store.get("log").submit(List.of(new byte[] {1}));
        }
        try (Corestore store = TestStores.open(directory)) {
            assertThat(store.get("log").local(0)).containsExactly(1);
        }
    }

    @Test
    void shouldHaveNothingToWaitForWhenThereAreNoBlocks() {
        try (Corestore store = TestStores.open(directory);
                Hypercore core = store.get("log")) {
            PendingAppend nothing = core.submit(List.of());
            nothing.await();
            assertThat(nothing.length()).isZero();
        }
    }
}
