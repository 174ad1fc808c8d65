package org.datdot.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.CoreKey;
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
import org.jspecify.annotations.Nullable;

/**
 * Downloads one hypercore from a peer on TCP: {@code --key=HEX --port=N --blocks=N --sync=false}; the twin of {@code sink.js}.
 * With {@code --bootstrap=N} in place of a port it is found through the DHT at that port.
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
        int bootstrap = workload.number("bootstrap", 0);
        InetSocketAddress peer = new InetSocketAddress(InetAddress.getLoopbackAddress(), workload.number("port", 0));
        CountDownLatch connected = new CountDownLatch(1);
        Workload.inFolder(folder -> {
            try (Corestore store =
                            Corestore.open(folder, StoreOptions.defaults().sync(sync));
                    Hypercore core = store.get(key);
                    Swarm swarm = new Swarm(KeyPair.generate(Entropy.system()), connection -> {
                        store.replicate(connection.mux());
                        connected.countDown();
                    });
                    Found found = new Found(bootstrap, swarm)) {
                Workload.Cost cost = Workload.Cost.of(() -> {
                    if (bootstrap == 0) {
                        swarm.connect(peer, null);
                    } else {
                        found.look(Target.of(core.discoveryKey()));
                        connected.await();
                    }
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

    /** Whom the DHT knows. */
    private static final class Found implements AutoCloseable {
        private final int bootstrap;
        private final Swarm swarm;
        private @Nullable PeerNetwork network;
        private @Nullable Hyperswarm topics;

        Found(int bootstrap, Swarm swarm) {
            this.bootstrap = bootstrap;
            this.swarm = swarm;
        }

        void look(Target topic) throws IOException {
            PeerNetwork joined = LocalDht.join(bootstrap);
            network = joined;
            Hyperswarm made = new Hyperswarm(swarm, joined);
            topics = made;
            made.join(topic, JoinOptions.CLIENT);
        }

        @Override
        public void close() {
            if (topics != null) topics.close();
            if (network != null) network.close();
        }
    }
}
