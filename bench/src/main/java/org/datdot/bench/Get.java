package org.datdot.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;

/** Reads a hypercore after reopening it: {@code --block=65536 --mib=256 --order=sequential|random --check=true}; the twin of {@code get.js}. */
final class Get {
    private Get() {}

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        int block = workload.number("block", 65536);
        int blocks = (int) (((long) workload.number("mib", 256) << 20) / block);
        int reads = workload.number("reads", blocks);
        boolean random = workload.text("order", "sequential").equals("random");
        StoreOptions options = StoreOptions.defaults().checkReads(Boolean.parseBoolean(workload.text("check", "true")));
        Workload.inFolder(folder -> {
            fill(folder, block, blocks);
            try (Corestore store = Corestore.open(folder, options)) {
                Hypercore core = store.get("bench");
                Workload.Cost cost = Workload.Cost.of(() -> read(core, reads, blocks, random));
                cost.print(reads, (long) reads * block);
            }
        });
    }

    static void fill(Path folder, int block, int blocks) {
        try (Corestore store = Corestore.open(folder, StoreOptions.defaults().sync(false))) {
            Hypercore core = store.get("bench");
            List<byte[]> batch = new ArrayList<>();
            for (int i = 0; i < blocks; i++) {
                batch.add(Workload.block(i, block));
                if (batch.size() == 64 || i == blocks - 1) {
                    core.append(batch);
                    batch.clear();
                }
            }
        }
    }

    private static void read(Hypercore core, int reads, int blocks, boolean random) {
        int x = 1;
        for (int i = 0; i < reads; i++) {
            x ^= x << 13;
            x ^= x >>> 17;
            x ^= x << 5;
            int index = random ? (int) ((x & 0xffff_ffffL) % blocks) : i % blocks;
            byte[] data = core.get(index);
            if (Workload.index(data) != index) {
                throw new IllegalStateException("block " + index + " holds " + Workload.index(data));
            }
        }
    }
}
