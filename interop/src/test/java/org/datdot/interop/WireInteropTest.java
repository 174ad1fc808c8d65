package org.datdot.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;
import org.datdot.wire.Protomux;
import org.datdot.wire.WireException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Secret streams and channels between this implementation and @hyperswarm/secret-stream with protomux, both dialling. */
@Timeout(300)
class WireInteropTest {
    // The echo of a 15 MiB message waits in the outbox next to others: more than a node allows itself.
    private static final SwarmOptions ROOMY = SwarmOptions.defaults().withOutbox(1 << 20, 64 << 20);

    @Test
    void shouldPassEveryCheckOfAStockClientWhenItDialsUs() throws IOException {
        KeyPair keys = KeyPair.fromSeed(filled(3));
        CompletableFuture<PublicKey> dialled = new CompletableFuture<>();
        try (Swarm swarm = new Swarm(keys, connection -> serve(connection, dialled), ROOMY)) {
            int port = listen(swarm);
            try (NodeProcess client = NodeProcess.start(
                    "wire-client.mjs",
                    "--port",
                    Integer.toString(port),
                    "--mebibytes",
                    "8",
                    "--expect",
                    keys.publicKey().hex())) {
                for (String check : List.of(
                        "echo of all sizes",
                        "sink",
                        "source",
                        "batch of 5000",
                        "batch of 1000 echoed",
                        "closed by the other side",
                        "unknown protocol rejected",
                        "opened and closed 50 channels")) {
                    assertThat(client.next().path("check").asString()).isEqualTo(check);
                }
                assertThat(client.finish()).as(client.errorText()).isZero();
            }
            assertThat(dialled.join()).isEqualTo(KeyPair.fromSeed(filled(1)).publicKey());
        }
    }

    @Test
    void shouldKeepAnIdleStockClientConnectedWhenBothSendKeepAlives() throws IOException {
        // Idle for 3 * 600 ms: longer than either side would wait without a sign of life.
        SwarmOptions options = ROOMY.withTimes(10_000, 200, 1_500);
        try (Swarm swarm =
                new Swarm(KeyPair.fromSeed(filled(3)), connection -> WireServices.attach(connection.mux()), options)) {
            int port = listen(swarm);
            try (NodeProcess client = NodeProcess.start(
                    "wire-client.mjs",
                    "--port",
                    Integer.toString(port),
                    "--mebibytes",
                    "1",
                    "--keepalive",
                    "600",
                    "--timeout",
                    "1500")) {
                String last = "";
                while (!last.equals("alive after being idle")) {
                    last = client.next().path("check").asString();
                }
                assertThat(client.finish()).as(client.errorText()).isZero();
            }
        }
    }

    @Test
    void shouldGetEveryServiceOfAStockServerWhenWeDial() throws IOException {
        KeyPair keys = KeyPair.fromSeed(filled(4));
        try (NodeProcess server = NodeProcess.start("wire-server.mjs");
                Swarm swarm = new Swarm(keys, connection -> {}, ROOMY)) {
            JsonNode listening = server.next();
            PublicKey expected = new PublicKey(
                    HexFormat.of().parseHex(listening.path("publicKey").asString()));
            Connection connection = swarm.connect(local(listening.path("port").asInt()), expected);
            assertThat(server.next().path("remote").asString())
                    .isEqualTo(keys.publicKey().hex());
            Protomux mux = connection.mux();
            Talk echo = Talk.open(mux, "test/echo", filled(5));
            assertThat(new String(echo.awaitOpen(), UTF_8)).isEqualTo("test/echo");
            echoAllSizes(echo);
            echoManyMebibytes(echo);
            sinkAndSource(mux);
            batches(mux, echo);
            Talk closing = Talk.open(mux, "test/close", null);
            closing.awaitOpen();
            closing.channel.send(0, new byte[0]);
            assertThat(closing.awaitClosed()).isTrue();
            Talk unknown = Talk.open(mux, "test/unknown", null);
            assertThat(unknown.awaitClosed()).isTrue();
            assertThat(unknown.isOpened()).isFalse();
            for (int i = 0; i < 50; i++) {
                Talk short1 = Talk.open(mux, "test/echo", filled(100 + i));
                short1.channel.send(0, new byte[] {(byte) i});
                assertThat(short1.next().payload()).containsExactly(i);
                short1.channel.close();
                assertThat(short1.awaitClosed()).isFalse();
            }
            connection.close();
            assertThat(server.next().path("event").asString()).isEqualTo("close");
            assertThat(server.finish()).as(server.errorText()).isZero();
        }
    }

