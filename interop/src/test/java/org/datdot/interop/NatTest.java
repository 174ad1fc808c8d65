package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.datdot.interop.LabNat.Kind;
import org.datdot.interop.NatLab.Site;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Who reaches whom behind which routers, ours and stock peers, in {@link NatLab}. Skipped where network namespaces cannot be
 * made.
 */
@Timeout(1_800)
class NatTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BYTES = 256 << 10;

    /** What came of one attempt. */
    private enum Way {
        DIRECT,
        PUNCHED,
        RELAYED,
        NONE
    }

    /** Which peer a side runs. */
    private enum Side {
        JAVA,
        NODE
    }

    /** A laboratory with a stock network and a peer of each kind at both sites. */
    private static final class Bench implements AutoCloseable {
        private final NatLab lab;
        private final NodeProcess network;
        private final Map<Side, NodeProcess> left;
        private final Map<Side, NodeProcess> right;
        private final String bootstrap;
        private String failure = "";

        Bench() throws IOException {
            try {
                lab = NatLab.open();
            } catch (IOException e) {
                Assumptions.abort("network namespaces cannot be made here, so nothing is tested: " + e.getMessage());
                throw e;
            }
            network = NodeProcess.start(lab.at(Site.NETWORK), "nat-peer.mjs");
            left = peers(Site.LEFT);
            right = peers(Site.RIGHT);
            network.next();
            List<String> hosts =
                    IntStream.rangeClosed(1, 8).mapToObj(i -> "5.0.0." + i).toList();
            bootstrap = ask(network, Map.of("do", "net", "hosts", hosts))
                    .path("bootstrap")
                    .asString();
        }

        private Map<Side, NodeProcess> peers(Site site) {
            Map<Side, NodeProcess> peers = Map.of(
                    Side.NODE, NodeProcess.start(lab.at(site), "nat-peer.mjs"),
                    Side.JAVA, NodeProcess.java(lab.at(site), NatPeer.class));
            peers.values().forEach(NodeProcess::next);
            return peers;
        }

        /** A client on the left dials a server on the right. */
        Way attempt(Side client, Kind clientKind, Side server, Kind serverKind) {
            return attempt(client, clientKind, server, serverKind, "", "");
        }

        /** The same with a relay that one of them names. */
        Way attempt(
                Side client, Kind clientKind, Side server, Kind serverKind, String clientRelay, String serverRelay) {
            return attempt("", client, clientKind, server, serverKind, clientRelay, serverRelay);
        }

        /** Two hyperswarms behind routers that choose ports at random, with a relay as their option relayThrough. */
        Way attemptBySwarm(Side client, Side server, String relay) {
            return attempt("swarm-", client, Kind.RANDOM, server, Kind.RANDOM, relay, relay);
        }

        private Way attempt(
                String by,
                Side client,
                Kind clientKind,
                Side server,
                Kind serverKind,
                String clientRelay,
                String serverRelay) {
            lab.route(Site.LEFT, clientKind, 1);
            lab.route(Site.RIGHT, serverKind, 2);
            NodeProcess dialling = Objects.requireNonNull(left.get(client));
            NodeProcess listening = Objects.requireNonNull(right.get(server));
            try {
                String key = ask(listening, command(by + "serve", Site.RIGHT, serverKind, Map.of("relay", serverRelay)))
                        .path("key")
                        .asString();
                assertThat(key).as("%s listens behind %s", server, serverKind).hasSize(64);
                JsonNode done = ask(
                        dialling,
                        command(
                                by + "dial",
                                Site.LEFT,
                                clientKind,
                                Map.of("key", key, "bytes", BYTES, "relay", clientRelay)));
                failure = done.path("failed").asString("");
                if (!done.has("echoed")) return Way.NONE;
                assertThat(done.path("echoed").asInt()).isEqualTo(BYTES);
                NatLab.Seen seen = lab.seen();
                boolean relayed = seen.packets() < BYTES / 1_500;
                if (relayed) return Way.RELAYED;
                return seen.probes() == 0 ? Way.DIRECT : Way.PUNCHED;
            } finally {
                ask(dialling, Map.of("do", "end"));
                ask(listening, Map.of("do", "end"));
            }
        }

        /** Both name a relay and punch as well; whatever comes first, and however they change over, everything arrives. */
        void goOver(Side client, Side server, String relay) {
            assertThat(attempt(client, Kind.CONSISTENT, server, Kind.CONSISTENT, relay, relay))
                    .as(() -> client + " to " + server + ": " + failure)
                    .isNotEqualTo(Way.NONE);
        }

        /**
         * A relay that joins two sides dies. Ours say so; and they go through the other relay then, unless the listening side,
         * which names it, is a stock one that may name the dead one for long.
         */
        void loseARelay(Side kind, Side client, Side server) {
            lab.route(Site.LEFT, Kind.RANDOM, 1);
            lab.route(Site.RIGHT, Kind.RANDOM, 2);
            NodeProcess dialling = Objects.requireNonNull(left.get(client));
            NodeProcess listening = Objects.requireNonNull(right.get(server));
            String what = kind + " relays for " + client + " and " + server + ": ";
            try (NodeProcess one = relay(kind);
                    NodeProcess two = relay(kind)) {
                String relays = relayKey(one, "5.0.0.9") + "," + relayKey(two, "5.0.0.10");
                String key = ask(listening, command("swarm-serve", Site.RIGHT, Kind.RANDOM, Map.of("relay", relays)))
                        .path("key")
                        .asString();
                Map<String, ?> wanted = Map.of("key", key, "bytes", BYTES, "relay", relays);
                JsonNode before = ask(dialling, command("swarm-stay", Site.LEFT, Kind.RANDOM, wanted));
                assertThat(before.path("echoed").asInt())
                        .as("%s%s", what, before)
                        .isEqualTo(BYTES);
                dialling.send(JSON.writeValueAsString(Map.of("do", "lost")));
                listening.send(JSON.writeValueAsString(Map.of("do", "lost")));
                (ask(one, Map.of("do", "relayed")).path("pairings").asInt() > 0 ? one : two).close();
                JsonNode atClient = dialling.next();
                JsonNode atServer = listening.next();
                System.out.println(what + atClient + ", " + atServer);
                if (client == Side.JAVA)
                    assertThat(atClient.path("failure").asString()).as(what).contains("relay");
                if (server == Side.JAVA)
                    assertThat(atServer.path("failure").asString()).as(what).contains("relay");
                if (server == Side.JAVA) {
                    JsonNode after = ask(dialling, Map.of("do", "again", "bytes", BYTES));
                    assertThat(after.path("echoed").asInt())
                            .as("%s%s", what, after)
                            .isEqualTo(BYTES);
                }
            } finally {
                ask(dialling, Map.of("do", "end"));
                ask(listening, Map.of("do", "end"));
            }
        }

        /** A relay in the open, until it is closed. */
        NodeProcess relay(Side kind) {
            NodeProcess relay = kind == Side.NODE
                    ? NodeProcess.start(lab.at(Site.NETWORK), "nat-peer.mjs")
                    : NodeProcess.java(lab.at(Site.NETWORK), NatPeer.class);
            relay.next();
            return relay;
        }

        String relayKey(NodeProcess relay) {
            return relayKey(relay, "5.0.0.9");
        }

        private String relayKey(NodeProcess relay, String host) {
            return ask(relay, Map.of("do", "relay", "host", host, "bootstrap", bootstrap))
                    .path("key")
                    .asString();
        }

        private Map<String, Object> command(String what, Site site, Kind kind, Map<String, ?> more) {
            boolean open = kind == Kind.OPEN;
            Map<String, Object> command = new HashMap<>(more);
            command.putAll(Map.of(
                    "do", what, "host", open ? site.outside : site.inside, "open", open, "bootstrap", bootstrap));
            return command;
        }

        private static JsonNode ask(NodeProcess peer, Map<String, ?> command) {
            peer.send(JSON.writeValueAsString(command));
            return peer.next();
        }

        @Override
        public void close() throws IOException {
            left.values().forEach(NodeProcess::close);
            right.values().forEach(NodeProcess::close);
            network.close();
            lab.close();
        }
    }

    @Test
    void shouldPunchToAndFromStockPeersWhenBothRoutersAreConsistent() throws IOException {
        try (Bench bench = new Bench()) {
            assertThat(bench.attempt(Side.JAVA, Kind.CONSISTENT, Side.NODE, Kind.CONSISTENT))
                    .isEqualTo(Way.PUNCHED);
            assertThat(bench.attempt(Side.NODE, Kind.CONSISTENT, Side.JAVA, Kind.CONSISTENT))
                    .isEqualTo(Way.PUNCHED);
            assertThat(bench.attempt(Side.JAVA, Kind.CONSISTENT, Side.JAVA, Kind.OPEN))
                    .isEqualTo(Way.DIRECT);
            assertThat(bench.attempt(Side.NODE, Kind.OPEN, Side.JAVA, Kind.CONSISTENT))
                    .isEqualTo(Way.DIRECT);
        }
    }

    @Test
    void shouldGoThroughARelayWhenBothRoutersAreRandom() throws IOException {
        try (Bench bench = new Bench()) {
            for (Side kind : Side.values()) {
                try (NodeProcess relay = bench.relay(kind)) {
                    String key = bench.relayKey(relay);
                    assertThat(key).hasSize(64);
                    Side other = kind == Side.JAVA ? Side.NODE : Side.JAVA;
                    // The stock client names our relay; our client's stock server names the stock one.
                    boolean ours = kind == Side.JAVA;
                    assertThat(bench.attempt(other, Kind.RANDOM, kind, Kind.RANDOM, ours ? key : "", ours ? "" : key))
                            .as(() -> kind + " relays for a " + other + " client and a " + kind + " server: "
                                    + bench.failure)
                            .isEqualTo(Way.RELAYED);
                    for (Side client : Side.values()) {
                        Side server = client == Side.JAVA ? Side.NODE : Side.JAVA;
                        assertThat(bench.attemptBySwarm(client, server, key))
                                .as(() -> "hyperswarms, " + client + " to " + server + ": " + bench.failure)
                                .isEqualTo(Way.RELAYED);
                    }
                    bench.goOver(other, kind, key);
                    bench.goOver(kind, other, key);
                }
            }
        }
    }

    /**
     * Two stock peers with a stock relay are left out: there the side that has punched first ends the relaying before the other
     * one's first packet has come through, and libudx repeats that packet to the relay until the stream dies of it.
     */
    @Test
    @Tag("slow")
    void shouldGoOverFromARelayToADirectWayTimeAndAgain() throws IOException {
        int rounds = Integer.getInteger("interop.rounds", 10);
        try (Bench bench = new Bench()) {
            for (Side kind : Side.values()) {
                try (NodeProcess relay = bench.relay(kind)) {
                    String key = bench.relayKey(relay);
                    for (int round = 0; round < rounds; round++) {
                        for (Side client : Side.values()) {
                            for (Side server : Side.values()) {
                                boolean stock = client == Side.NODE && server == Side.NODE && kind == Side.NODE;
                                if (!stock) bench.goOver(client, server, key);
                            }
                        }
                    }
                }
            }
        }
    }

    /** Both sides name two relays, and the one that joined them is killed while they talk. */
    @Test
    @Tag("slow")
    void shouldSayThatTheRelayIsGoneAndGoThroughAnotherOne() throws IOException {
        try (Bench bench = new Bench()) {
            for (Side kind : Side.values()) {
                for (Side client : Side.values()) bench.loseARelay(kind, client, Side.JAVA);
                bench.loseARelay(kind, Side.JAVA, Side.NODE);
            }
        }
    }

    @Test
    @Tag("slow")
    void shouldRelayForEverybodyWhoeverNamesTheRelay() throws IOException {
        try (Bench bench = new Bench()) {
            for (Side kind : Side.values()) {
                try (NodeProcess relay = bench.relay(kind)) {
                    String key = bench.relayKey(relay);
                    for (Side client : Side.values()) {
                        for (Side server : Side.values()) {
                            String what = kind + " relays for " + client + " and " + server;
                            assertThat(bench.attempt(client, Kind.RANDOM, server, Kind.RANDOM, key, ""))
                                    .as(what)
                                    .isEqualTo(Way.RELAYED);
                            assertThat(bench.attempt(client, Kind.RANDOM, server, Kind.RANDOM, "", key))
                                    .as(what)
                                    .isEqualTo(Way.RELAYED);
                        }
                    }
                }
            }
        }
    }

    @Test
    @Tag("slow")
    void shouldConnectWhomeverStockPeersConnect() throws IOException {
        List<String> table = new ArrayList<>();
        List<String> worse = new ArrayList<>();
        try (Bench bench = new Bench()) {
            for (Kind clientKind : Kind.values()) {
                for (Kind serverKind : Kind.values()) {
                    StringBuilder row = new StringBuilder(String.format("%-11s %-11s", clientKind, serverKind));
                    Way stock = bench.attempt(Side.NODE, clientKind, Side.NODE, serverKind);
                    row.append(" Node×Node ").append(stock);
                    for (Side client : Side.values()) {
                        for (Side server : Side.values()) {
                            if (client == Side.NODE && server == Side.NODE) continue;
                            Way way = bench.attempt(client, clientKind, server, serverKind);
                            row.append(", ")
                                    .append(client)
                                    .append('×')
                                    .append(server)
                                    .append(' ')
                                    .append(way);
                            if (way == Way.NONE && stock != Way.NONE) {
                                worse.add(client + " " + clientKind + " to " + server + " " + serverKind);
                            }
                        }
                    }
                    System.out.println(row);
                    table.add(row.toString());
                }
            }
        }
        assertThat(worse).as(String.join("\n", table)).isEmpty();
    }
}
