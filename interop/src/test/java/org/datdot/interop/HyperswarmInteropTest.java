package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;
import org.datdot.dht.Target;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Hyperswarm;
import org.datdot.swarm.HyperswarmListener;
import org.datdot.swarm.HyperswarmOptions;
import org.datdot.swarm.JoinOptions;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Peers that meet by a topic: our swarms and stock ones, through DHTs of stock nodes, of ours and of both. */
@Timeout(300)
class HyperswarmInteropTest {
    private static final int BYTES = 1 << 20;
    private static final SwarmOptions PATIENT = SwarmOptions.defaults().withTimes(30_000, 5_000, 60_000);

    @ParameterizedTest
    @ValueSource(ints = {4, 20})
    void shouldMeetUnderATopicWhenAllNodesAreStock(int nodes) throws IOException {
        try (NodeProcess stock = NodeProcess.start("swarm-net.mjs", "--nodes", "" + nodes)) {
            meet(stock, bootstrap(stock));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 20})
    void shouldMeetUnderATopicWhenAllNodesAreOurs(int nodes) throws IOException {
        try (JavaNet net = new JavaNet(nodes);
                NodeProcess stock = NodeProcess.start("swarm-net.mjs", "--nodes", "0", "--bootstrap", net.text())) {
            meet(stock, bootstrap(stock));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 20})
    void shouldMeetUnderATopicWhenNodesAreMixed(int nodes) throws IOException {
        mixed(nodes);
    }

    @Tag("slow")
    @Test
    void shouldMeetUnderATopicWhenAHundredNodesAreMixed() throws IOException {
        mixed(100);
    }

    private static void mixed(int nodes) throws IOException {
        try (JavaNet net = new JavaNet(nodes / 2);
                NodeProcess stock = NodeProcess.start(
                        "swarm-net.mjs", "--nodes", "" + (nodes - nodes / 2), "--bootstrap", net.text())) {
            meet(stock, bootstrap(stock));
        }
    }

