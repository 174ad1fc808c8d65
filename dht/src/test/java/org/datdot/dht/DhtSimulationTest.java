package org.datdot.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.DhtException.Reason;
import org.datdot.dht.SimulatedNetwork.Host;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whole networks on simulated time: nodes come and go, datagrams are lost, and what was announced stays to be found. */
class DhtSimulationTest {
    private static final class Outcome implements RecordClient.End {
        final List<LookupResult> results = new ArrayList<>();
        final List<byte[]> values = new ArrayList<>();
        final List<MutableValue> mutables = new ArrayList<>();

        @Nullable
        List<PeerAddress> closest;

        @Nullable
        Reason failure;

        boolean over() {
            return closest != null || failure != null;
        }

        @Override
        public void finished(List<PeerAddress> nodes) {
            closest = nodes;
        }

        @Override
        public void failed(Reason reason) {
            failure = reason;
        }

        boolean found(KeyPair keys) {
            return results.stream()
                    .flatMap(result -> result.peers().stream())
                    .anyMatch(peer -> peer.publicKey().equals(keys.publicKey()));
        }
    }

    @Test
    void shouldFindEveryAnnouncedTopicWhen200NodesComeAndGo() {
        churn(new SimulatedNetwork(1), 200, 30);
    }

    @Test
    @Tag("slow")
    void shouldFindEveryAnnouncedTopicWhen1000NodesComeAndGo() {
        churn(new SimulatedNetwork(2), 1_000, 100);
    }

    @Test
    void shouldSendTheSameDatagramsWhenTheSeedIsTheSame() {
        SimulatedNetwork first = new SimulatedNetwork(3);
        SimulatedNetwork second = new SimulatedNetwork(3);
        SimulatedNetwork other = new SimulatedNetwork(4);
        for (SimulatedNetwork network : List.of(first, second, other)) churn(network, 60, 5);
        assertThat(second.trace.getValue()).isEqualTo(first.trace.getValue());
        assertThat(second.sent).isEqualTo(first.sent);
        assertThat(other.trace.getValue()).isNotEqualTo(first.trace.getValue());
    }

