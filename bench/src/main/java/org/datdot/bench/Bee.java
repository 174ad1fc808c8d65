package org.datdot.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.datdot.drive.BeeBatch;
import org.datdot.drive.BeeEntry;
import org.datdot.drive.Hyperbee;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;

/**
 * Puts entries into a hyperbee in batches, or reads them at random after reopening it: {@code --mode=put|get --entries=100000
 * --batch=1000}; the twin of {@code bee.js}.
 */
final class Bee {
    private final Path folder;
    private final StoreOptions options;
    private final int entries;
    private final int batch;

    private Bee(Path folder, Workload workload) {
        this.folder = folder;
        this.options = StoreOptions.defaults().sync(Boolean.parseBoolean(workload.text("sync", "false")));
        this.entries = workload.number("entries", 100_000);
        this.batch = workload.number("batch", 1000);
    }

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        Workload.inFolder(folder -> {
            Bee bench = new Bee(folder, workload);
            if (workload.text("mode", "put").equals("put")) {
                bench.put(workload.number("warm", 5));
            } else {
                bench.get(workload.number("reads", bench.entries));
            }
        });
    }

    private void put(int warmBatches) throws Exception {
        int warm = warmBatches * batch;
        try (Corestore store = Corestore.open(folder, options)) {
            Hyperbee bee = Hyperbee.of(store.get("bench"));
            fill(bee, 0, warm);
            Workload.Cost.of(() -> fill(bee, warm, entries)).printOperations(entries - warm);
        }
    }

    private void get(int reads) throws Exception {
        try (Corestore store = Corestore.open(folder, options)) {
            fill(Hyperbee.of(store.get("bench")), 0, entries);
        }
        try (Corestore store = Corestore.open(folder, options)) {
            Hyperbee bee = Hyperbee.of(store.get("bench"));
            Workload.Cost.of(() -> read(bee, reads)).printOperations(reads);
        }
    }

    private void read(Hyperbee bee, int reads) {
        int x = 1;
        for (int i = 0; i < reads; i++) {
            x ^= x << 13;
            x ^= x >>> 17;
            x ^= x << 5;
            BeeEntry entry = Objects.requireNonNull(bee.get(key((int) ((x & 0xffff_ffffL) % entries))));
            byte[] value = entry.value();
            if (value == null || value.length != 32) {
                throw new IllegalStateException("wrong entry");
            }
        }
    }

    private void fill(Hyperbee bee, int from, int to) {
        for (int i = from; i < to; i += batch) {
            try (BeeBatch writes = bee.batch()) {
                for (int j = i; j < Math.min(to, i + batch); j++) {
                    writes.put(key(Workload.shuffled(j, entries)), text("value-", 26, j));
                }
                writes.flush();
            }
        }
    }

    private static byte[] key(int number) {
        return text("key-", 10, number);
    }

    private static byte[] text(String prefix, int digits, int number) {
        String figures = Integer.toString(number);
        return (prefix + "0".repeat(digits - figures.length()) + figures).getBytes(StandardCharsets.UTF_8);
    }
}
