package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Endpoint;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;
import org.datdot.swarm.WebSocketServer;
import org.datdot.wire.WireException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Secret-streams over WebSocket, with npm ws and a stock secret-stream at the other end, dialled and accepted. */
@Timeout(300)
class WebSocketInteropTest {
    private static final int BYTES = 16 << 20;
    private static final SwarmOptions ROOMY =
            SwarmOptions.defaults().withTimes(30_000, 5_000, 60_000).withOutbox(1 << 20, 64 << 20);
    private static final KeyPair KEYS = KeyPair.fromSeed(new byte[32]);

    @Test
    void shouldTalkToAStockPeerWhenItDialsTheWebSocket() throws IOException {
        try (Swarm swarm = swarm();
                NodeProcess peer = NodeProcess.start("ws-peer.mjs")) {
            JsonNode ready = peer.next();
            Endpoint uri = Endpoint.parse("ws://127.0.0.1:" + ready.path("port").asInt());
            PublicKey key = new PublicKey(
                    HexFormat.of().parseHex(ready.path("publicKey").asString()));
            Connection connection = swarm.connect(uri, key);
            echo(connection);
            connection.close();
            connection.closed().orTimeout(60, TimeUnit.SECONDS).join();
            assertThatThrownBy(() -> swarm.connect(uri, KEYS.publicKey()))
                    .isInstanceOf(WireException.class)
                    .extracting(failure -> ((WireException) failure).reason())
                    .isEqualTo(WireException.Reason.WRONG_KEY);
            assertThat(peer.finish()).as(peer.errorText()).isZero();
        }
    }

    @Test
    void shouldTalkToAStockPeerThatDialsItsWebSocket() throws IOException {
        try (Swarm swarm = swarm();
                WebSocketServer server = WebSocketServer.start(swarm, anyPort())) {
            String url = "ws://127.0.0.1:" + server.address().getPort();
            try (NodeProcess peer = NodeProcess.start("ws-peer.mjs", "--connect", url, "--bytes", "" + BYTES)) {
                JsonNode done = peer.next();
                assertThat(done.path("echoed").asInt()).isEqualTo(BYTES);
                assertThat(done.path("key").asString())
                        .isEqualTo(KEYS.publicKey().hex());
                assertThat(peer.finish()).as(peer.errorText()).isZero();
            }
        }
    }

    @Test
    void shouldTalkToItselfAndSayThatNobodyListens() throws IOException {
        Endpoint uri;
        try (Swarm one = swarm();
                Swarm two = swarm();
                WebSocketServer server = WebSocketServer.start(one, anyPort())) {
            uri = Endpoint.webSocket(server.address());
            echo(two.connect(uri, KEYS.publicKey()));
        }
        try (Swarm alone = swarm()) {
            assertThatThrownBy(() -> alone.connect(uri, null))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(uri.toString());
            assertThatThrownBy(() -> Endpoint.parse("http://127.0.0.1:1"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ws://host:port");
        }
    }

    private static Swarm swarm() {
        return new Swarm(KEYS, connection -> WireServices.attach(connection.mux()), ROOMY);
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static void echo(Connection connection) {
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
}