    /** A fifth of all nodes is replaced in the course of it; announcers renew as stock ones do. */
    private static void churn(SimulatedNetwork network, int nodes, int topics) {
        network.loss = 0.01;
        grow(network, nodes);
        Random random = new Random(network.seed);
        List<KeyPair> announcers = new ArrayList<>();
        List<Target> targets = new ArrayList<>();
        for (int i = 0; i < topics; i++) {
            announcers.add(keys(random));
            targets.add(target(random));
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < topics; i++) {
                Outcome announced = announce(network, network.anyPersistent(), targets.get(i), announcers.get(i));
                assertThat(announced.failure)
                        .as("announcing %s, seed %s", targets.get(i), network.seed)
                        .isNull();
                assertThat(announced.closest).hasSizeGreaterThan(10);
            }
            for (int i = 0; i < nodes / 15; i++) {
                List<Host> up =
                        network.hosts.stream().skip(1).filter(host -> host.up).toList();
                network.stop(up.get(random.nextInt(up.size())));
                network.persistent();
                network.runFor(2_000);
            }
            network.runFor(5 * 60_000 - nodes / 15 * 2_000);
            for (int i = 0; i < topics; i++) {
                Outcome looked = lookup(network, network.anyPersistent(), targets.get(i));
                assertThat(looked.found(announcers.get(i)))
                        .as("looking up topic %s in round %s, seed %s", i, round, network.seed)
                        .isTrue();
            }
        }
    }

    @Test
    void shouldForgetAnAnnouncementWhenItIsWithdrawnAndWhenItIsOld() {
        SimulatedNetwork network = new SimulatedNetwork(5);
        grow(network, 40);
        KeyPair keys = keys(network.random);
        Target topic = target(network.random);
        Host host = network.anyPersistent();
        announce(network, host, topic, keys);
        assertThat(lookup(network, network.anyPersistent(), topic).found(keys)).isTrue();
        Outcome gone = new Outcome();
        host.records.unannounce(topic, keys, gone, network.nowMs);
        finish(network, host, gone);
        assertThat(lookup(network, network.anyPersistent(), topic).results).isEmpty();
        announce(network, host, topic, keys);
        network.runFor(12 * 60_000);
        assertThat(lookup(network, network.anyPersistent(), topic).found(keys)).isTrue();
        network.runFor(16 * 60_000);
        assertThat(lookup(network, network.anyPersistent(), topic).results).isEmpty();
    }

    @Test
    void shouldBeginWithTheNodesItRemembersAndFindOthersWhenTheseAreGone() {
        SimulatedNetwork network = new SimulatedNetwork(9);
        grow(network, 60);
        KeyPair keys = keys(network.random);
        Target topic = target(network.random);
        announce(network, network.anyPersistent(), topic, keys);
        Host host = network.anyPersistent();
        List<PeerAddress> closest = Objects.requireNonNull(lookup(network, host, topic).closest);
        assertThat(closest).hasSize(RoutingTable.K);

        Outcome again = lookupFrom(network, host, topic, closest);
        assertThat(again.found(keys)).isTrue();
        assertThat(again.closest).isEqualTo(closest);

        List<PeerAddress> gone = new ArrayList<>();
        for (int i = 0; i < RoutingTable.K; i++) gone.add(network.nextAddress());
        Outcome without = lookupFrom(network, host, topic, gone);
        assertThat(without.found(keys)).isTrue();
        assertThat(without.closest).isEqualTo(closest);
    }

    private static Outcome lookupFrom(SimulatedNetwork network, Host host, Target topic, List<PeerAddress> known) {
        Outcome outcome = new Outcome();
        new RecordClient(host.node, known).lookup(topic, outcome.results::add, outcome, network.nowMs);
        finish(network, host, outcome);
        return outcome;
    }

    @Test
    void shouldKeepValuesForEverybodyAndTheNewestOfMutableOnes() {
        SimulatedNetwork network = new SimulatedNetwork(6);
        network.loss = 0.02;
        grow(network, 40);
        byte[] value = {1, 2, 3};
        Outcome put = new Outcome();
        Host host = network.anyPersistent();
        host.records.immutablePut(value, put, network.nowMs);
        finish(network, host, put);
        Outcome got = new Outcome();
        Host reader = network.anyPersistent();
        reader.records.immutableGet(Target.hash(value), got.values::add, got, network.nowMs);
        finish(network, reader, got);
        assertThat(got.values).isNotEmpty().allSatisfy(v -> assertThat(v).isEqualTo(value));

        KeyPair keys = keys(network.random);
        for (int seq : new int[] {3, 7}) {
            Outcome stored = new Outcome();
            MutableValue signed = RecordSignatures.signMutable(seq, new byte[] {(byte) seq}, keys);
            host.records.mutablePut(keys.publicKey(), signed, stored, network.nowMs);
            finish(network, host, stored);
            assertThat(stored.failure).isNull();
        }
        for (long from : new long[] {0, 7, 8}) {
            Outcome read = new Outcome();
            reader.records.mutableGet(keys.publicKey(), from, read.mutables::add, read, network.nowMs);
            finish(network, reader, read);
            if (from == 8) assertThat(read.mutables).isEmpty();
            else
                assertThat(read.mutables.stream().mapToLong(MutableValue::seq))
                        .contains(7L)
                        .allMatch(seq -> seq >= from);
        }
        for (int seq : new int[] {6, 7}) {
            Outcome refused = new Outcome();
            MutableValue older = RecordSignatures.signMutable(seq, new byte[] {99}, keys);
            host.records.mutablePut(keys.publicKey(), older, refused, network.nowMs);
            finish(network, host, refused);
            assertThat(refused.failure).isEqualTo(Reason.OUTDATED);
        }
    }

    @Test
    void shouldBecomePersistentAfterTwentyMinutesWhenItsPortCanBeReached() {
        SimulatedNetwork network = new SimulatedNetwork(7);
        grow(network, 30);
        Host open = network.add(network.nextAddress(), false, network.begin(), options -> options);
        Host behind = network.add(network.nextAddress(), true, network.begin(), options -> options);
        Host shy = network.add(
                network.nextAddress(), false, network.begin(), options -> options.withMode(DhtOptions.Mode.EPHEMERAL));
        network.runFor(18 * 60_000);
        assertThat(open.node.bootstrapped()).isTrue();
        assertThat(open.node.id()).isNull();
        network.runFor(4 * 60_000);
        assertThat(open.node.id()).isEqualTo(open.server.id());
        assertThat(open.node.reachability().firewalled()).isFalse();
        assertThat(open.node.reachability().address()).isEqualTo(open.server);
        assertThat(behind.node.id()).isNull();
        assertThat(behind.node.reachability().firewalled()).isTrue();
        assertThat(shy.node.id()).isNull();
        network.runFor(60_000);
        assertThat(network.hosts.stream().filter(host -> host.node.table().get(open.server.id()) != null))
                .as("nodes that know the new one, seed %s", network.seed)
                .hasSizeGreaterThan(3);
    }

    @Test
    void shouldNoticeThatTheNetworkIsGoneAndThatItIsBack() {
        SimulatedNetwork network = new SimulatedNetwork(8);
        grow(network, 30);
        Host host = network.hosts.getLast();
        assertThat(host.node.health().online()).isTrue();
        network.loss = 1;
        for (int i = 0; i < 8; i++) {
            lookup(network, host, target(network.random));
            network.runFor(5_000);
        }
        assertThat(host.node.health().online()).isFalse();
        network.loss = 0;
        for (int i = 0; i < 8; i++) {
            lookup(network, host, target(network.random));
            network.runFor(2_000);
        }
        assertThat(host.node.health().online()).isTrue();
        assertThat(host.node.table().size()).isPositive();
    }

    @Test
    void shouldFailWhatIsUnderWayWhenSuspendedAndGoOnWhenResumed() {
        SimulatedNetwork network = new SimulatedNetwork(9);
        grow(network, 30);
        Host host = network.hosts.getLast();
        Outcome outcome = new Outcome();
        host.records.lookup(target(network.random), outcome.results::add, outcome, network.nowMs);
        host.node.suspend(network.nowMs);
        assertThat(outcome.failure).isEqualTo(Reason.SUSPENDED);
        assertThat(host.node.nextWakeMs()).isEqualTo(Timers.NEVER);
        network.flush(host);
        assertThat(lookupAtOnce(network, host).failure).isEqualTo(Reason.SUSPENDED);
        network.runFor(60_000);
        host.node.resume(host.server.port(), network.nowMs);
        network.flush(host);
        KeyPair keys = keys(network.random);
        Target topic = target(network.random);
        announce(network, network.hosts.get(3), topic, keys);
        assertThat(lookup(network, host, topic).found(keys)).isTrue();
        host.node.close(network.nowMs);
        assertThat(lookupAtOnce(network, host).failure).isEqualTo(Reason.CLOSED);
    }

    @Test
    void shouldRemoveNodesThatVanishedFromItsTable() {
        SimulatedNetwork network = new SimulatedNetwork(10);
        grow(network, 30);
        Host host = network.hosts.get(5);
        List<Host> gone = network.hosts.subList(20, 30);
        gone.forEach(network::stop);
        network.runFor(15 * 60_000);
        assertThat(gone)
                .as("seed %s", network.seed)
                .noneMatch(other -> host.node.table().get(other.server.id()) != null);
        assertThat(host.node.table().size()).isGreaterThanOrEqualTo(15);
    }

    private static Outcome lookupAtOnce(SimulatedNetwork network, Host host) {
        Outcome outcome = new Outcome();
        host.records.lookup(target(network.random), outcome.results::add, outcome, network.nowMs);
        return outcome;
    }

    private static void grow(SimulatedNetwork network, int nodes) {
        network.bootstrapper();
        network.runFor(100);
        while (network.hosts.size() < nodes) {
            Host host = network.persistent();
            network.runUntil("bootstrap", host.node::bootstrapped);
            assertThat(host.node.id()).as("seed %s", network.seed).isEqualTo(host.server.id());
        }
        network.runFor(10_000);
    }

    private static Outcome announce(SimulatedNetwork network, Host host, Target topic, KeyPair keys) {
        Outcome outcome = new Outcome();
        host.records.announce(topic, keys, List.of(host.server), 0, outcome, network.nowMs);
        finish(network, host, outcome);
        return outcome;
    }

    private static Outcome lookup(SimulatedNetwork network, Host host, Target topic) {
        Outcome outcome = lookupInto(network, host, topic);
        finish(network, host, outcome);
        return outcome;
    }

    private static Outcome lookupInto(SimulatedNetwork network, Host host, Target topic) {
        Outcome outcome = new Outcome();
        host.records.lookup(topic, outcome.results::add, outcome, network.nowMs);
        return outcome;
    }

    private static void finish(SimulatedNetwork network, Host host, Outcome outcome) {
        network.flush(host);
        network.runUntil("the end of a query", outcome::over);
        assertThat(host.node.queries()).isLessThan(10);
    }

    private static KeyPair keys(Random random) {
        byte[] seed = new byte[32];
        random.nextBytes(seed);
        return KeyPair.fromSeed(seed);
    }

    private static Target target(Random random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return new Target(bytes);
    }
}
