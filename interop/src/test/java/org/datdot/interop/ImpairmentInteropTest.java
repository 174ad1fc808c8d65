package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.datdot.udx.CloseReason;
import org.datdot.udx.DatagramListener;
import org.datdot.udx.Udx;
import org.datdot.udx.UdxOptions;
import org.datdot.udx.UdxSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * Streams over bad networks, by implementation of sender and receiver: content is equal, none dies. {@link #reportRates()} prints
 * how fast they are beside two stock peers.
 */
@Timeout(1_800)
class ImpairmentInteropTest {
    private static final int SMALL = 200_000;

    private enum Pair {
        JAVA_TO_JAVA,
        JAVA_TO_STOCK,
        STOCK_TO_JAVA,
        STOCK_TO_STOCK
    }

    private Udx udx;
    private Udx secondUdx;
    private UdxSocket socket;
    private UdxSocket secondSocket;
    private NodeProcess stock;
    private NodeProcess secondStock;
    private int stockPort;
    private int secondStockPort;
    private int lastId;

    @BeforeEach
    void start() throws IOException {
        udx = new Udx();
        secondUdx = new Udx();
        socket = udx.bind(UdxEnd.local(0), DatagramListener.NONE);
        secondSocket = secondUdx.bind(UdxEnd.local(0), DatagramListener.NONE);
        stock = NodeProcess.start("udx-peer.js");
        secondStock = NodeProcess.start("udx-peer.js");
        stockPort = stock.next().path("port").asInt();
        secondStockPort = secondStock.next().path("port").asInt();
    }

    @AfterEach
    void stop() {
        stock.close();
        secondStock.close();
        udx.close();
        secondUdx.close();
    }

    /** One side of a transfer: a stream of ours or of a stock peer. */
    private final class Side {
        private final boolean first;
        private final int id = ++lastId;
        private final UdxEnd end = new UdxEnd();
        private final boolean java;

        Side(boolean java, boolean first) {
            this.java = java;
            this.first = first;
        }

        int port() {
            if (java) return (first ? socket : secondSocket).local().getPort();
            return first ? stockPort : secondStockPort;
        }

        NodeProcess node() {
            return first ? stock : secondStock;
        }

        void connect(int remoteId, int port) {
            if (java) {
                end.attach((first ? udx : secondUdx).createStream(id, UdxOptions.defaults(), end));
                end.stream().connect(first ? socket : secondSocket, remoteId, UdxEnd.local(port));
            } else {
                node().send("{\"do\":\"connect\",\"id\":" + id + ",\"remoteId\":" + remoteId + ",\"port\":" + port
                        + "}");
                assertThat(event("connected").path("id").asInt()).isEqualTo(id);
            }
        }

        private final Map<String, JsonNode> seen = new HashMap<>();

        JsonNode event(String kind) {
            JsonNode known = seen.remove(kind);
            while (known == null) {
                JsonNode event = node().next();
                // Stock pairs are not waited for: what becomes of them when their link has gone comes later.
                if (event.path("id").asInt(id) != id) continue;
                assertThat(event.path("event").asString())
                        .as("stream %d: %s", id, event)
                        .isNotEqualTo("fail");
                if (event.path("event").asString().equals(kind)) return event;
                seen.put(event.path("event").asString(), event);
            }
            return known;
        }

        /** Writes and ends; what was written, as a hash. */
        String write(int bytes) {
            if (java) return end.write(id, bytes, true);
            node().send("{\"do\":\"write\",\"id\":" + id + ",\"bytes\":" + bytes + ",\"end\":true}");
            return "";
        }

        String sentHash(String written) {
            return java ? written : event("sent").path("hash").asString();
        }

        String readHash() throws Exception {
            return java ? end.readHash() : event("end").path("hash").asString();
        }

        void closed() throws Exception {
            if (java) assertThat(end.closeReason()).isEqualTo(CloseReason.ENDED);
            else event("close");
        }

        void end() {
            if (java) end.stream().end();
            else node().send("{\"do\":\"end\",\"id\":" + id + "}");
        }
    }

    /** Carries bytes over a link, checks them and that both sides end well. How long it took, in seconds. */
    private double transfer(Pair pair, Impairment impairment, int bytes, long seed) throws Exception {
        Side from = new Side(pair == Pair.JAVA_TO_JAVA || pair == Pair.JAVA_TO_STOCK, true);
        Side to = new Side(pair == Pair.JAVA_TO_JAVA || pair == Pair.STOCK_TO_JAVA, false);
        String name = pair + " " + impairment + " seed " + seed;
        try (ImpairedLink link =
                new ImpairedLink(UdxEnd.local(from.port()), UdxEnd.local(to.port()), impairment, seed)) {
            to.connect(from.id, link.portToOne());
            from.connect(to.id, link.portToOther());
            long began = System.nanoTime();
            String written = from.write(bytes);
            String got = to.readHash();
            double seconds = (System.nanoTime() - began) / 1e9;
            assertThat(got).as(name).isEqualTo(from.sentHash(written));
            to.end();
            if (pair != Pair.STOCK_TO_STOCK) {
                to.closed();
                from.closed();
            }
            return seconds;
        }
    }

    private void transferByAll(Impairment impairment, int bytes) throws Exception {
        for (Pair pair : List.of(Pair.JAVA_TO_JAVA, Pair.JAVA_TO_STOCK, Pair.STOCK_TO_JAVA)) {
            transfer(pair, impairment, bytes, 1);
        }
    }

    @Test
    void shouldCarryEverythingOverALongWayThatLoses() throws Exception {
        transferByAll(Impairment.none().withLoss(0.05).withDelayMs(50), SMALL / 4);
    }

    @Test
    void shouldCarryEverythingOverAShortWayThatLoses() throws Exception {
        transferByAll(Impairment.none().withLoss(0.01).withDelayMs(1), 4 * SMALL);
    }

    @Test
    void shouldCarryEverythingWhenPacketsAreRepeatedAndOvertakeEachOther() throws Exception {
        transferByAll(Impairment.none().withDuplication(0.05).withDelayMs(5).withJitterMs(5), 4 * SMALL);
    }

    @Test
    void shouldCarryEverythingWhenLongPacketsDoNotPass() throws Exception {
        transferByAll(Impairment.none().withMtu(1_250).withDelayMs(1), 2 * SMALL);
    }

    @Test
    @Tag("slow")
    void shouldCarryEverythingOverEveryWay() throws Exception {
        for (double loss : new double[] {0, 0.01, 0.05}) {
            for (double delayMs : new double[] {1, 50, 200}) {
                for (boolean worse : new boolean[] {false, true}) {
                    Impairment way = Impairment.none().withLoss(loss).withDelayMs(delayMs);
                    transferByAll(
                            worse
                                    ? way.withDuplication(0.02)
                                            .withJitterMs(delayMs / 4)
                                            .withMtu(1_300)
                                    : way,
                            1_000_000);
                }
            }
        }
    }

    /** The median of some runs of each pair over each way whose name fits, beside the stock pair's in the same round. */
    @Test
    @Tag("slow")
    void reportRates() throws Exception {
        int rounds = Integer.getInteger("interop.rounds", 3);
        String ways = System.getProperty("interop.ways", ".*");
        System.out.println("| way | stock to stock MB/s | Java to Java | Java to stock | stock to Java |");
        System.out.println("|---|---|---|---|---|");
        Impairment plain = Impairment.none();
        for (Impairment way : List.of(
                plain.withDelayMs(1),
                plain.withDelayMs(1).withLoss(0.01),
                plain.withDelayMs(1).withLoss(0.05),
                plain.withDelayMs(50),
                plain.withDelayMs(50).withLoss(0.01),
                plain.withDelayMs(50).withLoss(0.05),
                plain.withDelayMs(200),
                plain.withDelayMs(200).withLoss(0.01),
                plain.withDelayMs(200).withLoss(0.05),
                plain.withDelayMs(20).withRate(5, 200_000),
                plain.withDelayMs(20).withRate(5, 50_000),
                plain.withDelayMs(10).withJitterMs(5).withDuplication(0.02),
                plain.withDelayMs(10).withMtu(1_250))) {
            String name = String.format(
                    Locale.ROOT,
                    "loss %.0f %%, %.0f ms each way%s%s%s",
                    way.loss() * 100,
                    way.delayMs(),
                    way.megabytesPerSecond() > 0
                            ? ", " + way.megabytesPerSecond() + " MB/s, queue " + way.queueBytes()
                            : "",
                    way.jitterMs() > 0 ? ", reordered and repeated" : "",
                    way.mtu() < 1_500 ? ", packets up to " + way.mtu() : "");
            if (!name.matches(ways)) continue;
            int bytes = way.delayMs() >= 200 ? 1_000_000 : way.delayMs() >= 50 ? 2_000_000 : 8_000_000;
            Map<Pair, List<Double>> rates = new HashMap<>();
            for (int round = 0; round < rounds; round++) {
                for (Pair pair :
                        List.of(Pair.STOCK_TO_STOCK, Pair.JAVA_TO_JAVA, Pair.JAVA_TO_STOCK, Pair.STOCK_TO_JAVA)) {
                    double seconds = transfer(pair, way, bytes, round);
                    rates.computeIfAbsent(pair, _ -> new ArrayList<>()).add(bytes / 1e6 / seconds);
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.2f | %.2f | %.2f | %.2f |%n",
                    name,
                    median(rates, Pair.STOCK_TO_STOCK),
                    median(rates, Pair.JAVA_TO_JAVA),
                    median(rates, Pair.JAVA_TO_STOCK),
                    median(rates, Pair.STOCK_TO_JAVA));
        }
    }

    private static double median(Map<Pair, List<Double>> rates, Pair pair) {
        List<Double> sorted =
                rates.getOrDefault(pair, List.of()).stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    @Test
    void shouldShareABottleneckWithAStockStream() throws Exception {
        Impairment way = Impairment.none().withDelayMs(10);
        Bottleneck bottleneck = new Bottleneck(1.5, 60_000);
        Side ours = new Side(true, true);
        Side ourReader = new Side(true, false);
        Side theirs = new Side(false, true);
        Side theirReader = new Side(false, false);
        try (ImpairedLink first = new ImpairedLink(
                        UdxEnd.local(ours.port()), UdxEnd.local(ourReader.port()), way, 1, bottleneck);
                ImpairedLink second = new ImpairedLink(
                        UdxEnd.local(theirs.port()), UdxEnd.local(theirReader.port()), way, 2, bottleneck)) {
            ourReader.connect(ours.id, first.portToOne());
            ours.connect(ourReader.id, first.portToOther());
            theirReader.connect(theirs.id, second.portToOne());
            theirs.connect(theirReader.id, second.portToOther());
            int bytes = 6_000_000;
            theirs.write(bytes);
            Thread writer = Thread.ofPlatform().start(() -> ours.write(bytes));
            assertThat(ourReader.end.awaitRead(3_000_000)).isGreaterThanOrEqualTo(3_000_000);
            long retransmits = ours.end.stream().stats().get().retransmissions();
            theirReader.node().send("{\"do\":\"stats\",\"id\":" + theirReader.id + "}");
            long theirBytes = theirReader.event("stats").path("packetsReceived").asLong() * 1_452;
            theirs.node().send("{\"do\":\"stats\",\"id\":" + theirs.id + "}");
            long theirRetransmits = theirs.event("stats").path("retransmits").asLong();
            String found = "ours 3000000 bytes, " + retransmits + " packets again; stock about " + theirBytes
                    + " bytes, " + theirRetransmits + " packets again";
            assertThat(theirBytes / 3e6).as(found).isBetween(0.25, 4.0);
            assertThat(retransmits / 3e6)
                    .as(found)
                    .isLessThan(Math.max(3.0 * theirRetransmits / theirBytes, 0.02 / 1_452));
            System.out.println(found);
            ourReader.readHash();
            writer.join();
        }
    }
}
