package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.datdot.drive.Hyperdrive;
import org.datdot.ledger.Measured;
import org.datdot.ledger.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Performance challenges as the providers' roles meet them: they connect as readers, commit, and reveal. */
@Timeout(240)
final class MeasuringTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void shouldMeasureAHosterAsAReaderAndCommitAndRevealInTime() throws Exception {
        try (TestNet net = new TestNet(directory, 60, 4096)) {
            List<TestNet.Node> providers = net.providers(7);
            TestNet.Node publisher = net.node("publisher");
            publisher.register();
            Hyperdrive drive = Hyperdrive.open(publisher.store);
            drive.put("/file", new byte[200_000]);
            Sponsor sponsor = new Sponsor(publisher.keys, net.ledger);
            PlanTerms terms = new PlanTerms(
                    1,
                    Sealing.PLAIN,
                    System.currentTimeMillis() + Duration.ofHours(1).toMillis(),
                    100_000_000_000L,
                    List.of(),
                    List.of(publisher.addressText()));
            long plan = sponsor.publish(Sponsor.cores(drive, PATIENCE), terms, _ -> {});
            sponsor.awaitHosted(plan, _ -> {});
            long hoster = net.queries()
                    .getContractByID(net.queries()
                            .getPlanByID(plan)
                            .orElseThrow()
                            .contracts()
                            .getFirst())
                    .orElseThrow()
                    .positions()
                    .getFirst()
                    .hoster();

            net.await("a measurement", PATIENCE, () -> measured(net, hoster).samples() > 0);
            Measured found = measured(net, hoster);
            assertThat(found.availabilityPermille()).isEqualTo(1000);
            assertThat(found.latencyMs()).isPositive();
            assertThat(found.bytesPerSecond()).isPositive();
            // Who measured was in time with commitment and report, all of them.
            for (TestNet.Node node : providers) {
                User user = net.queries().getUserByID(node.user()).orElseThrow();
                assertThat(user.failures()).as("user %d", user.id()).isZero();
                assertThat(user.strikes().measuring()).as("user %d", user.id()).isZero();
            }
        }
    }

    private static Measured measured(TestNet net, long user) {
        return net.queries().getUserByID(user).orElseThrow().measured();
    }
}
