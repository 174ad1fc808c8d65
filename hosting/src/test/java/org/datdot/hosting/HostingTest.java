package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.datdot.crypto.CoreKey;
import org.datdot.drive.Hyperdrive;
import org.datdot.hypercore.Hypercore;
import org.datdot.ledger.Contract;
import org.datdot.ledger.Plan;
import org.datdot.ledger.Position;
import org.datdot.ledger.PositionStatus;
import org.datdot.ledger.ReplicaStatement;
import org.datdot.ledger.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole way of the data, with a real chain and real sockets: set up, hosted, read back, lost, healed. */
@Timeout(180)
final class HostingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private static Map<String, byte[]> files(long seed, int count, int mostBytes) {
        Random random = new Random(seed);
        Map<String, byte[]> files = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            byte[] content = new byte[random.nextInt(mostBytes)];
            if (i % 2 == 0) random.nextBytes(content);
            files.put("/folder" + i % 3 + "/file" + i, content);
        }
        return files;
    }

    private static Hyperdrive drive(TestNet.Node publisher, Map<String, byte[]> files) {
        Hyperdrive drive = Hyperdrive.open(publisher.store);
        files.forEach(drive::put);
        return drive;
    }

    private static PlanTerms terms(TestNet.Node publisher, int replicas) {
        return terms(publisher, replicas, Sealing.PLAIN);
    }

    private static PlanTerms terms(TestNet.Node publisher, int replicas, int sealing) {
        long until = System.currentTimeMillis() + Duration.ofHours(1).toMillis();
        return new PlanTerms(replicas, sealing, until, 100_000_000_000L, List.of(), List.of(publisher.addressText()));
    }

    private static long publish(
            TestNet net, TestNet.Node publisher, List<Hypercore> cores, int replicas, List<SponsorProgress> log)
            throws InterruptedException {
        Sponsor sponsor = new Sponsor(publisher.keys, net.ledger);
        long plan = sponsor.publish(cores, terms(publisher, replicas), log::add);
        sponsor.awaitHosted(plan, log::add);
        return plan;
    }

    private void assertReadable(TestNet net, CoreKey key, Map<String, byte[]> files, String reader)
            throws IOException, InterruptedException {
        TestNet.Node node = net.node(reader);
        try (Hyperdrive drive = new Reader(node.peers, node.store, PATIENCE).open(net.ledger, key)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                assertThat(drive.get(file.getKey())).as(file.getKey()).isEqualTo(file.getValue());
            }
        }
        node.close();
    }

    private static List<Position> positions(TestNet net, long plan) {
        Plan known = net.queries().getPlanByID(plan).orElseThrow();
        List<Position> positions = new ArrayList<>();
        for (long id : known.contracts()) {
            Contract contract = net.queries().getContractByID(id).orElseThrow();
            positions.addAll(contract.positions());
        }
        return positions;
    }

    private static boolean allActive(TestNet net, long plan) {
        return positions(net, plan).stream().allMatch(position -> position.status() == PositionStatus.ACTIVE);
    }

    private static List<TestNet.Node> hosters(TestNet net, List<TestNet.Node> nodes, long plan) {
        List<Long> users = positions(net, plan).stream().map(Position::hoster).toList();
        return nodes.stream().filter(node -> users.contains(node.user())).toList();
    }

    /** Encoders seal with keys of their own, attestor and hosters take the seal off to check, readers notice nothing, the ledger verifies leaves of sealed bytes. */
    @Test
    void shouldHostSealedReplicasAndServeWhatIsInThem() throws Exception {
        try (TestNet net = new TestNet(directory, 60, 4096)) {
            net.providers(7);
            TestNet.Node publisher = net.node("publisher");
            publisher.register();
            Map<String, byte[]> files = files(4, 4, 20_000);
            Hyperdrive drive = drive(publisher, files);
            CoreKey key = drive.key();
            List<SponsorProgress> log = new ArrayList<>();
            Sponsor sponsor = new Sponsor(publisher.keys, net.ledger);
            long plan =
                    sponsor.publish(Sponsor.cores(drive, PATIENCE), terms(publisher, 2, Sealing.TRAPDOOR), log::add);
            sponsor.awaitHosted(plan, log::add);
            assertThat(positions(net, plan))
                    .extracting(position -> position.replica().orElseThrow().sealingKey())
                    .doesNotHaveDuplicates()
                    .allMatch(found -> found.length() == ReplicaStatement.SEALING_KEY_BYTES);
            publisher.close();
            assertReadable(net, key, files, "reader");
            net.await(
                    "challenges passed",
                    PATIENCE,
                    () -> positions(net, plan).stream().allMatch(p -> p.passed() > 0));
        }
    }

    @Test
    void shouldKeepADriveReadableWhenThePublisherAndAHosterAreGone() throws Exception {
        try (TestNet net = new TestNet(directory, 60, 4096)) {
            long units = net.sum();
            List<TestNet.Node> providers = net.providers(9);
            TestNet.Node publisher = net.node("publisher");
            publisher.register();
            Map<String, byte[]> files = files(1, 12, 300_000);
            Hyperdrive drive = drive(publisher, files);
            CoreKey key = drive.key();
            List<SponsorProgress> log = new ArrayList<>();
            long plan = publish(net, publisher, Sponsor.cores(drive, PATIENCE), 3, log);
            assertThat(log).last().isEqualTo(new SponsorProgress.PlanHosted(plan));
            assertThat(net.sum()).isEqualTo(units);
            assertThat(hosters(net, providers, plan)).hasSize(3);

            publisher.close();
            assertReadable(net, key, files, "reader1");

            // one challenge each is answered before the next step
            net.await(
                    "challenges passed",
                    PATIENCE,
                    () -> positions(net, plan).stream().allMatch(p -> p.passed() > 0));

            TestNet.Node lost = hosters(net, providers, plan).getFirst();
            long lostUser = lost.user();
            lost.close();
            net.await(
                    "the lost hoster's position vacant",
                    PATIENCE,
                    () -> positions(net, plan).stream().noneMatch(position -> position.hoster() == lostUser));
            net.await("a new hoster active", PATIENCE, () -> allActive(net, plan));
            assertThat(hosters(net, providers, plan)).hasSize(3).doesNotContain(lost);
            assertReadable(net, key, files, "reader2");

            // it comes back: what it must not keep is deleted
            TestNet.Node back = net.restart(lost);
            back.provide();
            net.await(
                    "dropped replicas deleted",
                    PATIENCE,
                    () -> isEmpty(back.home().resolve("replicas/hosted")));
            assertThat(net.sum()).isEqualTo(units);
            for (TestNet.Node node : providers)
                assertThat(node.alerts).as(node.name).isEmpty();
        }
    }

    private static Hypercore core(TestNet.Node node, String name, long seed, int blocks) {
        Hypercore core = node.store.get(name);
        Random random = new Random(seed);
        List<byte[]> made = new ArrayList<>();
        for (int i = 0; i < blocks; i++) made.add(Sample.block(random));
        core.append(made);
        return core;
    }

    /** Reads all blocks of a core from the ledger's hosters with a fresh store. */
    private static void assertReadable(TestNet net, CoreKey key, long seed, int blocks, String reader)
            throws Exception {
        TestNet.Node node = net.node(reader);
        Dialer.connectAny(node.peers, Reader.hosters(net.ledger, key), List.of(), PATIENCE);
        Random random = new Random(seed);
        try (Hypercore core = node.store.get(key)) {
            core.update(PATIENCE);
            assertThat(core.length()).isEqualTo(blocks);
            for (int i = 0; i < blocks; i++) {
                assertThat(core.get(i, PATIENCE)).as("block %d", i).isEqualTo(Sample.block(random));
            }
        }
        node.close();
    }

    @Test
    void shouldHostEveryBlockOfACoreWhenProvidersAreThere() throws Exception {
        try (TestNet net = new TestNet(directory, 60, 4096)) {
            long units = net.sum();
            List<TestNet.Node> providers = net.providers(7);
            TestNet.Node publisher = net.node("publisher");
            publisher.register();
            Hypercore core = core(publisher, "data", 5, 300);
            CoreKey key = core.key();
            long plan = publish(net, publisher, List.of(core), 3, new ArrayList<>());
            publisher.close();
            assertReadable(net, key, 5, 300, "reader");
            net.await(
                    "challenges passed",
                    PATIENCE,
                    () -> positions(net, plan).stream().allMatch(p -> p.passed() > 0));
            assertThat(net.sum()).isEqualTo(units);
            for (TestNet.Node node : providers)
                assertThat(node.alerts).as(node.name).isEmpty();
        }
    }

    private static TestNet.Node hosterOf(List<TestNet.Node> nodes, Position position) {
        return nodes.stream()
                .filter(node -> node.user() == position.hoster())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldReplaceAHosterThatIsGoneAndDropWhatItHeldWhenItComesBack() throws Exception {
        try (TestNet net = new TestNet(directory, 60, 100)) {
            long units = net.sum();
            List<TestNet.Node> providers = net.providers(9);
            TestNet.Node publisher = net.node("publisher");
            publisher.register();
            Hypercore core = core(publisher, "data", 6, 250);
            CoreKey key = core.key();
            long plan = publish(net, publisher, List.of(core), 3, new ArrayList<>());
            assertThat(positions(net, plan)).hasSize(9);
            publisher.close();

            TestNet.Node lost = hosterOf(providers, positions(net, plan).getFirst());
            long lostUser = lost.user();
            lost.close();
            net.await(
                    "the lost hoster's positions vacant",
                    PATIENCE,
                    () -> positions(net, plan).stream().noneMatch(position -> position.hoster() == lostUser));
            net.await("all positions active again", PATIENCE, () -> allActive(net, plan));
            assertReadable(net, key, 6, 250, "reader");

            TestNet.Node back = net.restart(lost);
            back.provide();
            net.await(
                    "dropped replicas deleted",
                    PATIENCE,
                    () -> isEmpty(back.home().resolve("replicas/hosted")));
            assertThat(net.sum()).isEqualTo(units);
            for (TestNet.Node node : providers)
                assertThat(node.alerts).as(node.name).isEmpty();
        }
    }

    @Test
    void shouldFinishTheSetupWhenEveryProviderIsKilledAndRestartedOnTheWay() throws Exception {
        try (TestNet net = new TestNet(directory, 400, 4096)) {
            List<TestNet.Node> providers = new ArrayList<>(net.providers(7));
            TestNet.Node publisher = net.node("publisher");
            publisher.register();
            Hypercore core = core(publisher, "data", 7, 400);
            Sponsor sponsor = new Sponsor(publisher.keys, net.ledger);
            long plan = sponsor.publish(List.of(core), terms(publisher, 3), _ -> {});
            Random random = new Random(7);
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < providers.size(); i++) {
                    providers.get(i).close();
                    TestNet.Node again = net.restart(providers.get(i));
                    again.provide();
                    providers.set(i, again);
                    long until = net.ledger.head().number() + random.nextInt(3);
                    net.await("some blocks", PATIENCE, () -> net.ledger.head().number() >= until);
                }
            }
            sponsor.awaitHosted(plan, _ -> {});
            publisher.close();
            assertReadable(net, core.key(), 7, 400, "reader");
            // and once more with everything hosted: what is on disk is served again
            for (int i = 0; i < providers.size(); i++) {
                providers.get(i).close();
                providers.set(i, net.restart(providers.get(i)));
                providers.get(i).provide();
            }
            assertReadable(net, core.key(), 7, 400, "reader2");
            for (TestNet.Node node : providers)
                assertThat(node.alerts).as(node.name).isEmpty();
        }
    }

    @Test
    void shouldDrawAgainWhenProvidersDoNotRunOrHaveNoRoom() throws Exception {
        try (TestNet net = new TestNet(directory, 25, 4096)) {
            List<TestNet.Node> providers = net.offering(10);
            providers.getFirst().provide(1000); // offered more than it lends
            for (TestNet.Node node : providers.subList(2, 10)) node.provide(); // the second does not run at all
            TestNet.Node publisher = net.node("publisher");
            publisher.register();
            List<Long> plans = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Hypercore core = core(publisher, "data" + i, 10 + i, 40);
                plans.add(publish(net, publisher, List.of(core), 3, new ArrayList<>()));
            }
            for (long plan : plans) {
                assertThat(allActive(net, plan)).isTrue();
                assertThat(hosters(net, providers.subList(0, 2), plan)).isEmpty();
            }
            assertThat(providers.getFirst().alerts).allMatch(alert -> alert.contains("bytes"));
        }
    }

    private static User user(TestNet net, TestNet.Node node) {
        return net.queries().getUserByID(node.user()).orElseThrow();
    }

    @Test
    void shouldBlameAnEncoderThatLiesAndNobodyElse() throws Exception {
        try (TestNet net = new TestNet(directory, 60, 4096)) {
            List<TestNet.Node> providers = net.providers(9);
            TestNet.Node publisher = net.node("publisher");
            publisher.register();
            TestNet.Node liar = providers.getFirst();
            LyingEncoder lying = net.lie(liar);
            for (int i = 0; lying.lies() == 0; i++) {
                Hypercore core = core(publisher, "data" + i, 20 + i, 30);
                long plan = publish(net, publisher, List.of(core), 3, new ArrayList<>());
                assertThat(allActive(net, plan)).isTrue();
                assertReadable(net, core.key(), 20 + i, 30, "reader" + i);
            }
            // The liar denies it, so that it is a dispute; nobody who did its part has failed.
            net.await(
                    "the accusation decided",
                    PATIENCE,
                    () -> user(net, liar).disputes() + user(net, liar).failures() > 0);
            for (TestNet.Node node : providers) {
                if (node != liar)
                    assertThat(user(net, node).failures()).as(node.name).isZero();
            }
        }
    }

    @Test
    void shouldAlertAndBeReplacedWhenAReplicaOnDiskIsDamaged() throws Exception {
        try (TestNet net = new TestNet(directory, 60, 4096)) {
            List<TestNet.Node> providers = net.providers(9);
            TestNet.Node publisher = net.node("publisher");
            publisher.register();
            Hypercore core = core(publisher, "data", 8, 60);
            long plan = publish(net, publisher, List.of(core), 3, new ArrayList<>());
            TestNet.Node damaged = hosters(net, providers, plan).getFirst();
            long user = damaged.user();
            try (var found = Files.walk(damaged.home().resolve("replicas/hosted"))) {
                for (Path data : found.filter(path -> path.endsWith("data")).toList()) {
                    byte[] bytes = Files.readAllBytes(data);
                    for (int i = 0; i < bytes.length; i += 500) bytes[i] ^= 1;
                    Files.write(data, bytes);
                }
            }
            net.await(
                    "the damaged hoster replaced",
                    PATIENCE,
                    () -> positions(net, plan).stream().noneMatch(position -> position.hoster() == user));
            net.await("a new hoster active", PATIENCE, () -> allActive(net, plan));
            assertThat(damaged.alerts).anyMatch(alert -> alert.contains("check the disk"));
            assertReadable(net, core.key(), 8, 60, "reader");
        }
    }

    @Test
    void shouldTakeItsRunningPlanAndPublishOtherPeoplesFeedsWhenAsked() throws Exception {
        try (TestNet net = new TestNet(directory, 60, 4096)) {
            net.providers(7);
            TestNet.Node owner = net.node("owner");
            Hypercore core = core(owner, "data", 9, 50);
            TestNet.Node publisher = net.node("publisher");
            publisher.register();
            publisher.peers.connect(owner.address, owner.keys.noise().publicKey());
            Hypercore learnt = publisher.store.get(core.key());
            learnt.update(PATIENCE);
            List<SponsorProgress> log = new ArrayList<>();
            Sponsor sponsor = new Sponsor(publisher.keys, net.ledger);
            long plan = sponsor.publish(List.of(learnt), terms(owner, 3), log::add);
            assertThat(new Sponsor(publisher.keys, net.ledger).publish(List.of(learnt), terms(owner, 3), log::add))
                    .isEqualTo(plan);
            assertThat(log)
                    .filteredOn(SponsorProgress.PlanKnown.class::isInstance)
                    .containsExactly(
                            new SponsorProgress.PlanKnown(plan, 1, false),
                            new SponsorProgress.PlanKnown(plan, 1, true));
            sponsor.awaitHosted(plan, log::add);
            assertThat(sponsor.activePositions(plan)).isEqualTo(3);
            assertThat(net.queries().getPlansBySponsor(publisher.user())).hasSize(1);
            owner.close();
            publisher.close();
            assertReadable(net, core.key(), 9, 50, "reader");
        }
    }

    private static boolean isEmpty(Path folder) {
        try (var entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
