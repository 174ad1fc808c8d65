package org.datdot.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.SimulatedNetwork.Host;
import org.datdot.dht.SimulatedPeer.Dialling;
import org.datdot.dht.SimulatedPeer.Listening;
import org.datdot.wire.NoiseSession;
import org.junit.jupiter.api.Test;

/** Peers find each other by key through many nodes, on simulated time; streams are only noted. */
class ConnectSimulationTest {
    private static final KeyPair SERVER = KeyPair.fromSeed(MessageTest.filled(32, 4));
    private static final KeyPair CLIENT = KeyPair.fromSeed(MessageTest.filled(32, 3));

    private static Dialling dial(SimulatedNetwork network, Host host) {
        return new SimulatedPeer(network, host).dial(CLIENT, SERVER.publicKey()).await();
    }

    static SimulatedNetwork network(long seed, int nodes) {
        SimulatedNetwork network = new SimulatedNetwork(seed);
        network.bootstrapper();
        for (int i = 1; i < nodes; i++) {
            network.persistent();
            network.runFor(500);
        }
        network.runFor(30_000);
        return network;
    }

    @Test
    void shouldAgreeOnASessionThroughNodesThatOnlyPassItOn() {
        for (long seed = 1; seed <= 5; seed++) {
            SimulatedNetwork network = network(seed, 30);
            network.loss = 0.1;
            Host host = network.hosts.get(7);
            SimulatedPeer serving = new SimulatedPeer(network, host);
            Listening server = serving.listen(SERVER);
            assertThat(server.announcer.relays()).as("seed %d", seed).isNotEmpty();
            Dialling client = dial(network, network.hosts.get(19));
            assertThat(client.failure).as("seed %d", seed).isNull();
            assertThat(client.stream.remote).isEqualTo(host.server);
            assertThat(serving.streams)
                    .as("seed %d: one stream, whoever passed it on", seed)
                    .hasSize(1);
            NoiseSession theirs = Objects.requireNonNull(serving.streams.getFirst().session);
            NoiseSession ours = Objects.requireNonNull(client.stream.session);
            assertThat(theirs.remotePublicKey()).isEqualTo(CLIENT.publicKey());
            assertThat(ours.remotePublicKey()).isEqualTo(SERVER.publicKey());
            assertThat(ours.tx()).isEqualTo(theirs.rx());
            network.loss = 0;
            server.stop();
            network.runFor(20_000);
            assertThat(dial(network, network.hosts.get(20)).failure)
                    .as("seed %d", seed)
                    .isEqualTo(ConnectException.Reason.NOT_FOUND);
        }
    }

    @Test
    void shouldAskTheNodesItReachedAPeerThroughWithoutASearchWhenItConnectsAgain() {
        SimulatedNetwork network = network(14, 30);
        new SimulatedPeer(network, network.hosts.get(5)).listen(SERVER);
        Host client = network.hosts.get(19);
        SimulatedPeer peer = new SimulatedPeer(network, client);
        Target target = Target.of(SERVER.publicKey());
        assertThat(client.router.ways(target, network.nowMs)).isEmpty();
        assertThat(peer.dial(CLIENT, SERVER.publicKey()).await().failure).isNull();
        assertThat(client.router.ways(target, network.nowMs)).isNotEmpty();
        Dialling again = peer.dial(CLIENT, SERVER.publicKey());
        assertThat(client.node.queries()).as("searches when it has begun").isZero();
        assertThat(again.await().failure).isNull();
        assertThat(client.node.queries()).as("searches when it is connected").isZero();
    }

    @Test
    void shouldSearchAgainWhenTheNodesItReachedAPeerThroughAreGone() {
        for (long seed = 15; seed < 18; seed++) {
            SimulatedNetwork network = network(seed, 30);
            Host host = network.hosts.get(5);
            new SimulatedPeer(network, host).listen(SERVER);
            Host client = network.hosts.get(19);
            SimulatedPeer peer = new SimulatedPeer(network, client);
            Target target = Target.of(SERVER.publicKey());
            assertThat(peer.dial(CLIENT, SERVER.publicKey()).await().failure).isNull();
            List<PeerAddress> before = client.router.ways(target, network.nowMs);
            for (Host other : List.copyOf(network.hosts)) {
                if (other != host && before.contains(other.server)) network.stop(other);
            }
            network.runFor(120_000);
            assertThat(peer.dial(CLIENT, SERVER.publicKey()).await().failure)
                    .as("seed %d", seed)
                    .isNull();
            assertThat(client.router.ways(target, network.nowMs))
                    .as("seed %d: those it was reached through now", seed)
                    .isNotEqualTo(before);
        }
    }