    /** Stock server and our client, our server and stock client, our server and our client. */
    private static void meet(NodeProcess stock, PeerAddress bootstrap) throws IOException {
        try (Node client = new Node(bootstrap, 1);
                Node server = new Node(bootstrap, 2)) {
            PublicKey stockServer = swarm(stock, 11);
            join(stock, 11, 100, true, false);
            client.joinAndFlush(100, JoinOptions.CLIENT);
            client.echo(client.awaitPeer(stockServer));

            server.joinAndFlush(101, JoinOptions.SERVER);
            PublicKey stockClient = swarm(stock, 12);
            join(stock, 12, 101, false, true);
            JsonNode met = ask(stock, "{'do':'peers','seed':12,'count':1}");
            assertThat(met.path("peers").get(0).asString()).isEqualTo(server.hex());
            JsonNode echoed = ask(stock, "{'do':'echo','seed':12,'key':'" + server.hex() + "','bytes':" + BYTES + "}");
            assertThat(echoed.path("echoed").asInt()).as("%s", echoed).isEqualTo(BYTES);
            assertThat(server.awaitPeer(stockClient).initiator()).isFalse();

            client.joinAndFlush(101, JoinOptions.CLIENT);
            client.echo(client.awaitPeer(server.swarm.publicKey()));
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    @Test
    void shouldKeepOneConnectionWhenBothSidesDialAtOnce() throws IOException {
        try (NodeProcess stock = NodeProcess.start("swarm-net.mjs", "--nodes", "4")) {
            PeerAddress bootstrap = bootstrap(stock);
            for (int round = 0; round < 6; round++) {
                int topic = 120 + round;
                int seed = 20 + round;
                PublicKey theirs = swarm(stock, seed);
                try (Node ours = new Node(bootstrap, 40 + round)) {
                    // Announced first, so that both find the other and dial in the same moment.
                    ours.joinAndFlush(topic, JoinOptions.SERVER);
                    join(stock, seed, topic, true, false);
                    stock.send(joining(seed, topic, true, true).replace('\'', '"'));
                    ours.joinAndFlush(topic, JoinOptions.BOTH);
                    assertThat(stock.next().has("failed")).isFalse();
                    JsonNode met = ask(stock, "{'do':'peers','seed':" + seed + ",'count':1}");
                    assertThat(met.path("peers").get(0).asString()).isEqualTo(ours.hex());
                    ours.settle(theirs);
                    JsonNode echoed = ask(
                            stock,
                            "{'do':'echo','seed':" + seed + ",'key':'" + ours.hex() + "','bytes':" + BYTES + "}");
                    assertThat(echoed.path("echoed").asInt())
                            .as("round %s, %s", round, echoed)
                            .isEqualTo(BYTES);
                    assertThat(ours.swarm.connections()).as("round %s", round).hasSize(1);
                }
                ask(stock, "{'do':'destroy','seed':" + seed + "}");
            }
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    @Test
    void shouldConnectAgainWhenAStockPeerDropsTheConnection() throws IOException {
        try (NodeProcess stock = NodeProcess.start("swarm-net.mjs", "--nodes", "3");
                Node ours = new Node(bootstrap(stock), 60)) {
            PublicKey theirs = swarm(stock, 61);
            join(stock, 61, 160, true, false);
            ours.swarming.joinPeer(theirs);
            Connection first = ours.awaitPeer(theirs);
            ask(stock, "{'do':'drop','seed':61}");
            Connection second = ours.awaitPeer(theirs);
            assertThat(second).isNotSameAs(first);
            ours.echo(second);
            assertThat(ours.swarming.stats().dialled()).isGreaterThanOrEqualTo(2);
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    @Test
    void shouldNotBeFoundAnyMoreWhenItHasLeftOrIsSuspended() throws IOException {
        try (NodeProcess stock = NodeProcess.start("swarm-net.mjs", "--nodes", "3");
                Node ours = new Node(bootstrap(stock), 70)) {
            ours.joinAndFlush(170, JoinOptions.SERVER);
            assertThat(found(stock, 71, 170)).containsExactly(ours.hex());
            ours.swarming.leave(topic(170));
            assertThat(found(stock, 72, 170)).isEmpty();
            ours.joinAndFlush(170, JoinOptions.SERVER);
            ours.swarming.suspend();
            assertThat(ours.swarm.connections()).isEmpty();
            assertThat(found(stock, 73, 170)).isEmpty();
            ours.swarming.resume();
            assertThat(ours.swarming.flush()).isTrue();
            assertThat(found(stock, 74, 170)).containsExactly(ours.hex());
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    @Test
    void shouldRefuseAPeerWhenItIsBanned() throws IOException {
        try (NodeProcess stock = NodeProcess.start("swarm-net.mjs", "--nodes", "3");
                Node ours = new Node(bootstrap(stock), 80)) {
            PublicKey banned = swarm(stock, 81);
            ours.swarming.ban(banned, true);
            ours.joinAndFlush(180, JoinOptions.BOTH);
            join(stock, 81, 180, true, true);
            ours.joinAndFlush(180, JoinOptions.BOTH);
            assertThat(ours.swarming.stats().dialled()).isZero();
            assertThat(ours.swarm.connections()).isEmpty();
            assertThat(ours.swarming.peer(banned))
                    .hasValueSatisfying(peer -> assertThat(peer.banned()).isTrue());
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    /** Who a new stock swarm meets under a topic, after it has tried all it found. */
    private static List<String> found(NodeProcess stock, int seed, int topic) {
        swarm(stock, seed);
        join(stock, seed, topic, false, true);
        JsonNode done = ask(stock, "{'do':'flush','seed':" + seed + "}");
        ask(stock, "{'do':'destroy','seed':" + seed + "}");
        List<String> peers = new ArrayList<>();
        done.path("peers").forEach(peer -> peers.add(peer.asString()));
        return peers;
    }

    private static PublicKey swarm(NodeProcess stock, int seed) {
        JsonNode made = ask(stock, "{'do':'swarm','seed':" + seed + "}");
        return new PublicKey(HexFormat.of().parseHex(made.path("publicKey").asString()));
    }

    private static void join(NodeProcess stock, int seed, int topic, boolean server, boolean client) {
        JsonNode joined = ask(stock, joining(seed, topic, server, client));
        assertThat(joined.has("failed")).as("%s", joined).isFalse();
    }

    private static String joining(int seed, int topic, boolean server, boolean client) {
        return "{'do':'join','seed':" + seed + ",'topic':'"
                + HexFormat.of().formatHex(topic(topic).bytes()) + "','server':" + server + ",'client':" + client + "}";
    }

    private static JsonNode ask(NodeProcess stock, String command) {
        stock.send(command.replace('\'', '"'));
        return stock.next();
    }

    private static PeerAddress bootstrap(NodeProcess stock) {
        return PeerAddress.parse(stock.next().path("bootstrap").asString());
    }

    private static Target topic(int value) {
        return new Target(filled(value));
    }

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static DhtOptions options(PeerAddress bootstrap, DhtOptions.Mode mode) {
        return DhtOptions.joining(List.of(BootstrapNode.at(bootstrap))).withReachable(mode);
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** A DHT of our nodes. */
    private static final class JavaNet implements AutoCloseable {
        private final List<Dht> nodes = new ArrayList<>();

        JavaNet(int count) throws IOException {
            nodes.add(Dht.bootstrapper(PeerAddress.parse("127.0.0.1:0")));
            while (nodes.size() < count) {
                Dht node = Dht.open(options(PeerAddress.parse(text()), DhtOptions.Mode.PERSISTENT), anyPort());
                nodes.add(node);
                node.awaitBootstrapped();
            }
        }

        String text() {
            return PeerAddress.of(nodes.getFirst().localAddress()).toString();
        }

        @Override
        public void close() {
            nodes.reversed().forEach(Dht::close);
        }
    }

    /** One of our swarms: serves what wire-peer.mjs lists. */
    private static final class Node implements AutoCloseable {
        private final PeerNetwork network;
        private final Swarm swarm;
        private final Hyperswarm swarming;
        private final BlockingQueue<Connection> made = new LinkedBlockingQueue<>();

        Node(PeerAddress bootstrap, int seed) throws IOException {
            // Ephemeral, so that nobody waits for it when it has gone.
            network = PeerNetwork.open(options(bootstrap, DhtOptions.Mode.EPHEMERAL), anyPort());
            swarm = new Swarm(KeyPair.fromSeed(filled(seed)), this::attach, PATIENT);
            swarming = new Hyperswarm(swarm, network, HyperswarmOptions.defaults(), HyperswarmListener.NONE);
            network.dht().awaitBootstrapped();
        }

        private void attach(Connection connection) {
            WireServices.attach(connection.mux());
            made.add(connection);
        }

        String hex() {
            return swarm.publicKey().hex();
        }

        void joinAndFlush(int topic, JoinOptions how) {
            assertThat(swarming.join(topic(topic), how).flushed()).isTrue();
            assertThat(swarming.flush()).isTrue();
        }

        /** Waits for a new connection to a peer. */
        Connection awaitPeer(PublicKey peer) {
            while (true) {
                Connection connection = Waiting.next(made);
                if (connection.remotePublicKey().equals(peer)) return connection;
            }
        }

        /** Waits until there is one connection to a peer, whatever came and went before. */
        void settle(PublicKey peer) {
            @Nullable Connection last = null;
            while (last == null || last.closed().isDone()) last = awaitPeer(peer);
        }

        void echo(Connection connection) {
            Talk echo = Talk.open(connection.mux(), "test/echo", null);
            echo.awaitOpen();
            byte[] block = new byte[65_536];
            for (int i = 0; i < BYTES / block.length; i++) {
                block[0] = (byte) i;
                echo.sendPatiently(0, block.clone());
            }
            for (int i = 0; i < BYTES / block.length; i++) {
                block[0] = (byte) i;
                assertThat(echo.next().payload()).isEqualTo(block);
            }
        }

        @Override
        public void close() {
            swarming.close();
            swarm.close();
            network.close();
        }
    }
}
