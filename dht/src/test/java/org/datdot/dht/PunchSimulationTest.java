package org.datdot.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.SimulatedNetwork.Host;
import org.datdot.dht.SimulatedPeer.Dialling;
import org.datdot.dht.SimulatedPeer.Listening;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Peers behind address translation find a way to each other, on simulated time. */
class PunchSimulationTest {
    private static final KeyPair SERVER = KeyPair.fromSeed(MessageTest.filled(32, 4));
    private static final KeyPair CLIENT = KeyPair.fromSeed(MessageTest.filled(32, 3));
    private static final List<Firewall> KINDS = List.of(Firewall.OPEN, Firewall.CONSISTENT, Firewall.RANDOM);

    /** A network with two peers that are not open, or are. */
    private static final class Pair {
        final SimulatedNetwork network;
        final SimulatedPeer server;
        final SimulatedPeer client;
        final Listening listening;

        Pair(long seed, Firewall serverSide, Firewall clientSide) {
            network = ConnectSimulationTest.network(seed, 15);
            server = peer(50, serverSide);
            client = peer(60, clientSide);
            network.runFor(20_000);
            listening = server.listen(SERVER);
        }

        private SimulatedPeer peer(int number, Firewall side) {
            Host host = side == Firewall.OPEN
                    ? network.add(
                            network.nextAddress(),
                            false,
                            network.begin(),
                            options -> options.withReachable(DhtOptions.Mode.EPHEMERAL))
                    : network.behind(
                            new SimulatedNat(11 << 24 | number, side == Firewall.RANDOM, network.seed + number),
                            new PeerAddress(192 << 24 | 168 << 16 | number << 8 | 2, 49_737),
                            options -> options);
            return new SimulatedPeer(network, host);
        }

        Dialling dial() {
            return client.dial(CLIENT, SERVER.publicKey()).await();
        }
    }

    @Test
    void shouldFindAWayUnlessBothAreSeenAtAnotherPortByEverybody() {
        for (long seed = 1; seed <= 3; seed++) {
            for (Firewall serverSide : KINDS) {
                for (Firewall clientSide : KINDS) {
                    String what = serverSide + " server, " + clientSide + " client, seed " + seed;
                    Pair pair = new Pair(seed, serverSide, clientSide);
                    Dialling dialling = pair.dial();
                    boolean hopeless = serverSide == Firewall.RANDOM && clientSide == Firewall.RANDOM;
                    assertThat(dialling.failure)
                            .as(what)
                            .isEqualTo(hopeless ? ConnectException.Reason.NOT_REACHABLE : null);
                    if (!hopeless) {
                        pair.network.runFor(1_000);
                        assertThat(pair.server.streams).as(what).singleElement().matches(stream -> stream.heard);
                        assertThat(dialling.stream.heard).as(what).isTrue();
                    }
                    pair.network.runFor(90_000);
                    assertThat(pair.server.host.punching()).as(what).isZero();
                    assertThat(pair.client.host.punching()).as(what).isZero();
                    assertThat(pair.server.punching.running()).as(what).isZero();
                    assertThat(pair.client.punching.running()).as(what).isZero();
                    assertThat(pair.listening.handshakes.size()).as(what).isZero();
                }
            }
        }
    }

    @Test
    void shouldAskBothSidesBeforeItPunchesAndGiveUpWhenOneRefuses() {
        for (long seed = 40; seed < 44; seed++) {
            boolean serverRefuses = seed % 2 == 0;
            Pair pair = new Pair(seed, Firewall.CONSISTENT, Firewall.RANDOM);
            List<PunchPlan> plans = new ArrayList<>();
            SimulatedPeer refusing = serverRefuses ? pair.server : pair.client;
            refusing.mayPunch = plan -> {
                plans.add(plan);
                return false;
            };
            Dialling dialling = pair.dial();
            assertThat(dialling.failure).as("seed %d", seed).isEqualTo(ConnectException.Reason.NOT_REACHABLE);
            assertThat(plans).as("seed %d", seed).hasSize(1);
            PunchPlan plan = plans.getFirst();
            assertThat(plan.remote())
                    .as("seed %d", seed)
                    .isEqualTo(serverRefuses ? Firewall.RANDOM : Firewall.CONSISTENT);
            assertThat(plan.local())
                    .as("seed %d", seed)
                    .isEqualTo(serverRefuses ? Firewall.CONSISTENT : Firewall.RANDOM);
            assertThat(plan.remoteAddresses()).as("seed %d", seed).isNotEmpty();
            assertThat(plan.localAddresses()).as("seed %d", seed).isNotEmpty();
            pair.network.runFor(90_000);
            assertThat(pair.server.host.punching()).as("seed %d", seed).isZero();
            assertThat(pair.client.host.punching()).as("seed %d", seed).isZero();
        }
    }

    @Test
    void shouldPunchWhenDatagramsGetLost() {
        for (long seed = 20; seed < 30; seed++) {
            Pair pair = new Pair(seed, Firewall.CONSISTENT, Firewall.CONSISTENT);
            pair.network.loss = 0.03;
            Dialling dialling = pair.client.dial(CLIENT, SERVER.publicKey());
            pair.network.runUntil("a way", () -> dialling.stream.remote != null || dialling.failure != null);
            assertThat(dialling.failure).as("seed %d", seed).isNull();
        }
    }

