package org.datdot.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;
import org.jspecify.annotations.Nullable;

/** How commands take part in the DHT through which peers meet. A network of this machine alone is not left. */
final class DhtNetwork {
    private DhtNetwork() {}

    /**
     * Joins to meet peers.
     *
     * @param lasting whether this node is meant to run for long, so that others may rely on it when they can reach it
     */
    static PeerNetwork join(List<BootstrapNode> bootstrap, boolean lasting) {
        try {
            return PeerNetwork.open(options(bootstrap, lasting), bind(bootstrap, lasting));
        } catch (IOException e) {
            throw new NodeException(Exit.NETWORK, "cannot use a UDP port: " + e.getMessage(), e);
        }
    }

    /** Joins to look around. */
    static Dht look(List<BootstrapNode> bootstrap) throws IOException {
        return Dht.open(options(bootstrap, false), bind(bootstrap, false));
    }

    private static DhtOptions options(List<BootstrapNode> bootstrap, boolean lasting) {
        DhtOptions.Mode onThisMachine = lasting ? DhtOptions.Mode.PERSISTENT : DhtOptions.Mode.EPHEMERAL;
        DhtOptions options = DhtOptions.joining(bootstrap);
        if (isLocal(bootstrap)) return options.withReachable(onThisMachine);
        return lasting ? options : options.withMode(DhtOptions.Mode.EPHEMERAL);
    }

    private static InetSocketAddress bind(List<BootstrapNode> bootstrap, boolean lasting) {
        if (isLocal(bootstrap)) return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new InetSocketAddress(lasting ? Dht.DEFAULT_PORT : 0);
    }

    private static boolean isLocal(List<BootstrapNode> bootstrap) {
        return bootstrap.stream().allMatch(node -> isLoopback(node.address()));
    }

    private static boolean isLoopback(@Nullable PeerAddress address) {
        return address != null && address.host() >>> 24 == 127;
    }
}
