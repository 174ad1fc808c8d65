package org.datdot.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;
import org.datdot.dht.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Meeting by topic, over sockets. What meets stock peers is in {@code HyperswarmInteropTest}. */
@Timeout(120)
class HyperswarmTest {
    private static final Target TOPIC = Target.hash(new byte[32]);

    @Test
    void shouldMeetPeersBeforeTheNeighbourhoodIsKnownWhenSomeOfItIsDead() throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        CompletableFuture<Connection> met = new CompletableFuture<>();
        try (Dht alive = Dht.bootstrapper(PeerAddress.of(any));
                DatagramSocket silent = new DatagramSocket(any);
                PeerNetwork serverNetwork = network(any, List.of(address(alive.localAddress())));
                Swarm server = new Swarm(KeyPair.generate(Entropy.system()), _ -> {}, SwarmOptions.defaults());
                Hyperswarm serving = new Hyperswarm(server, serverNetwork)) {
            assertThat(serving.join(TOPIC, JoinOptions.SERVER).flushed()).isTrue();
            InetSocketAddress dead = (InetSocketAddress) silent.getLocalSocketAddress();
            try (PeerNetwork clientNetwork = network(any, List.of(address(dead), address(alive.localAddress())));
                    Swarm client =
                            new Swarm(KeyPair.generate(Entropy.system()), met::complete, SwarmOptions.defaults());
                    Hyperswarm asking = new Hyperswarm(client, clientNetwork)) {
                CompletableFuture<Boolean> knewItsNeighbourhood =
                        met.thenApply(_ -> clientNetwork.dht().info().bootstrapped());
                asking.join(TOPIC, JoinOptions.CLIENT);
                assertThat(met.orTimeout(60, TimeUnit.SECONDS).join().remotePublicKey())
                        .isEqualTo(server.publicKey());
                // The silent node alone holds that up for seven seconds.
                assertThat(knewItsNeighbourhood.join()).isFalse();
            }
        }
    }

    private static BootstrapNode address(InetSocketAddress node) {
        return BootstrapNode.at(PeerAddress.of(node));
    }

    private static PeerNetwork network(InetSocketAddress bind, List<BootstrapNode> bootstrap) throws IOException {
        return PeerNetwork.open(DhtOptions.joining(bootstrap).withReachable(DhtOptions.Mode.PERSISTENT), bind);
    }
}
