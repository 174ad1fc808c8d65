package org.datdot.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.datdot.udx.CloseReason;
import org.datdot.udx.DatagramListener;
import org.datdot.udx.Firewall;
import org.datdot.udx.Udx;
import org.datdot.udx.UdxOptions;
import org.datdot.udx.UdxSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** UDX streams between this implementation and udx-native. */
@Timeout(300)
class UdxInteropTest {
    private static final int MIB = 1 << 20;

    private Udx udx;
    private UdxSocket socket;
    private NodeProcess stock;
    private int stockPort;

    @BeforeEach
    void start() throws IOException {
        udx = new Udx();
        socket = udx.bind(UdxEnd.local(0), DatagramListener.NONE);
        stock = NodeProcess.start("udx-peer.js");
        stockPort = stock.next().path("port").asInt();
    }

    @AfterEach
    void stop() {
        stock.close();
        udx.close();
    }

    private UdxEnd open(UdxOptions options) {
        return open(1, 2, options, stockPort, socket.local().getPort());
    }

    /** A stream of ours and one of the stock peer, connected to each other's ids through these ports. */
    private UdxEnd open(int id, int stockId, UdxOptions options, int toStock, int toUs) {
        UdxEnd end = new UdxEnd();
        end.attach(udx.createStream(id, options, end));
        end.stream().connect(socket, stockId, UdxEnd.local(toStock));
        stock.send("{\"do\":\"connect\",\"id\":" + stockId + ",\"remoteId\":" + id + ",\"port\":" + toUs + "}");
        event("connected");
        return end;
    }

    /** The next event of a kind, past others. */
    private JsonNode event(String kind) {
        JsonNode event = stock.next();
        while (!event.path("event").asString().equals(kind)) {
            event = stock.next();
        }
        return event;
    }

    /** Writes both ways, ends both, and compares the hashes. */
    private void exchange(UdxEnd end, int stockId, int bytes) throws Exception {
        stock.send("{\"do\":\"write\",\"id\":" + stockId + ",\"bytes\":" + bytes + ",\"end\":true}");
        String ours = end.write(bytes, bytes, true);
        String theirs = "";
        JsonNode got = null;
        while (got == null || theirs.isEmpty()) {
            JsonNode event = stock.next();
            switch (event.path("event").asString()) {
                case "sent" -> theirs = event.path("hash").asString();
                case "end" -> got = event;
                default -> assertThat(event.path("event").asString()).isNotEqualTo("fail");
            }
        }
        assertThat(got.path("bytes").asInt()).isEqualTo(bytes);
        assertThat(got.path("hash").asString()).isEqualTo(ours);
        assertThat(end.readHash()).isEqualTo(theirs);
        assertThat(event("close").path("bytes").asInt()).isEqualTo(bytes);
        assertThat(end.closeReason()).isEqualTo(CloseReason.ENDED);
    }

    @Test
    void shouldCarryEightMebibytesEachWayAndEnd() throws Exception {
        exchange(open(UdxOptions.defaults()), 2, 8 * MIB);
    }

    @Test
    void shouldCarryEverythingWhenTheNetworkLosesAndRepeats() throws Exception {
        try (ImpairedLink link = new ImpairedLink(
                socket.local(),
                UdxEnd.local(stockPort),
                Impairment.none().withLoss(0.02).withDuplication(0.01),
                7)) {
            exchange(open(1, 2, UdxOptions.defaults(), link.portToOther(), link.portToOne()), 2, 2 * MIB);
            assertThat(link.dropped()).isPositive();
        }
    }

    @Test
    void shouldFindTheLongestPacketOnBothSides() throws Exception {
        UdxEnd end = open(UdxOptions.defaults());
        int stockMtu = 0;
        for (int i = 0; i < 100 && (end.stream().stats().get().mtuBytes() < 1500 || stockMtu < 1500); i++) {
            end.write(i, 10_000, false);
            stock.send("{\"do\":\"write\",\"id\":2,\"bytes\":10000}");
            event("sent");
            stock.send("{\"do\":\"stats\",\"id\":2}");
            stockMtu = event("stats").path("mtu").asInt();
        }
        assertThat(end.stream().stats().get().mtuBytes()).isEqualTo(1500);
        assertThat(stockMtu).isEqualTo(1500);
    }

    @Test
    void shouldPassMessagesBothWays() throws Exception {
        UdxEnd end = open(UdxOptions.defaults());
        end.stream().send(ByteBuffer.wrap("to stock".getBytes(UTF_8)));
        assertThat(event("message").path("text").asString()).isEqualTo("to stock");
        stock.send("{\"do\":\"message\",\"id\":2,\"text\":\"to us\"}");
        assertThat(end.nextMessage()).isEqualTo("to us");
    }

    @Test
    void shouldCloseOurStreamWhenTheStockPeerDestroysIts() throws Exception {
        UdxEnd end = open(UdxOptions.defaults());
        end.write(1, 1000, false);
        stock.send("{\"do\":\"destroy\",\"id\":2}");
        assertThat(end.closeReason()).isEqualTo(CloseReason.RESET);
        event("close");
    }

    @Test
    void shouldCloseTheStockStreamWhenWeDestroyOurs() throws Exception {
        UdxEnd end = open(UdxOptions.defaults());
        stock.send("{\"do\":\"write\",\"id\":2,\"bytes\":1000}");
        end.awaitData();
        end.stream().destroy();
        assertThat(event("fail").path("code").asString()).isEqualTo("ECONNRESET");
        assertThat(end.closeReason()).isEqualTo(CloseReason.DESTROYED);
    }

