package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.ConnectException;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.DhtServer;
import org.datdot.dht.Peer;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerListener;
import org.datdot.dht.PeerNetwork;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;
import org.datdot.udx.StreamListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Peers that connect by nothing but a key, ours and stock hyperdht's, through networks of stock nodes and mixed ones. */
@Timeout(300)
class ConnectInteropTest {
    private static final int BYTES = 8 << 20;
    private static final int BLOCK_BYTES = 65_536;
    private static final SwarmOptions ROOMY =
            SwarmOptions.defaults().withTimes(30_000, 5_000, 60_000).withOutbox(1 << 20, 64 << 20);

    @Test
    void shouldReachAStockServerByItsKeyWhenTheNetworkIsStock() throws IOException {
        try (NodeProcess stock = NodeProcess.start("connect-net.mjs", "--nodes", "5")) {
            PeerAddress bootstrap = bootstrap(stock);
            PublicKey server = key(ask(stock, "{'do':'listen','seed':21}"));
            try (Node client = new Node(bootstrap, 22)) {
                client.echo(server);
            }
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    @Test
    void shouldBeReachedByItsKeyWhenAStockClientDials() throws IOException {
        try (NodeProcess stock = NodeProcess.start("connect-net.mjs", "--nodes", "5")) {
            try (Node server = new Node(bootstrap(stock), 23)) {
                dialled(stock, server);
            }
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    @Test
    void shouldConnectEverybodyWhenTheNetworkIsMixed() throws IOException {
        List<Node> nodes = new ArrayList<>();
        try (Dht first = Dht.bootstrapper(PeerAddress.parse("127.0.0.1:0"))) {
            PeerAddress bootstrap = PeerAddress.of(first.localAddress());
            for (int i = 0; i < 4; i++) nodes.add(new Node(bootstrap, 40 + i));
            try (NodeProcess stock =
                    NodeProcess.start("connect-net.mjs", "--nodes", "3", "--bootstrap", bootstrap.toString())) {
                assertThat(stock.next().path("bootstrap").asString()).isEqualTo(bootstrap.toString());
                PublicKey server = key(ask(stock, "{'do':'listen','seed':31}"));
                nodes.getFirst().echo(server);
                nodes.getLast().echo(nodes.get(1).swarm.publicKey());
                dialled(stock, nodes.get(2));
                assertThat(stock.finish()).as(stock.errorText()).isZero();
            }
        } finally {
            nodes.forEach(Node::close);
        }
    }

    @Test
    void shouldSayWhyWhenAServerIsNotReached() throws IOException {
        try (NodeProcess stock = NodeProcess.start("connect-net.mjs", "--nodes", "2")) {
            PeerAddress bootstrap = bootstrap(stock);
            PublicKey refusing = key(ask(stock, "{'do':'refuse','seed':25}"));
            try (Node client = new Node(bootstrap, 26)) {
                assertThat(client.failure(refusing)).isEqualTo(ConnectException.Reason.NO_ANSWER);
                PublicKey nobody = KeyPair.fromSeed(filled(27)).publicKey();
                assertThat(client.failure(nobody)).isEqualTo(ConnectException.Reason.NOT_FOUND);
                KeyPair ours = KeyPair.fromSeed(filled(28));
                PeerListener refuser = new PeerListener() {
                    @Override
                    public boolean admits(PublicKey remote, PeerAddress from) {
                        return false;
                    }

                    @Override
                    public StreamListener connected(Peer peer) {
                        throw new AssertionError("connected to " + peer);
                    }
                };
                try (DhtServer server = client.network.listen(ours, refuser)) {
                    assertThat(server.relays()).isNotEmpty();
                    String dial = "{'do':'connect','seed':24,'bytes':1,'key':'"
                            + ours.publicKey().hex() + "'}";
                    assertThat(ask(stock, dial).path("failed").asString()).isEqualTo("PEER_CONNECTION_FAILED");
                }
                String dial = "{'do':'connect','seed':24,'bytes':1,'key':'"
                        + ours.publicKey().hex() + "'}";
                assertThat(ask(stock, dial).path("failed").asString())
                        .as("it has withdrawn its announcement")
                        .isEqualTo("PEER_NOT_FOUND");
            }
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    @Test
    void shouldServeACoreWhenAStockClientKnowsNothingButTheKeys(@TempDir Path home) throws IOException {
        try (NodeProcess stock = NodeProcess.start("connect-net.mjs", "--nodes", "4");
                Corestore store = Corestore.open(home, StoreOptions.defaults())) {
            Hypercore core = store.get("served");
            JavaPeer.append(core, "served", 300, 4_000);
            KeyPair keys = KeyPair.fromSeed(filled(29));
            try (PeerNetwork network = join(bootstrap(stock));
                    Swarm swarm = new Swarm(keys, connection -> store.replicate(connection.mux()), ROOMY)) {
                network.dht().awaitBootstrapped();
                swarm.join(network);
                JsonNode read = ask(
                        stock,
                        "{'do':'readCore','seed':30,'key':'" + keys.publicKey().hex() + "','core':'"
                                + core.key().hex() + "'}");
                assertThat(read.path("length").asInt()).as("%s", read).isEqualTo(300);
                assertThat(read.path("sha256").asString()).isEqualTo(JavaPeer.digest(core, 0, 300));
            }
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    /** One of ours: joins a network, and serves what wire-peer.mjs lists under its key. */
    private static final class Node implements AutoCloseable {
        private final PeerNetwork network;
        private final Swarm swarm;

        Node(PeerAddress bootstrap, int seed) throws IOException {
            network = ConnectInteropTest.join(bootstrap);
            swarm = new Swarm(
                    KeyPair.fromSeed(filled(seed)), connection -> WireServices.attach(connection.mux()), ROOMY);
            network.dht().awaitBootstrapped();
            swarm.join(network);
        }

        /** Dials a peer and sends 8 MiB there and back, in blocks. */
        void echo(PublicKey server) throws IOException {
            Connection connection = swarm.connect(server);
            assertThat(connection.remotePublicKey()).isEqualTo(server);
            assertThat(connection.initiator()).isTrue();
            Talk echo = Talk.open(connection.mux(), "test/echo", null);
            echo.awaitOpen();
            byte[] block = filled(5, BLOCK_BYTES);
            for (int i = 0; i < BYTES / BLOCK_BYTES; i++) {
                block[0] = (byte) i;
                echo.sendPatiently(0, block.clone());
            }
            for (int i = 0; i < BYTES / BLOCK_BYTES; i++) {
                block[0] = (byte) i;
                assertThat(echo.next().payload()).isEqualTo(block);
            }
            connection.close();
            assertThat(connection.closed().orTimeout(60, TimeUnit.SECONDS).join())
                    .isNotNull();
        }

        ConnectException.Reason failure(PublicKey server) {
            ConnectException failed = catchThrowableOfType(ConnectException.class, () -> swarm.connect(server));
            assertThat(failed).isNotNull();
            return failed.reason();
        }

        @Override
        public void close() {
            swarm.close();
            network.close();
        }
    }

    private static void dialled(NodeProcess stock, Node server) {
        String key = server.swarm.publicKey().hex();
        JsonNode done = ask(stock, "{'do':'connect','seed':24,'key':'" + key + "','bytes':" + BYTES + "}");
        assertThat(done.path("echoed").asInt()).as("%s", done).isEqualTo(BYTES);
        assertThat(done.path("key").asString()).isEqualTo(key);
    }

    private static PeerAddress bootstrap(NodeProcess stock) {
        return PeerAddress.parse(stock.next().path("bootstrap").asString());
    }

    private static PublicKey key(JsonNode answer) {
        return new PublicKey(HexFormat.of().parseHex(answer.path("publicKey").asString()));
    }

    private static JsonNode ask(NodeProcess stock, String command) {
        stock.send(command.replace('\'', '"'));
        return stock.next();
    }

    private static PeerNetwork join(PeerAddress bootstrap) throws IOException {
        DhtOptions options =
                DhtOptions.joining(List.of(BootstrapNode.at(bootstrap))).withReachable(DhtOptions.Mode.PERSISTENT);
        return PeerNetwork.open(options, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static byte[] filled(int value) {
        return filled(value, 32);
    }

    private static byte[] filled(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
