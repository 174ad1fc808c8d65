package org.datdot.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.PeerNetwork;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.Swarm;

/**
 * Serves one core over TCP, or with {@code --bootstrap} over UDX to those who dial its key in the DHT at that port, and tells for every line on its standard input the memory this process takes after a collection; the twin of {@code
 * idle.js --role=server}, whose client opens the connections.
 */
final class Idle {
    private static final int PAGE_BYTES = 4096;

    private Idle() {}

    public static void main(String[] arguments) throws Exception {
        int bootstrap = new Workload(arguments).number("bootstrap", 0);
        KeyPair keys = KeyPair.generate(Entropy.system());
        Workload.inFolder(folder -> {
            try (Corestore store =
                            Corestore.open(folder, StoreOptions.defaults().sync(false));
                    Hypercore core = store.get("bench");
                    PeerNetwork network = bootstrap == 0 ? null : LocalDht.join(bootstrap);
                    Swarm swarm = new Swarm(keys, connection -> store.replicate(connection.mux()))) {
                core.append(List.of(new byte[] {1}, new byte[] {2}, new byte[] {3}));
                int port = 0;
                if (network == null) {
                    port = swarm.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                            .getPort();
                } else {
                    swarm.join(network);
                }
                String key = HexFormat.of().formatHex(core.key().bytes());
                System.out.println("{\"key\":\"" + key + "\",\"peer\":\""
                        + keys.publicKey().hex() + "\",\"port\":" + port + "}");
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                while (lines.readLine() != null) {
                    System.out.println(memory(core.peers().size(), ""));
                }
            }
        });
    }

    /** What this process takes after a collection, in JSON with {@code more} at its end. */
    static String memory(int peers, String more) throws IOException {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        long live = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        String sizes = Files.readString(Path.of("/proc/self/statm"));
        int resident = sizes.indexOf(' ') + 1;
        long pages = Long.parseLong(sizes, resident, sizes.indexOf(' ', resident), 10);
        return "{\"rss\":" + pages * PAGE_BYTES + ",\"live\":" + live + ",\"peers\":" + peers + more + "}";
    }
}
