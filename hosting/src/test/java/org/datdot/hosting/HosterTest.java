package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.datdot.crypto.CoreKey;
import org.datdot.drive.Hyperdrive;
import org.datdot.hypercore.Hypercore;
import org.datdot.ledger.Absence;
import org.datdot.ledger.Call;
import org.datdot.ledger.Contract;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.Plan;
import org.datdot.ledger.PlanStatus;
import org.datdot.ledger.Position;
import org.datdot.ledger.PositionStatus;
import org.datdot.ledger.Until;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a hoster owes besides storing: it comes back after it was cut off, serves nobody of a paused plan, and reports what it served. */
@Timeout(240)
final class HosterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private record Hosted(TestNet.Node publisher, Hyperdrive drive, long plan, TestNet.Node hoster) {
        CoreKey key() {
            return drive.key();
        }
    }

    /** A network with one plan of one copy. */
    private static Hosted host(TestNet net) throws Exception {
        List<TestNet.Node> providers = net.providers(4);
        TestNet.Node publisher = net.node("publisher");
        publisher.register();
        Hyperdrive drive = Hyperdrive.open(publisher.store);
        byte[] content = new byte[300_000];
        new Random(1).nextBytes(content);
        drive.put("/file", content);
        Sponsor sponsor = new Sponsor(publisher.keys, net.ledger);
        PlanTerms terms =
                new PlanTerms(1, Sealing.PLAIN, until(), 100_000_000_000L, List.of(), List.of(publisher.addressText()));
        long plan = sponsor.publish(Sponsor.cores(drive, PATIENCE), terms, _ -> {});
        sponsor.awaitHosted(plan, _ -> {});
        long hoster = position(net, plan).hoster();
        TestNet.Node node = providers.stream()
                .filter(one -> one.user() == hoster)
                .findFirst()
                .orElseThrow();
        return new Hosted(publisher, drive, plan, node);
    }

    /** However slow the machine is, nobody is given up. */
    private static Parameters patient() {
        return TestNet.parameters(60, 4096).with("AbsenceAllowance", 100_000).with("AbsencePeriod", 200_000);
    }

    private static long until() {
        return System.currentTimeMillis() + Duration.ofHours(1).toMillis();
    }

    private static Plan plan(TestNet net, long plan) {
        return net.queries().getPlanByID(plan).orElseThrow();
    }

    private static Position position(TestNet net, long plan) {
        Contract contract = net.queries()
                .getContractByID(plan(net, plan).contracts().getFirst())
                .orElseThrow();
        return contract.positions().getFirst();
    }

    private static Absence absence(TestNet net, long user) {
        return net.queries().getUserByID(user).orElseThrow().absence();
    }

    private static boolean serves(TestNet.Node node, CoreKey key) {
        return node.store.list().stream()
                .anyMatch(core -> core.hosted() && core.key().equals(key));
    }

    @Test
    void shouldComeBackAfterItWasAwayForLongerThanAnAnswerMayTake() throws Exception {
        try (TestNet net = new TestNet(directory, patient())) {
            Hosted hosted = host(net);
            long hoster = hosted.hoster().user();
            long amendment = position(net, hosted.plan()).amendment();
            hosted.hoster().close();
            net.await("it is missed", PATIENCE, () -> absence(net, hoster).now());
            net.restart(hosted.hoster()).provide();
            net.await("it is back", PATIENCE, () -> !absence(net, hoster).now());
            Position position = position(net, hosted.plan());
            assertThat(position.status()).isEqualTo(PositionStatus.ACTIVE);
            assertThat(position.amendment()).as("the same replica").isEqualTo(amendment);
            assertThat(absence(net, hoster).unpaidMs()).isPositive();
            net.await(
                    "it is paid again",
                    PATIENCE,
                    () -> position(net, hosted.plan()).passed() > position.passed());
        }
    }

    @Test
    void shouldServeNobodyOfAPausedPlanAndGoOnProvingAlsoAfterARestart() throws Exception {
        try (TestNet net = new TestNet(directory, patient())) {
            Hosted hosted = host(net);
            net.await("it serves", PATIENCE, () -> serves(hosted.hoster(), hosted.key()));
            net.ledger.submit(hosted.publisher().keys, new Call.PausePlan(hosted.plan()));
            net.await("it stops serving", PATIENCE, () -> !serves(hosted.hoster(), hosted.key()));
            long passed = position(net, hosted.plan()).passed();
            net.await(
                    "it proves on", PATIENCE, () -> position(net, hosted.plan()).passed() > passed);
            assertThat(serves(hosted.hoster(), hosted.key())).isFalse();

            hosted.hoster().close();
            TestNet.Node again = net.restart(hosted.hoster());
            again.provide();
            long before = position(net, hosted.plan()).passed();
            net.await(
                    "it proves after the restart",
                    PATIENCE,
                    () -> position(net, hosted.plan()).passed() > before);
            assertThat(serves(again, hosted.key())).isFalse();
            net.ledger.submit(hosted.publisher().keys, new Call.ResumePlan(hosted.plan()));
            net.await("it serves again", PATIENCE, () -> serves(again, hosted.key()));
        }
    }

    @Test
    void shouldReportWhatItServedAndNoMoreUntilThePlanEnds() throws Exception {
        // No attestor reads meanwhile: only the readers of this test do.
        Parameters unmeasured = patient().with("PerformanceDelay", 1_000_000);
        try (TestNet net = new TestNet(directory, unmeasured)) {
            Hosted hosted = host(net);
            long bytes = 0;
            for (Hypercore core : Sponsor.cores(hosted.drive(), PATIENCE)) bytes += core.byteLength();
            long limit = bytes * 3 / 2;
            net.ledger.submit(
                    hosted.publisher().keys,
                    new Call.UpdatePlan(
                            hosted.plan(), new Until(until(), limit), 0, 0, List.of(), List.of(), List.of()));
            hosted.publisher().close();
            read(net, hosted, "first");
            net.await(
                    "what the first reader was given is reported",
                    PATIENCE,
                    () -> plan(net, hosted.plan()).servedBytes() >= 300_000 - limit / 100);
            assertThat(plan(net, hosted.plan()).servedBytes()).isLessThanOrEqualTo(bytes);
            assertThat(plan(net, hosted.plan()).open()).isTrue();
            read(net, hosted, "second");
            net.await("the plan ends", PATIENCE, () -> plan(net, hosted.plan()).status() == PlanStatus.ENDED);
            assertThat(plan(net, hosted.plan()).servedBytes()).isBetween(limit, 2 * bytes);
        }
    }

    private static void read(TestNet net, Hosted hosted, String name) throws Exception {
        TestNet.Node node = net.node(name);
        try (Hyperdrive drive = new Reader(node.peers, node.store, PATIENCE).open(net.ledger, hosted.key())) {
            assertThat(drive.get("/file")).hasSize(300_000);
        }
        node.close();
    }
}
