package org.datdot.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtException;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.DhtResults;
import org.datdot.dht.FoundPeer;
import org.datdot.dht.LookupResult;
import org.datdot.dht.MutableValue;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerRecord;
import org.datdot.dht.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/** One DHT of our nodes and stock hyperdht nodes, on loopback: each joins the other's network, stores there and finds there. */
@Timeout(300)
class DhtInteropTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Target TOPIC = new Target(filled(32, 7));
    private static final PeerAddress LOOPBACK = PeerAddress.parse("127.0.0.1:0");

    @Test
    void shouldStoreAndFindWhenItJoinsAStockNetwork() throws IOException {
        try (NodeProcess stock = NodeProcess.start("dht-net.js", "--nodes", "6")) {
            JsonNode ready = stock.next();
            try (Dht dht = join(PeerAddress.parse(ready.path("bootstrap").asString()))) {
                dht.awaitBootstrapped();
                assertThat(dht.info().id()).isEqualTo(address(dht).id());
                assertThat(dht.info().publicAddress()).isEqualTo(address(dht));
                assertThat(dht.nodes()).hasSize(6);
                bothWays(dht, stock);
                outdated(dht, stock);
                ask(
                        stock,
                        "knows",
                        "port",
                        address(dht).port(),
                        answer -> assertThat(answer.path("known").asInt()).isEqualTo(6));
            }
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    @Test
    void shouldServeStockNodesWhenTheNetworkIsOurs() throws IOException {
        List<Dht> nodes = new ArrayList<>();
        try {
            nodes.add(Dht.bootstrapper(LOOPBACK));
            PeerAddress bootstrap = address(nodes.getFirst());
            for (int i = 0; i < 5; i++) nodes.add(join(bootstrap));
            nodes.forEach(Dht::awaitBootstrapped);
            try (NodeProcess stock =
                    NodeProcess.start("dht-net.js", "--nodes", "1", "--bootstrap", bootstrap.toString())) {
                JsonNode ready = stock.next();
                int port = ready.path("ports").path(0).asInt();
                assertThat(ready.path("ids").path(0).asString())
                        .isEqualTo(new PeerAddress(LOOPBACK.host(), port).id().hex());
                ask(
                        stock,
                        "state",
                        "",
                        0,
                        state -> assertThat(state.path("known").path(0).asInt()).isEqualTo(6));
                bothWays(nodes.getLast(), stock);
                ask(
                        stock,
                        "ping",
                        "port",
                        bootstrap.port(),
                        answer -> assertThat(answer.path("to").asString()).isEqualTo("127.0.0.1"));
                ask(
                        stock,
                        "delayedPing",
                        "port",
                        bootstrap.port(),
                        answer -> assertThat(answer.path("late").asBoolean()).isTrue());
                assertThat(nodes.getFirst().ping(new PeerAddress(LOOPBACK.host(), port)))
                        .isNotNull();
                assertThat(nodes.stream().mapToInt(node -> node.info().values()).sum())
                        .isPositive();
                assertThat(stock.finish()).as(stock.errorText()).isZero();
            }
        } finally {
            nodes.forEach(Dht::close);
        }
    }

    @Test
    void shouldBeReachedThroughTheServerPortWhenAStockNetworkTestsItsFirewall() throws IOException {
        try (NodeProcess stock = NodeProcess.start("dht-net.js", "--nodes", "6")) {
            PeerAddress bootstrap =
                    PeerAddress.parse(stock.next().path("bootstrap").asString());
            DhtOptions cautious =
                    DhtOptions.joining(List.of(BootstrapNode.at(bootstrap))).withMode(DhtOptions.Mode.PERSISTENT);
            try (Dht dht = Dht.open(cautious, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                dht.awaitBootstrapped();
                assertThat(dht.info().firewalled()).isFalse();
                assertThat(dht.info().id()).isEqualTo(address(dht).id());
            }
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    @Test
    void shouldReachAStockNodeThroughItsServerPortWhenItTestsItsFirewallWithUs() throws IOException {
        List<Dht> nodes = new ArrayList<>();
        try {
            nodes.add(Dht.bootstrapper(LOOPBACK));
            PeerAddress bootstrap = address(nodes.getFirst());
            for (int i = 0; i < 5; i++) nodes.add(join(bootstrap));
            nodes.forEach(Dht::awaitBootstrapped);
            try (NodeProcess stock = NodeProcess.start(
                    "dht-net.js", "--nodes", "1", "--bootstrap", bootstrap.toString(), "--firewalled")) {
                int port = stock.next().path("ports").path(0).asInt();
                ask(
                        stock,
                        "state",
                        "",
                        0,
                        state -> assertThat(state.path("ephemeral").path(0).asBoolean(true))
                                .isFalse());
                PeerAddress address = new PeerAddress(LOOPBACK.host(), port);
                Waiting.until(
                        "a node of ours knows it",
                        () -> nodes.stream().anyMatch(node -> node.nodes().contains(address)));
                assertThat(stock.finish()).as(stock.errorText()).isZero();
            }
        } finally {
            nodes.forEach(Dht::close);
        }
    }

    @Test
    void shouldBeOneNetworkWhenTenOfOursMeetTenStockNodes() throws IOException {
        List<Dht> nodes = new ArrayList<>();
        try (NodeProcess stock = NodeProcess.start("dht-net.js", "--nodes", "10")) {
            PeerAddress bootstrap =
                    PeerAddress.parse(stock.next().path("bootstrap").asString());
            for (int i = 0; i < 10; i++) {
                nodes.add(join(bootstrap));
                nodes.getLast().awaitBootstrapped();
            }
            assertThat(nodes.getLast().nodes()).hasSizeGreaterThan(15);
            for (Dht dht : List.of(nodes.getFirst(), nodes.get(4), nodes.getLast())) bothWays(dht, stock);
            // Stock servers announce themselves, each at the three nodes that are closest to its key: of eight servers
            // one is next to
            // a node of ours as good as certainly.
            for (int seed = 30; seed < 38; seed++) {
                ask(
                        stock,
                        "listen",
                        "seed",
                        seed,
                        answer ->
                                assertThat(answer.path("listening").asBoolean()).isTrue());
            }
            KeyPair server = KeyPair.fromSeed(filled(32, 30));
            try (DhtResults<FoundPeer> found = nodes.get(7).findPeer(server.publicKey())) {
                Set<Integer> from = new TreeSet<>();
                while (found.hasNext()) from.add(found.next().from().port());
                assertThat(from).isNotEmpty();
            }
            assertThat(nodes.stream()
                            .mapToInt(node -> node.info().announcements())
                            .sum())
                    .isPositive();
            assertThat(nodes).allMatch(node -> node.info().malformed() == 0);
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        } finally {
            nodes.forEach(Dht::close);
        }
    }

    /** All records in both directions. */
    private static void bothWays(Dht dht, NodeProcess stock) throws IOException {
        KeyPair ours = KeyPair.fromSeed(filled(32, 3));
        KeyPair theirs = KeyPair.fromSeed(filled(32, 4));
        PeerAddress relay = PeerAddress.parse("127.0.0.1:4242");
        assertThat(dht.announce(TOPIC, ours, List.of(relay))).isNotEmpty();
        ask(
                stock,
                "announce",
                "seed",
                4,
                answer -> assertThat(answer.path("nodes").asInt()).isPositive());
        List<String> both = new ArrayList<>(
                new TreeSet<>(List.of(ours.publicKey().hex(), theirs.publicKey().hex())));
        ask(stock, "lookup", "", 0, answer -> {
            assertThat(texts(answer.path("peers"))).isEqualTo(both);
            assertThat(texts(answer.path("relays"))).containsExactly(relay.toString());
        });
        assertThat(lookup(dht)).isEqualTo(both);
        dht.unannounce(TOPIC, ours);
        ask(
                stock,
                "unannounce",
                "seed",
                4,
                answer -> assertThat(answer.path("done").asBoolean()).isTrue());
        assertThat(lookup(dht)).isEmpty();
        ask(
                stock,
                "lookup",
                "",
                0,
                answer -> assertThat(texts(answer.path("peers"))).isEmpty());

        // Under its own key a peer becomes known to the nodes that pass on handshakes.
        dht.announce(Target.of(ours.publicKey()), ours, List.of());
        ask(
                stock,
                "findPeer",
                "seed",
                3,
                answer -> assertThat(answer.path("from").size()).isPositive());
        dht.unannounce(Target.of(ours.publicKey()), ours);
        ask(
                stock,
                "findPeer",
                "seed",
                3,
                answer -> assertThat(answer.path("from").size()).isZero());

        byte[] value = ("value of " + dht.localAddress()).getBytes(UTF_8);
        Target hash = dht.immutablePut(value);
        assertThat(got(stock, hash)).isEqualTo(hex(value));
        byte[] large = filled(Dht.MAX_VALUE_BYTES, dht.localAddress().getPort() & 0x7f);
        ObjectNode put = JSON.createObjectNode().put("do", "immutablePut").put("value", hex(large));
        stock.send(put.toString());
        assertThat(stock.next().path("hash").asString())
                .isEqualTo(Target.hash(large).hex());
        assertThat(dht.immutableGet(Target.hash(large))).isEqualTo(large);
        assertThat(dht.immutableGet(new Target(filled(32, 99)))).isNull();
        assertThat(got(stock, new Target(filled(32, 99)))).isEqualTo("null");

        KeyPair owner = KeyPair.fromSeed(filled(32, dht.localAddress().getPort() & 0x7f));
        dht.mutablePut(owner, value, 0);
        mutable(stock, owner, 0, value);
        ObjectNode newer = JSON.createObjectNode()
                .put("do", "mutablePut")
                .put("seed", dht.localAddress().getPort() & 0x7f)
                .put("seq", 5)
                .put("value", hex(large));
        stock.send(newer.toString());
        assertThat(stock.next().path("nodes").asInt()).isPositive();
        MutableValue read = Objects.requireNonNull(dht.mutableGet(owner.publicKey(), 1));
        assertThat(read.seq()).isEqualTo(5);
        assertThat(read.value()).isEqualTo(large);
        assertThat(dht.mutableGet(owner.publicKey(), 6)).isNull();
        dht.mutablePut(owner, value, 6);
        mutable(stock, owner, 6, value);
    }

    private static void outdated(Dht dht, NodeProcess stock) throws IOException {
        KeyPair owner = KeyPair.fromSeed(filled(32, 77));
        dht.mutablePut(owner, new byte[] {1}, 3);
        for (long seq : new long[] {2, 3}) {
            try {
                dht.mutablePut(owner, new byte[] {2}, seq);
                throw new AssertionError("stored an older value");
            } catch (DhtException e) {
                assertThat(e.reason()).isEqualTo(DhtException.Reason.OUTDATED);
            }
        }
        mutable(stock, owner, 3, new byte[] {1});
    }

    private static void mutable(NodeProcess stock, KeyPair owner, long seq, byte[] value) {
        ObjectNode get = JSON.createObjectNode()
                .put("do", "mutableGet")
                .put("seed", owner.secretKey().seed()[0])
                .put("seq", seq);
        stock.send(get.toString());
        JsonNode answer = stock.next();
        assertThat(answer.path("value").asString()).isEqualTo(hex(value));
        assertThat(answer.path("seq").asLong()).isEqualTo(seq);
    }

    private static String got(NodeProcess stock, Target target) {
        stock.send(JSON.createObjectNode()
                .put("do", "immutableGet")
                .put("target", target.hex())
                .toString());
        JsonNode value = stock.next().path("value");
        return value.isNull() ? "null" : value.asString();
    }

    private static List<String> lookup(Dht dht) {
        Set<String> keys = new TreeSet<>();
        try (DhtResults<LookupResult> results = dht.lookup(TOPIC)) {
            while (results.hasNext()) {
                for (PeerRecord peer : results.next().peers())
                    keys.add(peer.publicKey().hex());
            }
        }
        return List.copyOf(keys);
    }

    private interface Check {
        void accept(JsonNode answer) throws IOException;
    }

    private static void ask(NodeProcess stock, String what, String name, int number, Check check) throws IOException {
        ObjectNode command = JSON.createObjectNode().put("do", what).put("target", TOPIC.hex());
        if (!name.isEmpty()) command.put(name, number);
        stock.send(command.toString());
        JsonNode answer = stock.next();
        assertThat(answer.has("failed")).as("%s answered with %s", what, answer).isFalse();
        check.accept(answer);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asString()));
        return texts;
    }

    private static Dht join(PeerAddress bootstrap) throws IOException {
        DhtOptions options =
                DhtOptions.joining(List.of(BootstrapNode.at(bootstrap))).withReachable(DhtOptions.Mode.PERSISTENT);
        return Dht.open(options, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static PeerAddress address(Dht dht) {
        return PeerAddress.of(dht.localAddress());
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