    @Test
    void shouldStayHalfOpenUntilTheOtherSideEndsToo() throws Exception {
        UdxEnd end = open(UdxOptions.defaults());
        String ours = end.write(1, 5000, true);
        assertThat(event("end").path("hash").asString()).isEqualTo(ours);
        stock.send("{\"do\":\"write\",\"id\":2,\"bytes\":100000,\"end\":true}");
        assertThat(end.readHash()).isEqualTo(event("sent").path("hash").asString());
        assertThat(end.closeReason()).isEqualTo(CloseReason.ENDED);
        event("close");
    }

    @Test
    void shouldConnectOursToTheFirstPacketOfTheStockPeerAndTheOtherWayRound() throws Exception {
        UdxEnd end = new UdxEnd();
        Firewall firewall = (through, from) -> {
            end.stream().connect(through, 2, from);
            return true;
        };
        end.attach(udx.createStream(1, UdxOptions.defaults(), end, firewall));
        // A task later in the queue than the stream itself: from its answer on packets find it.
        end.stream().stats().get();
        stock.send("{\"do\":\"connect\",\"id\":2,\"remoteId\":1,\"port\":"
                + socket.local().getPort() + "}");
        event("connected");
        stock.send("{\"do\":\"write\",\"id\":2,\"bytes\":1}");
        end.awaitData();
        stock.send("{\"do\":\"await\",\"id\":4,\"remoteId\":3}");
        event("waiting");
        UdxEnd second = new UdxEnd();
        second.attach(udx.createStream(3, UdxOptions.defaults(), second));
        second.stream().connect(socket, 4, UdxEnd.local(stockPort));
        String ours = second.write(3, 100_000, true);
        assertThat(event("end").path("hash").asString()).isEqualTo(ours);
        stock.send("{\"do\":\"end\",\"id\":4}");
        assertThat(second.closeReason()).isEqualTo(CloseReason.ENDED);
    }

    @Test
    void shouldAnswerTheHeartbeatsOfAnIdleStockStreamAndSendItsOwn() throws Exception {
        UdxEnd end = open(UdxOptions.defaults().withKeepAliveMs(100));
        stock.send("{\"do\":\"keepalive\",\"id\":2,\"ms\":100}");
        int received = 0;
        while (received < 12) {
            stock.send("{\"do\":\"stats\",\"id\":2}");
            received = event("stats").path("packetsReceived").asInt();
        }
        exchange(end, 2, 1000);
    }

    @Test
    void shouldBeHeldBackByAndHoldBackTheStockPeerWhenReadersPause() throws Exception {
        UdxEnd end = open(UdxOptions.defaults().withReceiveWindowBytes(200_000));
        end.stream().pause();
        stock.send("{\"do\":\"write\",\"id\":2,\"bytes\":" + 2 * MIB + ",\"end\":true}");
        stock.send("{\"do\":\"stats\",\"id\":2}");
        event("stats");
        end.stream().resume();
        assertThat(end.readHash()).isEqualTo(event("sent").path("hash").asString());
        end.stream().end();
        assertThat(end.closeReason()).isEqualTo(CloseReason.ENDED);
    }

    @Test
    void shouldBeRelayedByAStockPeerAndThenChangeToTheDirectWay() throws Exception {
        UdxEnd a = open(1, 11, UdxOptions.defaults(), stockPort, socket.local().getPort());
        try (Udx elsewhere = new Udx()) {
            UdxSocket there = elsewhere.bind(UdxEnd.local(0), DatagramListener.NONE);
            UdxEnd b = new UdxEnd();
            b.attach(elsewhere.createStream(2, UdxOptions.defaults(), b));
            b.stream().connect(there, 12, UdxEnd.local(stockPort));
            stock.send("{\"do\":\"connect\",\"id\":12,\"remoteId\":2,\"port\":"
                    + there.local().getPort() + "}");
            event("connected");
            stock.send("{\"do\":\"relay\",\"a\":11,\"b\":12}");
            event("relaying");
            a.write(1, MIB, false);
            b.awaitData();
            a.stream().changeRemote(socket, 2, there.local());
            b.stream().changeRemote(there, 1, socket.local());
            a.awaitRemoteChanged();
            stock.close();
            a.stream().end();
            b.write(2, MIB, true);
            assertThat(a.closeReason()).isEqualTo(CloseReason.ENDED);
            assertThat(b.closeReason()).isEqualTo(CloseReason.ENDED);
        }
    }

    @Test
    void shouldRelayBetweenTwoStockStreams() throws Exception {
        UdxEnd toA =
                open(1, 11, UdxOptions.defaults(), stockPort, socket.local().getPort());
        UdxEnd toB =
                open(2, 12, UdxOptions.defaults(), stockPort, socket.local().getPort());
        toA.stream().relayTo(toB.stream());
        toB.stream().relayTo(toA.stream());
        toB.stream().stats().get();
        stock.send("{\"do\":\"write\",\"id\":11,\"bytes\":" + MIB + ",\"end\":true}");
        stock.send("{\"do\":\"end\",\"id\":12}");
        String sent = "";
        String got = "";
        while (sent.isEmpty() || got.isEmpty()) {
            JsonNode event = stock.next();
            if (event.path("event").asString().equals("sent")) {
                sent = event.path("hash").asString();
            } else if (event.path("event").asString().equals("end")
                    && event.path("id").asInt() == 12) {
                got = event.path("hash").asString();
            }
        }
        assertThat(got).isEqualTo(sent);
    }
}
