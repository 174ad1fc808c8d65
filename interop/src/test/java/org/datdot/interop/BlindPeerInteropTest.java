package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;
import org.datdot.hosting.BlindPeer;
import org.datdot.hosting.BlindPeerOptions;
import org.datdot.hosting.Peers;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.SwarmOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Apps that have their cores kept by blind peers, stock blind-peering, and a DatDot node as the blind peer. */
@Timeout(300)
class BlindPeerInteropTest {
    private static final KeyPair KEYS = KeyPair.fromSeed(new byte[32]);

    @TempDir
    Path place;

    private Dht bootstrap;

    @BeforeEach
    void startNetwork() throws IOException {
        bootstrap = Dht.bootstrapper(PeerAddress.parse("127.0.0.1:0"));
    }

    @AfterEach
    void endNetwork() {
        bootstrap.close();
    }

    @Test
    void shouldKeepACoreOfAStockAppWhenTheAppHasGoneAndTheNodeRestarts() throws IOException {
        CoreKey key;
        String digest;
        try (Node node = new Node(BlindPeerOptions.upTo(1 << 30))) {
            try (NodeProcess app = app()) {
                JsonNode added = ask(app, "{'do':'addCore','to':'" + node.hex() + "','blocks':100,'bytes':5000}");
                assertThat(added.has("failed")).as("%s", added).isFalse();
                key = new CoreKey(HexFormat.of().parseHex(added.path("key").asString()));
                JsonNode grown = ask(app, "{'do':'append','blocks':20,'bytes':5000}");
                digest = grown.path("sha256").asString();
                assertThat(app.finish()).as(app.errorText()).isZero();
            }
            requireKept(node, key, digest);
        }
        try (Node again = new Node(BlindPeerOptions.upTo(1 << 30))) {
            assertThat(again.blindPeer.status().cores()).isEqualTo(1);
            requireKept(again, key, digest);
        }
    }

    private static void requireKept(Node node, CoreKey key, String digest) {
        assertThat(node.blindPeer.status().bytes()).isEqualTo(120 * 5_000);
        try (Hypercore core = node.store.get(key)) {
            assertThat(core.length()).isEqualTo(120);
            assertThat(JavaPeer.digest(core, 0, 120)).isEqualTo(digest);
        }
    }

    @Test
    void shouldKeepAnAutobaseOfAStockApp() throws IOException {
        try (Node node = new Node(BlindPeerOptions.upTo(1 << 30));
                NodeProcess app = app()) {
            JsonNode added = ask(app, "{'do':'addAutobase','to':'" + node.hex() + "','entries':30}");
            assertThat(added.has("failed")).as("%s", added).isFalse();
            assertThat(node.blindPeer.status().cores()).isGreaterThanOrEqualTo(1);
            CoreKey local =
                    new CoreKey(HexFormat.of().parseHex(added.path("local").asString()));
            try (Hypercore core = node.store.get(local)) {
                assertThat(core.length()).isGreaterThanOrEqualTo(30);
                for (long i = 0; i < core.length(); i++)
                    assertThat(core.has(i)).as("block %s", i).isTrue();
            }
            assertThat(app.finish()).as(app.errorText()).isZero();
        }
    }

    @Test
    void shouldSayWhyWhenThereIsNoRoom() throws IOException {
        BlindPeerOptions two = new BlindPeerOptions(1 << 30, 10, 2, Set.of());
        try (Node node = new Node(two);
                NodeProcess app = app()) {
            assertThat(rpc(app, node, 1).path("length").asInt(-1)).isZero();
            assertThat(rpc(app, node, 2).path("announce").asBoolean(true))
                    .as("not trusted")
                    .isFalse();
            assertThat(rpc(app, node, 1).has("failed"))
                    .as("one that is kept already")
                    .isFalse();
            JsonNode refused = rpc(app, node, 3);
            assertThat(refused.path("failed").asString()).isEqualTo("REQUEST_ERROR");
            assertThat(refused.path("cause").asString()).contains("2 cores of yours");
            assertThat(delete(app, node, 1).path("cause").asString()).contains("trusted");
            assertThat(ask(app, "{'do':'unknown','to':'" + node.hex() + "'}")
                            .path("failed")
                            .asString())
                    .isEqualTo("UNKNOWN_METHOD");
            assertThat(node.blindPeer.status().cores()).isEqualTo(2);
            assertThat(app.finish()).as(app.errorText()).isZero();
        }
    }

    @Test
    void shouldDeleteACoreWhenATrustedAppSaysSo() throws IOException {
        PublicKey trusted = KeyPair.fromSeed(filled(90)).publicKey();
        try (Node node = new Node(BlindPeerOptions.upTo(1 << 30).withTrusted(Set.of(trusted)));
                NodeProcess app = app()) {
            assertThat(rpc(app, node, 1).path("announce").asBoolean()).isTrue();
            assertThat(delete(app, node, 1).path("deleted").asBoolean()).isTrue();
            assertThat(delete(app, node, 1).path("deleted").asBoolean(true)).isFalse();
            assertThat(node.blindPeer.status()).isEqualTo(new BlindPeer.Status(0, 0));
            assertThat(app.finish()).as(app.errorText()).isZero();
        }
    }

    private static JsonNode rpc(NodeProcess app, Node node, int core) {
        return ask(app, "{'do':'rpc','to':'" + node.hex() + "','key':'" + hex(core) + "'}");
    }

    private static JsonNode delete(NodeProcess app, Node node, int core) {
        return ask(app, "{'do':'delete','to':'" + node.hex() + "','key':'" + hex(core) + "'}");
    }

    private static String hex(int core) {
        return HexFormat.of().formatHex(filled(core));
    }

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        java.util.Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private NodeProcess app() {
        NodeProcess app = NodeProcess.start(
                "blind-peering.mjs",
                "--bootstrap",
                PeerAddress.of(bootstrap.localAddress()).toString());
        assertThat(app.next().has("publicKey")).isTrue();
        return app;
    }

    private static JsonNode ask(NodeProcess app, String command) {
        app.send(command.replace('\'', '"'));
        return app.next();
    }

    /** A DatDot node that keeps cores. */
    private final class Node implements AutoCloseable {
        private final PeerNetwork network;
        private final Corestore store;
        private final Peers peers;
        private final BlindPeer blindPeer;

        Node(BlindPeerOptions options) throws IOException {
            DhtOptions joining = DhtOptions.joining(List.of(BootstrapNode.at(PeerAddress.of(bootstrap.localAddress()))))
                    .withReachable(DhtOptions.Mode.PERSISTENT);
            network = PeerNetwork.open(joining, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            store = Corestore.open(place.resolve("store"), StoreOptions.defaults());
            peers = new Peers(KEYS, store, SwarmOptions.defaults());
            peers.join(network);
            blindPeer = BlindPeer.start(KEYS.publicKey(), store, peers, options);
            peers.listenByKey();
        }

        String hex() {
            return KEYS.publicKey().hex();
        }

        @Override
        public void close() {
            blindPeer.close();
            peers.close();
            network.close();
            store.close();
        }
    }
}
