package org.datdot.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;
import org.datdot.dht.RelayDialer;
import org.datdot.udx.UdxSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What those who asked a relay hear of it, over sockets. */
@Timeout(120)
class RelayClientTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final byte[] TOKEN = new byte[BlindRelay.TOKEN_BYTES];

    /** Keeps what it was told. */
    private static final class Told implements RelayDialer.Outcome {
        final CompletableFuture<Integer> paired = new CompletableFuture<>();
        final CompletableFuture<Boolean> failed = new CompletableFuture<>();
        final CompletableFuture<Boolean> lost = new CompletableFuture<>();

        @Override
        public void reached(UdxSocket socket, InetSocketAddress relay) {
            assertThat(failed).isNotDone();
        }

        @Override
        public void paired(int remoteId) {
            paired.complete(remoteId);
        }

        @Override
        public void failed() {
            failed.complete(true);
        }

        @Override
        public void lost() {
            lost.complete(true);
        }
    }

    private static PeerNetwork network(Dht first) throws IOException {
        BootstrapNode bootstrap = BootstrapNode.at(PeerAddress.of(first.localAddress()));
        DhtOptions options = DhtOptions.joining(List.of(bootstrap)).withReachable(DhtOptions.Mode.PERSISTENT);
        PeerNetwork network = PeerNetwork.open(options, ANY);
        network.dht().awaitBootstrapped();
        return network;
    }

    private static KeyPair keys() {
        return KeyPair.generate(Entropy.system());
    }

    @Test
    void shouldTellBothSidesWhenARelayGoesAwayThatJoinedThem() throws Exception {
        try (Dht first = Dht.bootstrapper(PeerAddress.of(ANY));
                PeerNetwork relayNetwork = network(first);
                PeerNetwork network = network(first);
                RelayClient one = new RelayClient(network, keys(), SwarmOptions.defaults());
                RelayClient two = new RelayClient(network, keys(), SwarmOptions.defaults())) {
            RelayServer server = new RelayServer(relayNetwork, 8);
            try (Swarm relaying = new Swarm(keys(), server::accept, SwarmOptions.defaults())) {
                relaying.join(relayNetwork);
                PublicKey relay = relaying.publicKey();
                Told atOne = new Told();
                Told atTwo = new Told();
                RelayDialer.Pairing left = one.pair(relay, true, TOKEN, 1, atOne);
                two.pair(relay, false, TOKEN, 2, atTwo);
                atOne.paired.get(60, TimeUnit.SECONDS);
                atTwo.paired.get(60, TimeUnit.SECONDS);
                assertThat(server.pairs()).isEqualTo(1);
                assertThat(one.failedLately(relay)).isFalse();
                // Who has ended it himself is told nothing.
                left.close();
                relayNetwork.suspend();
                assertThat(atTwo.lost.get(60, TimeUnit.SECONDS)).isTrue();
                assertThat(two.failedLately(relay)).isTrue();
                assertThat(server.pairs()).isZero();
                assertThat(atTwo.failed).isNotDone();
                assertThat(atOne.lost).isNotDone();
                assertThat(one.failedLately(relay)).isFalse();
            }
        }
    }

    @Test
    void shouldRememberRelaysThatAreNotThere() throws Exception {
        try (Dht first = Dht.bootstrapper(PeerAddress.of(ANY));
                PeerNetwork network = network(first);
                RelayClient relays = new RelayClient(network, keys(), SwarmOptions.defaults())) {
            PublicKey nobody = keys().publicKey();
            Told told = new Told();
            relays.pair(nobody, true, TOKEN, 1, told);
            assertThat(told.failed.get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(relays.failedLately(nobody)).isTrue();
            assertThat(told.paired).isNotDone();
            assertThat(told.lost).isNotDone();
        }
    }
}
