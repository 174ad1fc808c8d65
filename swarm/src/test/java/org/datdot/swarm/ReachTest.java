package org.datdot.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;
import org.datdot.encoding.CompactEncoder;
import org.datdot.wire.WireException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that are reached over TCP and WebSocket because UDP does not come through. */
@Timeout(120)
class ReachTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @Test
    void shouldReachAPeerWhereItSaysInTheDhtWhenUdpFindsNobody() throws Exception {
        try (Dht first = Dht.bootstrapper(PeerAddress.of(ANY_PORT));
                PeerNetwork serverNetwork = network(first);
                PeerNetwork clientNetwork = network(first);
                Swarm server = swarm();
                Swarm client = swarm();
                WebSocketServer webSockets = WebSocketServer.start(server, ANY_PORT);
                // It is not announced by its key: no handshake comes about through the DHT.
                Advertisement saying = server.advertise(serverNetwork, List.of(closed(), ws(webSockets)))) {
            assertThat(saying.awaitKnown(60_000)).isTrue();
            client.dialThrough(clientNetwork);
            Connection connection = client.connect(server.publicKey());
            assertThat(connection.remotePublicKey()).isEqualTo(server.publicKey());
            assertThat(connection.remoteAddress().getPort())
                    .isEqualTo(webSockets.address().getPort());
            try (Hyperswarm asking = new Hyperswarm(client, clientNetwork)) {
                connection.close();
                connection.closed().get(60, TimeUnit.SECONDS);
                assertThat(asking.connect(server.publicKey())
                                .get(60, TimeUnit.SECONDS)
                                .remoteAddress()
                                .getPort())
                        .isEqualTo(webSockets.address().getPort());
            }
        }
    }

    @Test
    void shouldSayWhyUdpFailedWhenThePeerSaysNothingInTheDht() throws Exception {
        try (Dht first = Dht.bootstrapper(PeerAddress.of(ANY_PORT));
                PeerNetwork network = network(first);
                Swarm client = swarm()) {
            client.dialThrough(network);
            assertThatThrownBy(() ->
                            client.connect(KeyPair.generate(Entropy.system()).publicKey()))
                    .isInstanceOf(org.datdot.dht.ConnectException.class)
                    .hasMessageContaining("no node of the DHT knows");
        }
    }

    @Test
    void shouldKeepTheOneThatProvesTheKeyWhenOthersAnswerBesideIt() throws Exception {
        try (Swarm wanted = swarm();
                Swarm stranger = swarm();
                Swarm client = swarm();
                ServerSocket silent = new ServerSocket(0, 1, ANY_PORT.getAddress());
                WebSocketServer strange = WebSocketServer.start(stranger, ANY_PORT)) {
            Endpoint mute = new Endpoint.Tcp((InetSocketAddress) silent.getLocalSocketAddress());
            Endpoint right = new Endpoint.Tcp(wanted.listen(ANY_PORT));
            Connection connection = client.connect(wanted.publicKey(), List.of(mute, ws(strange), closed(), right));
            assertThat(connection.remotePublicKey()).isEqualTo(wanted.publicKey());
            assertThat(client.connections()).containsExactly(connection);
            assertThatThrownBy(() -> client.connect(wanted.publicKey(), List.of(ws(strange))))
                    .isInstanceOf(WireException.class)
                    .extracting(failure -> ((WireException) failure).reason())
                    .isEqualTo(WireException.Reason.WRONG_KEY);
            assertThatThrownBy(() -> client.connect(wanted.publicKey(), List.of(closed(), closed())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("nobody answers")
                    .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(1));
        }
    }

    @Test
    void shouldReadAndWriteAddresses() {
        for (String text : List.of(
                "tcp://peer.example:4000",
                "tcp://[2001:db8::1]:4000",
                "tcp://192.0.2.7:1",
                "ws://192.0.2.7:8080/datdot",
                "wss://peer.example",
                "wss://[2001:db8::1]:8443/?a=b")) {
            assertThat(Endpoint.parse(text)).hasToString(text).isEqualTo(Endpoint.parse(text));
        }
        assertThat(Endpoint.parse("peer.example:4000")).hasToString("tcp://peer.example:4000");
        assertThat(Endpoint.parse("wss://peer.example").address().getPort()).isEqualTo(443);
        assertThat(Endpoint.webSocket(new InetSocketAddress(InetAddress.ofLiteral("::1"), 80)))
                .hasToString("ws://[0:0:0:0:0:0:0:1]:80");
        for (String text : List.of(
                "",
                "peer",
                "peer:0",
                "peer:70000",
                "http://peer:1",
                "tcp://peer",
                "tcp://peer:1/path",
                "ws://user@peer:1",
                "ws:peer",
                "wss://",
                "ws://" + "p".repeat(200) + ":1")) {
            assertThatThrownBy(() -> Endpoint.parse(text))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("host:port");
        }
    }

    @Test
    void shouldSendNobodyIntoAPrivateNetwork() {
        for (String text : List.of(
                "ws://127.0.0.1:80",
                "tcp://10.0.0.1:22",
                "tcp://192.168.1.1:80",
                "ws://169.254.169.254:80",
                "ws://0.0.0.0:80",
                "tcp://[::1]:80",
                "tcp://[fe80::1]:80",
                "tcp://[fd00::1]:80",
                "tcp://224.0.0.1:80")) {
            assertThatThrownBy(() -> Endpoint.parse(text).requirePublic())
                    .as(text)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("private network");
        }
    }

    @Test
    void shouldReadBackARecordAndTakeNothingFromAnythingElse() {
        List<Endpoint> endpoints = List.of(
                Endpoint.parse("wss://peer.example/datdot"),
                Endpoint.parse("ws://192.0.2.7:80"),
                Endpoint.parse("tcp://192.0.2.7:4000"));
        byte[] value = EndpointRecord.encode(endpoints);
        assertThat(EndpointRecord.decode(value)).isEqualTo(endpoints);
        assertThat(EndpointRecord.decode(EndpointRecord.encode(List.of()))).isEmpty();
        long seed = 7;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = value.clone();
            for (int j = random.nextInt(4); j >= 0; j--)
                damaged[random.nextInt(value.length)] = (byte) random.nextInt();
            assertThat(EndpointRecord.decode(damaged))
                    .as("seed %d, case %d", seed, i)
                    .hasSizeLessThanOrEqualTo(EndpointRecord.MAX_ENDPOINTS);
        }
        CompactEncoder many =
                new CompactEncoder().string("datdot/endpoints").uint(1).uint(6);
        for (int i = 1; i <= 6; i++) many.string(i == 1 ? "quic://new.example" : "tcp://192.0.2.7:" + i);
        assertThat(EndpointRecord.decode(many.toBytes()))
                .as("a newer way is passed over, and no more than four are taken")
                .extracting(Endpoint::toString)
                .containsExactly("tcp://192.0.2.7:2", "tcp://192.0.2.7:3", "tcp://192.0.2.7:4", "tcp://192.0.2.7:5");
    }

    private static Swarm swarm() {
        return new Swarm(KeyPair.generate(Entropy.system()), _ -> {});
    }

    private static Endpoint ws(WebSocketServer server) {
        return Endpoint.webSocket(server.address());
    }

    /** A port that nobody listens at. */
    private static Endpoint closed() throws IOException {
        try (ServerSocket once = new ServerSocket(0, 1, ANY_PORT.getAddress())) {
            return new Endpoint.Tcp((InetSocketAddress) once.getLocalSocketAddress());
        }
    }

    private static PeerNetwork network(Dht first) throws IOException {
        List<BootstrapNode> bootstrap = List.of(BootstrapNode.at(PeerAddress.of(first.localAddress())));
        return PeerNetwork.open(DhtOptions.joining(bootstrap).withReachable(DhtOptions.Mode.PERSISTENT), ANY_PORT);
    }
}