    @Test
    void shouldTakeTheWayThroughTheNetworkBothAreIn() {
        SimulatedNetwork network = ConnectSimulationTest.network(31, 15);
        SimulatedNat nat = new SimulatedNat(11 << 24 | 9, true, 31);
        SimulatedPeer server = behind(network, nat, "192.168.7.2:49737", false);
        SimulatedPeer client = behind(network, nat, "192.168.7.3:49737", false);
        network.runFor(20_000);
        server.local = new LocalAddresses(List.of(PeerAddress.parse("172.17.0.1:49737"), server.host.server));
        client.local = new LocalAddresses(List.of(client.host.server));
        server.listen(SERVER);
        Dialling dialling = client.dial(CLIENT, SERVER.publicKey()).await();
        assertThat(dialling.failure).isNull();
        assertThat(dialling.stream.remote).isEqualTo(server.host.server);
    }

    @Test
    void shouldPunchWhenTheAddressInTheSameNetworkIsSomebodyElses() {
        SimulatedNetwork network = ConnectSimulationTest.network(32, 15);
        SimulatedNat nat = new SimulatedNat(11 << 24 | 9, false, 32);
        SimulatedPeer server = behind(network, nat, "192.168.7.2:49737", true);
        SimulatedPeer client = behind(network, nat, "192.168.7.3:49737", false);
        nat.hairpin = true;
        network.runFor(20_000);
        server.local = new LocalAddresses(List.of(server.host.server));
        client.local = new LocalAddresses(List.of(client.host.server));
        server.listen(SERVER);
        Dialling dialling = client.dial(CLIENT, SERVER.publicKey()).await();
        assertThat(dialling.failure)
                .as("its server port is closed to the network")
                .isNull();
        PeerAddress remote = Objects.requireNonNull(dialling.stream.remote);
        assertThat(remote.host()).isEqualTo(nat.host);
    }

    private static SimulatedPeer behind(SimulatedNetwork network, SimulatedNat nat, String inside, boolean firewalled) {
        Host host = network.behind(nat, PeerAddress.parse(inside), firewalled, options -> options);
        return new SimulatedPeer(network, host);
    }

    @Test
    void shouldEndAllPunchesWhenTheNodeIsSuspended() {
        for (Firewall clientSide : List.of(Firewall.CONSISTENT, Firewall.RANDOM)) {
            Pair pair = new Pair(33, Firewall.CONSISTENT, clientSide);
            Dialling dialling = pair.client.dial(CLIENT, SERVER.publicKey());
            pair.network.runUntil("a punch", () -> pair.client.host.punching() > 0);
            pair.client.host.node.suspend(pair.network.nowMs);
            assertThat(pair.client.host.punching()).isZero();
            assertThat(pair.client.punching.running()).isZero();
            assertThat(dialling.stream.remote).isNull();
            pair.server.host.node.close(pair.network.nowMs);
            assertThat(pair.server.host.punching()).isZero();
        }
    }

    @Test
    void shouldNotFollowAStrangersProbeWhenTheServersOwnComes() {
        for (long seed = 40; seed < 45; seed++) {
            Pair pair = new Pair(seed, Firewall.CONSISTENT, Firewall.CONSISTENT);
            Dialling dialling = pair.client.dial(CLIENT, SERVER.publicKey());
            pair.network.runUntil("a punch", () -> pair.client.host.punching() > 0);
            PeerAddress stranger = PeerAddress.parse("66.6.6.6:66");
            for (int i = 0; i < 1_000; i++) pair.client.host.probe(stranger);
            assertThat(dialling.stream.remote).as("seed %d", seed).isNull();
            dialling.await();
            assertThat(Objects.requireNonNull(dialling.stream.remote).host())
                    .as("seed %d", seed)
                    .isEqualTo(11 << 24 | 50);
        }
    }

    @Test
    void shouldAnswerOnlySoManyProbesOfStrangers() {
        Pair pair = new Pair(46, Firewall.CONSISTENT, Firewall.CONSISTENT);
        pair.client.dial(CLIENT, SERVER.publicKey());
        pair.network.runUntil("a punch", () -> pair.server.host.punching() > 0);
        pair.network.flush(pair.server.host);
        long before = pair.network.sent;
        for (int i = 0; i < 5_000; i++) pair.server.host.probe(PeerAddress.parse("66.6.6.6:66"));
        pair.network.flush(pair.server.host);
        assertThat(pair.network.sent - before).isEqualTo(Holepuncher.MAX_ANSWERED);
    }

    @Test
    void shouldIgnoreWhatOthersWriteIntoAPunch() {
        Pair pair = new Pair(47, Firewall.CONSISTENT, Firewall.CONSISTENT);
        Dialling dialling = pair.client.dial(CLIENT, SERVER.publicKey());
        pair.network.runUntil("a punch", () -> pair.server.host.punching() > 0);
        Target target = Target.of(SERVER.publicKey());
        PeerAddress stranger = PeerAddress.parse("66.6.6.6:66");
        long before = pair.network.sent;
        for (int id = 0; id < 100; id++) {
            byte[] value =
                    new HolepunchMessage(RelayMode.FROM_RELAY, id, MessageTest.filled(90, id), stranger).encode();
            byte[] request = new Message.Request(
                            7,
                            pair.server.host.server,
                            null,
                            null,
                            false,
                            Command.Records.PEER_HOLEPUNCH,
                            target,
                            value)
                    .encode();
            pair.network.inject(pair.server.host, stranger, request);
        }
        assertThat(pair.network.sent).isEqualTo(before);
        assertThat(dialling.await().failure).isNull();
    }

    @Test
    void shouldTakeASocketsWorthOfTurnsWithRandomPorts() {
        Pair pair = new Pair(48, Firewall.CONSISTENT, Firewall.RANDOM);
        assertThat(pair.dial().failure).isNull();
        ConnectException.@Nullable Reason again = pair.dial().failure;
        assertThat(again).as("not twice within 20 seconds").isEqualTo(ConnectException.Reason.NOT_REACHABLE);
        pair.network.runFor(RandomPunches.INTERVAL_MS);
        assertThat(pair.dial().failure).isNull();
    }
}
