package org.datdot.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.Swarm;

/**
 * Downloads one hypercore from a peer on TCP: {@code --key=HEX --port=N --blocks=N --sync=false}; the twin of {@code sink.js}.
 * What is timed begins with dialling and ends when all blocks are verified and stored.
 */
final class Sink {
    private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(30);
    private static final long DOWNLOAD_TIMEOUT_S = 540;

    private Sink() {}

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        CoreKey key = new CoreKey(HexFormat.of().parseHex(workload.text("key", "")));
        int blocks = workload.number("blocks", 0);
        boolean sync = Boolean.parseBoolean(workload.text("sync", "false"));
        InetSocketAddress peer = new InetSocketAddress(InetAddress.getLoopbackAddress(), workload.number("port", 0));
        Workload.inFolder(folder -> {
            try (Corestore store =
                            Corestore.open(folder, StoreOptions.defaults().sync(sync));
                    Hypercore core = store.get(key);
                    Swarm swarm = new Swarm(
                            KeyPair.generate(Entropy.system()), connection -> store.replicate(connection.mux()))) {
                Workload.Cost cost = Workload.Cost.of(() -> {
                    swarm.connect(peer, null);
                    while (core.length() < blocks) {
                        if (!core.update(HEAD_TIMEOUT)) {
                            throw new IllegalStateException("the peer has only " + core.length() + " of " + blocks);
                        }
                    }
                    core.download(0, blocks).done().get(DOWNLOAD_TIMEOUT_S, TimeUnit.SECONDS);
                });
                if (core.contiguousLength() != blocks) {
                    throw new IllegalStateException("only " + core.contiguousLength() + " of " + blocks);
                }
                cost.print(blocks, core.byteLength());
            }
        });
    }
}
