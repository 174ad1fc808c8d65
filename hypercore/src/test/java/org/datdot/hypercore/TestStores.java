package org.datdot.hypercore;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Stores and blocks for tests. */
final class TestStores {
    private TestStores() {}

    static StoreOptions options() {
        return StoreOptions.defaults().sync(false);
    }

    static Corestore open(Path directory) {
        return Corestore.open(directory, options());
    }

    static List<byte[]> blocks(Random random, int count) {
        List<byte[]> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] block = new byte[random.nextInt(12) == 0 ? 5000 : random.nextInt(200)];
            random.nextBytes(block);
            blocks.add(block);
        }
        return blocks;
    }

    /** Opens the core of another store by its key, knowing nothing but the key. */
    static Hypercore reader(Corestore store, Hypercore writer) {
        return store.get(writer.key());
    }

    /** Waits until everything a core has accepted is on disk. */
    static void settle(Hypercore core) {
        core.state().settle();
    }
}
