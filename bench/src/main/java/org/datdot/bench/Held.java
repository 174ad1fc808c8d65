package org.datdot.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.PeerNetwork;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;

/**
 * Many connections by key through the DHT at {@code --bootstrap} on which nothing is said. {@code --role=server} is the twin of
 * {@code held.js}. {@code --role=client} makes {@code --connections}, 50 from each address of loopback, the first of them being
 * number {@code --from}; it prints how many came about in {@code --seconds}, and stays until its standard input ends.
 */
final class Held {
    private static final int CONNECTIONS_PER_HOST = 50;
    /** Addresses that dial at the same time. */
    private static final int PARALLEL = 4;

    private static final int MOST = 12_000;

    private Held() {}

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        if (workload.text("role", "server").equals("server")) {
            server(workload.number("bootstrap", 0));
        } else {
            client(workload);
        }
    }

    private static SwarmOptions roomy() {
        return SwarmOptions.defaults().withLimits(MOST, 1_024);
    }

    private static void server(int bootstrap) throws IOException {
        KeyPair keys = KeyPair.generate(Entropy.system());
        try (PeerNetwork network = LocalDht.join(bootstrap);
                Swarm swarm = new Swarm(keys, _ -> {}, roomy())) {
            swarm.join(network);
            System.out.println("{\"key\":\"" + keys.publicKey().hex() + "\"}");
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (lines.readLine() != null) {
                try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
                    System.out.println(Idle.memory(swarm.connections().size(), ",\"files\":" + files.count()));
                }
            }
        }
    }

    private static void client(Workload workload) throws Exception {
        PublicKey peer = new PublicKey(HexFormat.of().parseHex(workload.text("key", "")));
        int bootstrap = workload.number("bootstrap", 0);
        int hosts = workload.number("connections", 1_000) / CONNECTIONS_PER_HOST;
        int from = workload.number("from", 0);
        long deadline = System.nanoTime() + workload.number("seconds", 60) * 1_000_000_000L;
        long began = System.nanoTime();
        AtomicInteger made = new AtomicInteger();
        List<Future<?>> dials = new ArrayList<>();
        // Neither swarms nor networks are closed: this process ends without a word, as it does on a crash.
        try (ExecutorService threads = Executors.newFixedThreadPool(PARALLEL)) {
            for (int i = 0; i < hosts; i++) {
                int host = from + i;
                dials.add(threads.submit(() -> {
                    Swarm swarm = new Swarm(KeyPair.generate(Entropy.system()), _ -> {}, roomy());
                    swarm.dialThrough(LocalDht.join(bootstrap, host));
                    for (int j = 0; j < CONNECTIONS_PER_HOST && System.nanoTime() < deadline; j++) {
                        swarm.connect(peer);
                        made.incrementAndGet();
                    }
                    return null;
                }));
            }
        }
        int failed = 0;
        for (Future<?> dial : dials) {
            try {
                dial.get();
            } catch (ExecutionException e) {
                failed++;
                System.err.println("dialling from one address ended: " + e.getCause());
            }
        }
        System.out.println("{\"operations\":" + made + ",\"failed\":" + failed + ",\"ms\":"
                + (System.nanoTime() - began) / 1e6 + "}");
        System.in.transferTo(OutputStream.nullOutputStream());
        System.exit(0);
    }
}
