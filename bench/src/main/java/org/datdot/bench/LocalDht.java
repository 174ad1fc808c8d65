package org.datdot.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;

/**
 * A DHT of {@code --nodes} on loopback until its standard input ends, the twin of {@code dht.js}; and how the other measured
 * processes join one, the twin of {@code network.js}.
 */
final class LocalDht {
    private LocalDht() {}

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        List<Dht> nodes = new ArrayList<>();
        try {
            nodes.add(Dht.bootstrapper(PeerAddress.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))));
            int port = nodes.getFirst().localAddress().getPort();
            while (nodes.size() < workload.number("nodes", 20)) {
                Dht next = Dht.open(options(port), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                nodes.add(next);
                next.awaitBootstrapped();
            }
            System.out.println("{\"port\":" + port + "}");
            System.in.transferTo(OutputStream.nullOutputStream());
        } finally {
            nodes.reversed().forEach(Dht::close);
        }
    }

    private static DhtOptions options(int port) {
        PeerAddress first = PeerAddress.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return DhtOptions.joining(List.of(BootstrapNode.at(first))).withReachable(DhtOptions.Mode.PERSISTENT);
    }

    /** Joins from 127.0.0.1. */
    static PeerNetwork join(int port) throws IOException {
        return PeerNetwork.open(options(port), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /**
     * Joins from the {@code i}-th of the addresses that clients dial from: servers let nobody hold more than some handshakes of one
     * address at a time.
     */
    static PeerNetwork join(int port, int i) throws IOException {
        InetAddress host = InetAddress.getByAddress(new byte[] {127, 0, (byte) (1 + i / 200), (byte) (1 + i % 200)});
        PeerNetwork network = PeerNetwork.open(options(port), new InetSocketAddress(host, 0));
        network.dht().awaitBootstrapped();
        return network;
    }
}
