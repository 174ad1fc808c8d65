package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.ConnectException;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.DhtServer;
import org.datdot.dht.Peer;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerListener;
import org.datdot.dht.PeerNetwork;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;
import org.datdot.swarm.UdxByteStream;
import org.datdot.udx.StreamListener;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Peers that connect by nothing but a key, ours and stock hyperdht's, through networks of stock nodes and mixed ones. */
@Timeout(300)
class ConnectInteropTest {
    private static final int BYTES = 8 << 20;
    private static final int BLOCK_BYTES = 65_536;
    private static final SwarmOptions ROOMY =
            SwarmOptions.defaults().withTimes(30_000, 5_000, 60_000).withOutbox(1 << 20, 64 << 20);

    @Test
    void shouldReachAStockServerByItsKeyWhenTheNetworkIsStock() throws Exception {
        try (NodeProcess stock = NodeProcess.start("connect-net.mjs", "--nodes", "5")) {
            PeerAddress bootstrap = bootstrap(stock);
            PublicKey server = key(ask(stock, "{\"do\":\"listen\",\"seed\":21}"));
            KeyPair keys = KeyPair.fromSeed(filled(22));
            try (PeerNetwork network = join(bootstrap);
                    Swarm swarm = new Swarm(keys, connection -> {}, ROOMY)) {
                network.dht().awaitBootstrapped();
                Connection connection = dial(network, swarm, keys, server);
                assertThat(connection.remotePublicKey()).isEqualTo(server);
                assertThat(connection.initiator()).isTrue();
                echo(connection);
                connection.close();
                connection.closed().join();
            }
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    @Test
    void shouldBeReachedByItsKeyWhenAStockClientDials() throws Exception {
        try (NodeProcess stock = NodeProcess.start("connect-net.mjs", "--nodes", "5")) {
            PeerAddress bootstrap = bootstrap(stock);
            KeyPair keys = KeyPair.fromSeed(filled(23));
            try (PeerNetwork network = join(bootstrap);
                    Swarm swarm = new Swarm(keys, connection -> WireServices.attach(connection.mux()), ROOMY)) {
                network.dht().awaitBootstrapped();
                try (DhtServer server = network.listen(keys, serving(swarm))) {
                    assertThat(server.relays()).isNotEmpty();
                    JsonNode done = ask(
                            stock,
                            "{\"do\":\"connect\",\"seed\":24,\"key\":\""
                                    + keys.publicKey().hex() + "\",\"bytes\":" + BYTES + "}");
                    assertThat(done.path("echoed").asInt()).as("%s", done).isEqualTo(BYTES);
                    assertThat(done.path("key").asString())
                            .isEqualTo(keys.publicKey().hex());
                }
            }
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    @Test
    void shouldSayWhyWhenAStockServerIsNotReached() throws Exception {
        try (NodeProcess stock = NodeProcess.start("connect-net.mjs", "--nodes", "4")) {
            PeerAddress bootstrap = bootstrap(stock);
            PublicKey refusing = key(ask(stock, "{\"do\":\"refuse\",\"seed\":25}"));
            KeyPair keys = KeyPair.fromSeed(filled(26));
            try (PeerNetwork network = join(bootstrap);
                    Swarm swarm = new Swarm(keys, connection -> {}, ROOMY)) {
                network.dht().awaitBootstrapped();
                assertThat(failure(network, swarm, keys, refusing)).isEqualTo(ConnectException.Reason.NO_ANSWER);
                PublicKey nobody = KeyPair.fromSeed(filled(27)).publicKey();
                assertThat(failure(network, swarm, keys, nobody)).isEqualTo(ConnectException.Reason.NOT_FOUND);
            }
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    private static ConnectException.Reason failure(PeerNetwork network, Swarm swarm, KeyPair keys, PublicKey server) {
        ConnectException failed =
                catchThrowableOfType(ConnectException.class, () -> dial(network, swarm, keys, server));
        assertThat(failed).isNotNull();
        return failed.reason();
    }

    private static Connection dial(PeerNetwork network, Swarm swarm, KeyPair keys, PublicKey server)
            throws ConnectException, IOException {
        AtomicReference<@Nullable UdxByteStream> stream = new AtomicReference<>();
        Peer peer = network.connect(keys, server, List.of(), connected -> {
            UdxByteStream made = new UdxByteStream(connected.stream(), connected.address());
            stream.set(made);
            return made;
        });
        return swarm.adopt(Objects.requireNonNull(stream.get()), peer.session());
    }

    private static PeerListener serving(Swarm swarm) {
        return new PeerListener() {
            @Override
            public StreamListener connected(Peer peer) {
                UdxByteStream stream = new UdxByteStream(peer.stream(), peer.address());
                Thread.ofVirtual().start(() -> {
                    try {
                        swarm.adopt(stream, peer.session());
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
                return stream;
            }
        };
    }

    /** 8 MiB there and back, in blocks. */
    private static void echo(Connection connection) {
        Talk echo = Talk.open(connection.mux(), "test/echo", null);
        echo.awaitOpen();
        byte[] block = new byte[BLOCK_BYTES];
        Arrays.fill(block, (byte) 5);
        for (int i = 0; i < BYTES / BLOCK_BYTES; i++) {
            block[0] = (byte) i;
            echo.sendPatiently(0, block.clone());
        }
        for (int i = 0; i < BYTES / BLOCK_BYTES; i++) {
            block[0] = (byte) i;
            assertThat(echo.next().payload()).isEqualTo(block);
        }
    }

    private static PeerAddress bootstrap(NodeProcess stock) {
        return PeerAddress.parse(stock.next().path("bootstrap").asString());
    }

    private static PublicKey key(JsonNode answer) {
        return new PublicKey(HexFormat.of().parseHex(answer.path("publicKey").asString()));
    }

    private static JsonNode ask(NodeProcess stock, String command) {
        stock.send(command);
        return stock.next();
    }

    private static PeerNetwork join(PeerAddress bootstrap) throws IOException {
        DhtOptions options =
                DhtOptions.joining(List.of(BootstrapNode.at(bootstrap))).withReachable(DhtOptions.Mode.PERSISTENT);
        return PeerNetwork.open(options, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
