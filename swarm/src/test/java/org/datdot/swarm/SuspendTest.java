package org.datdot.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;
import org.datdot.wire.WireException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node whose machine sleeps and wakes up elsewhere, over sockets. */
@Timeout(120)
class SuspendTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    /** A listening peer, and another one that dials it, in a network of one node. */
    private static final class Pair implements AutoCloseable {
        final Dht alive = Dht.bootstrapper(PeerAddress.of(ANY));
        final PeerNetwork sleeper = network();
        final PeerNetwork other = network();
        final Swarm server = swarm();
        final Swarm client = swarm();

        Pair() throws IOException {
            server.join(sleeper);
            client.join(other);
        }

        private PeerNetwork network() throws IOException {
            BootstrapNode bootstrap = BootstrapNode.at(PeerAddress.of(alive.localAddress()));
            DhtOptions options = DhtOptions.joining(List.of(bootstrap)).withReachable(DhtOptions.Mode.PERSISTENT);
            PeerNetwork network = PeerNetwork.open(options, ANY);
            network.dht().awaitBootstrapped();
            return network;
        }

        private static Swarm swarm() {
            return new Swarm(KeyPair.generate(Entropy.system()), _ -> {}, SwarmOptions.defaults());
        }

        @Override
        public void close() {
            client.close();
            server.close();
            other.close();
            sleeper.close();
            alive.close();
        }
    }

    @Test
    void shouldBeFoundAtAnotherPortWhenItsOwnWasTakenWhileItWasSuspended() throws IOException {
        try (Pair pair = new Pair()) {
            Connection before = pair.client.connect(pair.server.publicKey());
            InetSocketAddress address = pair.sleeper.dht().localAddress();
            pair.sleeper.suspend();
            assertThat(before.closed().orTimeout(60, TimeUnit.SECONDS).join().reason())
                    .isEqualTo(WireException.Reason.DISCONNECTED);
            try (DatagramSocket taken = new DatagramSocket(address)) {
                pair.sleeper.resume();
                pair.sleeper.dht().awaitBootstrapped();
                assertThat(pair.sleeper.dht().localAddress()).isNotEqualTo(taken.getLocalSocketAddress());
                assertThat(pair.sleeper.dht().info().publicAddress())
                        .isEqualTo(PeerAddress.of(pair.sleeper.dht().localAddress()));
                assertThat(pair.sleeper.dht().info().id())
                        .isEqualTo(PeerAddress.of(pair.sleeper.dht().localAddress())
                                .id());
                Connection after = pair.client.connect(pair.server.publicKey());
                assertThat(after.remotePublicKey()).isEqualTo(pair.server.publicKey());
            }
        }
    }

    @Test
    void shouldHaveItsPortAgainWhenNobodyTookIt() throws IOException {
        try (Pair pair = new Pair()) {
            InetSocketAddress address = pair.sleeper.dht().localAddress();
            for (int round = 0; round < 3; round++) {
                pair.sleeper.suspend();
                new DatagramSocket(address).close();
                pair.sleeper.resume();
                assertThat(pair.sleeper.dht().localAddress()).isEqualTo(address);
                pair.client.connect(pair.server.publicKey()).close();
            }
        }
    }

    @Test
    void shouldStaySuspendedWhenThePortOthersWereToldIsTaken() throws IOException {
        try (Dht known = Dht.bootstrapper(PeerAddress.of(ANY));
                Pair pair = new Pair()) {
            PeerAddress address = PeerAddress.of(known.localAddress());
            known.suspend();
            try (DatagramSocket taken = new DatagramSocket(known.localAddress())) {
                assertThat(taken.isBound()).isTrue();
                assertThatThrownBy(known::resume).isInstanceOf(UncheckedIOException.class);
            }
            known.resume();
            assertThat(pair.alive.ping(address)).isNotNull();
        }
    }
}