    @Test
    void shouldHearKeepAlivesOfAStockServerWhenNobodySpeaks() throws IOException {
        try (NodeProcess server = NodeProcess.start("wire-server.mjs", "--keepalive", "50");
                Swarm swarm = new Swarm(KeyPair.fromSeed(filled(4)), connection -> {}, ROOMY)) {
            Connection connection =
                    swarm.connect(local(server.next().path("port").asInt()), null);
            long before = connection.bytesRead();
            Waiting.until("five keep-alives came", () -> connection.bytesRead() >= before + 5 * 20);
            assertThat(connection.closed()).isNotDone();
        }
    }

    @Test
    void shouldRefuseAStockServerWhenItHoldsAnotherKey() throws IOException {
        PublicKey other = KeyPair.fromSeed(filled(9)).publicKey();
        try (NodeProcess server = NodeProcess.start("wire-server.mjs");
                Swarm swarm = new Swarm(KeyPair.fromSeed(filled(4)), connection -> {}, ROOMY)) {
            int port = server.next().path("port").asInt();
            assertThatThrownBy(() -> swarm.connect(local(port), other))
                    .isInstanceOfSatisfying(
                            WireException.class, e -> assertThat(e.reason()).isEqualTo(WireException.Reason.WRONG_KEY));
            assertThat(swarm.connections()).isEmpty();
        }
    }

    private static void echoAllSizes(Talk echo) {
        Random random = new Random(7);
        for (int size : new int[] {0, 1, 252, 253, 65_535, 65_536, 1 << 20, 15 << 20}) {
            byte[] payload = new byte[size];
            random.nextBytes(payload);
            echo.channel.send(0, payload);
            Talk.Message answer = echo.next();
            assertThat(answer.type()).isEqualTo(1);
            assertThat(Arrays.equals(answer.payload(), payload))
                    .as("an echo of %d bytes", size)
                    .isTrue();
        }
    }

    private static void echoManyMebibytes(Talk echo) {
        int count = 128;
        for (int i = 0; i < count; i++) echo.sendPatiently(0, pattern(i, 65_536));
        for (int i = 0; i < count; i++) {
            assertThat(Arrays.equals(echo.next().payload(), pattern(i, 65_536)))
                    .as("echo %d", i)
                    .isTrue();
        }
    }

    private static void sinkAndSource(Protomux mux) {
        Talk sink = Talk.open(mux, "test/sink", null);
        for (int i = 0; i < 128; i++) sink.sendPatiently(0, new byte[65_536]);
        sink.channel.send(1, new byte[0]);
        assertThat(sink.next().payload()).containsExactly(0, 0, 128, 0, 0, 0, 0, 0);
        Talk source = Talk.open(mux, "test/source", null);
        source.channel.send(0, WireServices.uint32(128, 65_536));
        for (int i = 0; i < 128; i++) assertThat(source.next().payload()).hasSize(65_536);
        assertThat(source.next().type()).isEqualTo(2);
    }

    private static void batches(Protomux mux, Talk echo) {
        Talk batch = Talk.open(mux, "test/batch", null);
        batch.channel.send(0, WireServices.uint32(5000));
        for (int i = 0; i < 5000; i++) assertThat(batch.next().payload()).isEqualTo(WireServices.uint32(i));
        mux.cork();
        for (int i = 0; i < 1000; i++) echo.channel.send(0, WireServices.uint32(i));
        mux.uncork();
        for (int i = 0; i < 1000; i++) assertThat(echo.next().payload()).isEqualTo(WireServices.uint32(i));
    }

    private static void serve(Connection connection, CompletableFuture<PublicKey> dialled) {
        dialled.complete(connection.remotePublicKey());
        WireServices.attach(connection.mux());
    }

    private static byte[] pattern(int i, int size) {
        return filled((i * 31 + 7) & 0xff, size);
    }

    private static byte[] filled(int value) {
        return filled(value, 32);
    }

    private static byte[] filled(int value, int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static int listen(Swarm swarm) throws IOException {
        return swarm.listen(local(0)).getPort();
    }

    private static InetSocketAddress local(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
