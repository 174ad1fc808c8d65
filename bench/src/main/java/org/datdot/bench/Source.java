package org.datdot.bench;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.PeerNetwork;
import org.datdot.dht.Target;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.Hyperswarm;
import org.datdot.swarm.JoinOptions;
import org.datdot.swarm.Swarm;

/**
 * Serves one hypercore on TCP until its standard input ends: {@code --block=65536 --mib=256}; the twin of {@code source.js}. With
 * {@code --bootstrap} it is found and served through the DHT at that port instead. The
 * first line out is {@code {"key","port"}}, the last one the processor time of the whole process, filling the core included.
 */
final class Source {
    private Source() {}

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        int block = workload.number("block", 65536);
        int bootstrap = workload.number("bootstrap", 0);
        int blocks = (int) (((long) workload.number("mib", 256) << 20) / block);
        Workload.inFolder(folder -> {
            Get.fill(folder, block, blocks);
            try (Corestore store =
                            Corestore.open(folder, StoreOptions.defaults().sync(false));
                    Hypercore core = store.get("bench");
                    PeerNetwork network = bootstrap == 0 ? null : LocalDht.join(bootstrap);
                    Swarm swarm = new Swarm(
                            KeyPair.generate(Entropy.system()), connection -> store.replicate(connection.mux()));
                    Hyperswarm topics = network == null ? null : new Hyperswarm(swarm, network)) {
                int port = 0;
                if (topics == null) {
                    port = swarm.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                            .getPort();
                } else {
                    topics.join(Target.of(core.discoveryKey()), JoinOptions.SERVER)
                            .flushed();
                }
                String key = HexFormat.of().formatHex(core.key().bytes());
                System.out.println("{\"key\":\"" + key + "\",\"port\":" + port + "}");
                System.in.transferTo(OutputStream.nullOutputStream());
                System.out.println("{\"cpuMs\":" + Workload.cpuNs() / 1e6 + "}");
            }
        });
    }
}
