package org.datdot.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.PeerNetwork;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Swarm;

/** Connecting by key through the DHT at {@code --bootstrap}; the twin of {@code connect.js}: same roles, options and output. */
final class Connect {
    private Connect() {}

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        if (workload.text("role", "server").equals("server")) {
            server(workload);
        } else {
            client(workload);
        }
    }

    private static void server(Workload workload) throws IOException {
        KeyPair keys = KeyPair.generate(Entropy.system());
        try (PeerNetwork network = LocalDht.join(workload.number("bootstrap", 0));
                Swarm swarm = new Swarm(keys, _ -> {})) {
            swarm.join(network);
            System.out.println("{\"key\":\"" + keys.publicKey().hex() + "\"}");
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    /** One address to dial from. */
    private record Client(PeerNetwork network, Swarm swarm) {
        static Client at(int bootstrap, int host) throws IOException {
            PeerNetwork network = LocalDht.join(bootstrap, host);
            Swarm swarm = new Swarm(KeyPair.generate(Entropy.system()), _ -> {});
            swarm.dialThrough(network);
            return new Client(network, swarm);
        }

        double connectMs(PublicKey peer) throws IOException {
            long began = System.nanoTime();
            Connection connection = swarm.connect(peer);
            double ms = (System.nanoTime() - began) / 1e6;
            connection.close();
            connection.closed().join();
            return ms;
        }

        void close() {
            swarm.close();
            network.close();
        }
    }

    private static void client(Workload workload) throws IOException {
        PublicKey peer = new PublicKey(HexFormat.of().parseHex(workload.text("key", "")));
        int hosts = workload.number("hosts", 4);
        int connects = workload.number("connects", 50);
        int warm = workload.number("warm", 50);
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i <= hosts; i++) {
                clients.add(Client.at(workload.number("bootstrap", 0), i));
            }
            for (int i = 0; i < warm; i++) {
                clients.getLast().connectMs(peer);
            }
            double[] times = new double[hosts * connects];
            long cpu = Workload.cpuNs();
            for (int i = 0; i < times.length; i++) {
                times[i] = clients.get(i / connects).connectMs(peer);
            }
            double cpuMs = (Workload.cpuNs() - cpu) / 1e6;
            Arrays.sort(times);
            System.out.println("{\"ms\":" + times[times.length / 2] + ",\"slowMs\":" + times[times.length * 9 / 10]
                    + ",\"cpuMs\":" + cpuMs + ",\"operations\":" + times.length + "}");
        } finally {
            clients.forEach(Client::close);
        }
    }
}
