package org.datdot.bench;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.datdot.drive.DriveBatch;
import org.datdot.drive.Hyperdrive;
import org.datdot.drive.PutOptions;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;

/**
 * Puts small files into a hyperdrive one after the other ({@code --batch=1}) or in batches, or reads all of them after reopening it: {@code
 * --mode=put|get --files=10000 --size=1024 --batch=1 --sync=false}; the twin of {@code drive.js}.
 */
final class Drive {
    private final Path folder;
    private final StoreOptions options;
    private final int files;
    private final int size;
    private final int batch;

    private Drive(Path folder, Workload workload) {
        this.folder = folder;
        this.options = StoreOptions.defaults().sync(Boolean.parseBoolean(workload.text("sync", "false")));
        this.files = workload.number("files", 10_000);
        this.size = workload.number("size", 1024);
        this.batch = workload.number("batch", 1);
    }

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        Workload.inFolder(folder -> {
            Drive bench = new Drive(folder, workload);
            if (workload.text("mode", "put").equals("put")) {
                bench.put(workload.number("warm", 200));
            } else {
                bench.get();
            }
        });
    }

    private void put(int warm) throws Exception {
        try (Corestore store = Corestore.open(folder, options);
                Hyperdrive drive = Hyperdrive.open(store)) {
            fill(drive, 0, warm);
            Workload.Cost.of(() -> fill(drive, warm, warm + files)).printOperations(files);
        }
    }

    private void get() throws Exception {
        try (Corestore store = Corestore.open(folder, options);
                Hyperdrive drive = Hyperdrive.open(store)) {
            fill(drive, 0, files);
        }
        try (Corestore store = Corestore.open(folder, options);
                Hyperdrive drive = Hyperdrive.open(store)) {
            Workload.Cost.of(() -> read(drive)).printOperations(files);
        }
    }

    private void read(Hyperdrive drive) {
        for (int i = 0; i < files; i++) {
            byte[] content = Objects.requireNonNull(drive.get(name(i)));
            if (Workload.index(content) != i) {
                throw new IllegalStateException("wrong content of " + name(i));
            }
        }
    }

    private void fill(Hyperdrive drive, int from, int to) throws IOException {
        for (int i = from; i < to; i += batch) {
            if (batch == 1) {
                drive.put(name(i), Workload.block(i, size));
                continue;
            }
            try (DriveBatch writes = drive.batch()) {
                for (int j = i; j < Math.min(to, i + batch); j++) {
                    writes.put(name(j), new ByteArrayInputStream(Workload.block(j, size)), PutOptions.PLAIN);
                }
                writes.flush();
            }
        }
    }

    private static String name(int number) {
        return "/folder-" + number / 100 + "/file-" + number;
    }
}
