package org.datdot.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Hyperswarm;
import org.datdot.swarm.HyperswarmListener;
import org.datdot.swarm.HyperswarmOptions;
import org.datdot.swarm.RelayChoice;
import org.datdot.swarm.RelayClient;
import org.datdot.swarm.RelayServer;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** One of ours in the NAT laboratory: does what interop/node/nat-peer.mjs does, except for the network itself. */
final class NatPeer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BLOCK_BYTES = 16_384;
    private static final SwarmOptions ROOMY =
            SwarmOptions.defaults().withTimes(30_000, 5_000, 60_000).withOutbox(1 << 20, 64 << 20);

    private @Nullable PeerNetwork network;
    private @Nullable Swarm swarm;
    private @Nullable Hyperswarm swarming;
    private @Nullable RelayClient relays;
    private @Nullable RelayServer relaying;
    private final BlockingQueue<Connection> connected = new LinkedBlockingQueue<>();
    private @Nullable Connection last;

    private NatPeer() {}

    /** Reads commands from standard input. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        NatPeer peer = new NatPeer();
        say(Map.of("ready", true));
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            JsonNode command = JSON.readTree(line);
            FutureTask<Map<String, ?>> task = new FutureTask<>(() -> peer.answer(command));
            Thread.ofVirtual().start(task);
            try {
                say(task.get());
            } catch (ExecutionException e) {
                say(Map.of("failed", String.valueOf(e.getCause())));
            }
        }
        peer.end();
    }

    private static void say(Map<String, ?> answer) {
        System.out.println(JSON.writeValueAsString(answer));
    }

    private Map<String, ?> answer(JsonNode command) throws IOException, InterruptedException {
        return switch (command.path("do").asString()) {
            case "serve" -> Map.of("key", fresh(command).publicKey().hex());
            case "dial" -> Map.of("echoed", echo(fresh(command).connect(peer(command)), command));
            case "swarm-serve" -> {
                Hyperswarm made = freshSwarm(command);
                made.listen();
                yield Map.of("key", Objects.requireNonNull(swarm).publicKey().hex());
            }
            case "swarm-dial" ->
                Map.of("echoed", echo(freshSwarm(command).connect(peer(command)).join(), command));
            case "swarm-stay" -> {
                freshSwarm(command).joinPeer(peer(command));
                yield Map.of("echoed", again(command));
            }
            case "again" -> Map.of("echoed", again(command));
            case "lost" -> lost();
            case "relay" -> Map.of("key", relay(command).publicKey().hex());
            case "relayed" ->
                Map.of("pairings", Objects.requireNonNull(relaying).pairs());
            case "end" -> Map.of("ended", end());
            default -> throw new IllegalArgumentException("unknown: " + command);
        };
    }

    private Swarm relay(JsonNode command) throws IOException {
        PeerNetwork made = network(command);
        RelayServer server = new RelayServer(made, 64);
        Swarm serving = new Swarm(KeyPair.generate(Entropy.system()), server::accept, ROOMY);
        relaying = server;
        swarm = serving;
        serving.join(made);
        return serving;
    }

    private PeerNetwork network(JsonNode command) throws IOException {
        DhtOptions options = DhtOptions.joining(List.of(
                BootstrapNode.at(PeerAddress.parse(command.path("bootstrap").asString()))));
        if (command.path("open").asBoolean(true)) options = options.withReachable(DhtOptions.Mode.ADAPTIVE);
        PeerNetwork made = PeerNetwork.open(
                options, new InetSocketAddress(command.path("host").asString(), 0));
        network = made;
        made.dht().awaitBootstrapped();
        return made;
    }

    private Swarm fresh(JsonNode command) throws IOException {
        PeerNetwork made = network(command);
        swarm = new Swarm(
                KeyPair.generate(Entropy.system()), connection -> WireServices.attach(connection.mux()), ROOMY);
        relays = new RelayClient(made, KeyPair.generate(Entropy.system()), ROOMY);
        made.relays(relays);
        String relay = command.path("relay").asString("");
        swarm.join(made, relay.isEmpty() ? null : key(relay));
        return swarm;
    }

    private Hyperswarm freshSwarm(JsonNode command) throws IOException {
        PeerNetwork made = network(command);
        Swarm connections = new Swarm(
                KeyPair.generate(Entropy.system()),
                connection -> {
                    WireServices.attach(connection.mux());
                    connected.add(connection);
                },
                ROOMY);
        RelayChoice relay = RelayChoice.whenNeeded(
                Arrays.stream(command.path("relay").asString().split(","))
                        .map(NatPeer::key)
                        .toList());
        Hyperswarm dialling = new Hyperswarm(
                connections, made, HyperswarmOptions.defaults().withRelayThrough(relay), HyperswarmListener.NONE);
        swarm = connections;
        swarming = dialling;
        return dialling;
    }

    /** Echoes through the next connection that is made. */
    private int again(JsonNode command) {
        Connection next = Waiting.next(connected);
        last = next;
        return echo(next, command);
    }

    /** Goes on sending until the connection is over. */
    private Map<String, ?> lost() throws InterruptedException {
        Connection connection = last == null ? Waiting.next(connected) : last;
        last = null;
        long began = System.nanoTime();
        Talk talk = Talk.open(connection.mux(), "test/echo", null);
        WireException end = null;
        while (end == null) {
            talk.channel.send(0, new byte[BLOCK_BYTES]);
            try {
                end = connection.closed().get(100, TimeUnit.MILLISECONDS);
            } catch (TimeoutException _) {
                // Not yet.
            } catch (ExecutionException e) {
                throw new IllegalStateException("a connection ends with a reason", e);
            }
        }
        long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        return Map.of("failure", end.getMessage() + " / " + end.getCause(), "ms", tookMs);
    }

    private static PublicKey peer(JsonNode command) {
        return key(command.path("key").asString());
    }

    private static int echo(Connection connection, JsonNode command) {
        Talk echo = Talk.open(connection.mux(), "test/echo", null);
        echo.awaitOpen();
        int blocks = command.path("bytes").asInt() / BLOCK_BYTES;
        for (int i = 0; i < blocks; i++) echo.sendPatiently(0, new byte[BLOCK_BYTES]);
        int echoed = 0;
        for (int i = 0; i < blocks; i++) echoed += echo.next().payload().length;
        echo.channel.close();
        return echoed;
    }

    private static PublicKey key(String hex) {
        return new PublicKey(HexFormat.of().parseHex(hex));
    }

    private boolean end() {
        if (swarm == null) return false;
        if (swarming != null) swarming.close();
        swarming = null;
        swarm.close();
        if (relays != null) relays.close();
        Objects.requireNonNull(network).close();
        swarm = null;
        relays = null;
        last = null;
        connected.clear();
        return true;
    }
}
