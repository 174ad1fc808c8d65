package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.Target;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Stock nodes of the DHT and stock hyperswarms, which are named by the number their key is made of (interop/node/swarm-net.mjs). */
final class StockSwarms implements AutoCloseable {
    /** What is echoed through a connection. */
    static final int BYTES = 1 << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final NodeProcess process;
    private final PeerAddress bootstrap;

    private StockSwarms(NodeProcess process) {
        this.process = process;
        bootstrap = PeerAddress.parse(process.next().path("bootstrap").asString());
    }

    /** A network of so many nodes. */
    static StockSwarms start(int nodes) {
        return new StockSwarms(NodeProcess.start("swarm-net.mjs", "--nodes", "" + nodes));
    }

    /** So many nodes that join a network, none for swarms alone. */
    static StockSwarms joining(PeerAddress bootstrap, int nodes) {
        return new StockSwarms(
                NodeProcess.start("swarm-net.mjs", "--nodes", "" + nodes, "--bootstrap", bootstrap.toString()));
    }

    /** Where the network begins. */
    PeerAddress bootstrap() {
        return bootstrap;
    }

    PublicKey swarm(int seed) {
        JsonNode made = ask(seed, "swarm", Map.of());
        return new PublicKey(HexFormat.of().parseHex(made.path("publicKey").asString()));
    }

    /** Waits until that is announced and looked up. */
    void join(int seed, int topic, boolean server, boolean client) {
        ask(seed, "join", joining(topic, server, client));
    }

    /** The same without waiting: {@link #answered} does. */
    void beginToJoin(int seed, int topic, boolean server, boolean client) {
        send(seed, "join", joining(topic, server, client));
    }

    private static Map<String, ?> joining(int topic, boolean server, boolean client) {
        return Map.of("topic", HexFormat.of().formatHex(topic(topic).bytes()), "server", server, "client", client);
    }

    void listen(int seed) {
        ask(seed, "listen", Map.of());
    }

    void joinPeer(int seed, PublicKey peer) {
        ask(seed, "joinPeer", Map.of("key", peer.hex()));
    }

    /** Waits until so many peers are connected; their keys. */
    List<String> peers(int seed, int count) {
        return keys(ask(seed, "peers", Map.of("count", count)));
    }

    /** Waits until all peers that were found are dialled; those that are connected. */
    List<String> flush(int seed) {
        return keys(ask(seed, "flush", Map.of()));
    }

    /** Sends {@value #BYTES} bytes to a peer and back. */
    void echo(int seed, PublicKey peer) {
        JsonNode echoed = ask(seed, "echo", Map.of("key", peer.hex(), "bytes", BYTES));
        assertThat(echoed.path("echoed").asInt()).as("%s", echoed).isEqualTo(BYTES);
    }

    void drop(int seed) {
        ask(seed, "drop", Map.of());
    }

    void destroy(int seed) {
        ask(seed, "destroy", Map.of());
    }

    /** Ends it; nothing may have gone wrong. */
    void finish() {
        assertThat(process.finish()).as(process.errorText()).isZero();
    }

    /** Waits for the answer to what was begun. */
    JsonNode answered() {
        JsonNode answer = process.next();
        assertThat(answer.has("failed")).as("%s", answer).isFalse();
        return answer;
    }

    private JsonNode ask(int seed, String what, Map<String, ?> more) {
        send(seed, what, more);
        return answered();
    }

    private void send(int seed, String what, Map<String, ?> more) {
        var command = JSON.createObjectNode().put("do", what).put("seed", seed);
        more.forEach((name, value) -> command.set(name, JSON.valueToTree(value)));
        process.send(JSON.writeValueAsString(command));
    }

    private static List<String> keys(JsonNode answer) {
        List<String> keys = new ArrayList<>();
        answer.path("peers").forEach(key -> keys.add(key.asString()));
        return keys;
    }

    static Target topic(int value) {
        return new Target(filled(value));
    }

    static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Override
    public void close() {
        process.close();
    }
}
