package org.datdot.bench;

import java.util.ArrayList;
import java.util.List;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;

/** Appends blocks to a hypercore: {@code --block=65536 --batch=16 --mib=256 --sync=false --buffer=8}; the twin of {@code append.js}, which never waits for the disk. */
final class Append {
    private Append() {}

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        int block = workload.number("block", 65536);
        int batch = workload.number("batch", 16);
        int rounds = (int) Math.max(1, ((long) workload.number("mib", 256) << 20) / ((long) block * batch));
        boolean sync = Boolean.parseBoolean(workload.text("sync", "false"));
        Workload.inFolder(folder -> {
            try (Corestore store = Corestore.open(
                    folder, StoreOptions.defaults().sync(sync).writeBufferBytes(workload.number("buffer", 8) << 20))) {
                Hypercore core = store.get("bench");
                byte[] data = Workload.block(0, block);
                List<byte[]> blocks = new ArrayList<>();
                for (int i = 0; i < batch; i++) {
                    blocks.add(data);
                }
                for (int i = 0; i < workload.number("warm", 20); i++) {
                    core.append(blocks);
                }
                Workload.Cost cost = Workload.Cost.of(() -> {
                    for (int i = 0; i < rounds; i++) {
                        core.append(blocks);
                    }
                });
                cost.print((long) rounds * batch, (long) rounds * batch * block);
            }
        });
    }
}