    @Test
    void shouldAnnounceItselfElsewhereWhenANodeThatPassedHandshakesOnVanishes() {
        SimulatedNetwork network = network(11, 30);
        Host host = network.hosts.get(5);
        Listening server = new SimulatedPeer(network, host).listen(SERVER);
        List<PeerAddress> before = server.announcer.relays();
        assertThat(before).hasSize(Announcer.RELAYS);
        for (Host other : List.copyOf(network.hosts)) {
            if (before.contains(other.server)) network.stop(other);
        }
        network.runFor(120_000);
        assertThat(server.announcer.relays()).hasSize(Announcer.RELAYS).doesNotContainAnyElementsOf(before);
        Host client = network.hosts.stream()
                .filter(other -> other.up && other != host)
                .findFirst()
                .orElseThrow();
        assertThat(dial(network, client).failure).isNull();
    }

    @Test
    void shouldSendNothingAnywhereWhenAStrangerMakesUpAnswersAndRelays() {
        SimulatedNetwork network = network(12, 8);
        Listening server = new SimulatedPeer(network, network.hosts.get(2)).listen(SERVER);
        assertThat(server.announcer.relays()).isNotEmpty();
        Host relay = network.hosts.stream()
                .filter(other -> server.announcer.relays().contains(other.server))
                .findFirst()
                .orElseThrow();
        PeerAddress stranger = PeerAddress.parse("66.6.6.6:66");
        PeerAddress victim = PeerAddress.parse("99.9.9.9:99");
        Target target = Target.of(SERVER.publicKey());
        byte[] noise = new byte[100];
        long before = network.sent;
        for (int command : new int[] {Command.Records.PEER_HANDSHAKE, Command.Records.PEER_HOLEPUNCH}) {
            for (RelayMode mode : List.of(RelayMode.FROM_SERVER, RelayMode.FROM_SECOND_RELAY, RelayMode.REPLY)) {
                byte[] value = command == Command.Records.PEER_HANDSHAKE
                        ? new HandshakeMessage(mode, noise, victim, victim).encode()
                        : new HolepunchMessage(mode, 1, noise, victim).encode();
                network.inject(relay, stranger, request(relay, command, target, value));
            }
        }
        assertThat(network.sent).isEqualTo(before);
        // A stranger says where it should go: it goes to the peer that announced itself, once.
        byte[] value = new HandshakeMessage(RelayMode.FROM_CLIENT, noise, null, victim).encode();
        network.inject(relay, stranger, request(relay, Command.Records.PEER_HANDSHAKE, target, value));
        assertThat(network.sent).isEqualTo(before + 1);
    }

    @Test
    void shouldStillConnectWhenFloodedWithGarbageHandshakes() {
        SimulatedNetwork network = network(13, 12);
        Host host = network.hosts.get(3);
        SimulatedPeer serving = new SimulatedPeer(network, host);
        Listening server = serving.listen(SERVER);
        Target target = Target.of(SERVER.publicKey());
        Random random = new Random(13);
        for (int i = 0; i < 1_000; i++) {
            byte[] noise = new byte[1 + random.nextInt(150)];
            random.nextBytes(noise);
            byte[] value = new HandshakeMessage(RelayMode.FROM_CLIENT, noise, null, null).encode();
            PeerAddress stranger = new PeerAddress(0x42000000 | i % 10, 1_000 + i);
            network.inject(host, stranger, request(host, Command.Records.PEER_HANDSHAKE, target, value));
        }
        assertThat(server.handshakes.size()).isEqualTo(10 * ServerHandshakes.MAX_PER_HOST);
        assertThat(serving.streams).isEmpty();
        assertThat(dial(network, network.hosts.get(9)).failure).isNull();
        network.runFor(20_000);
        assertThat(server.handshakes.size()).isZero();
    }

    private static byte[] request(Host to, int command, Target target, byte[] value) {
        return new Message.Request(7, to.server, null, null, false, command, target, value).encode();
    }
}
