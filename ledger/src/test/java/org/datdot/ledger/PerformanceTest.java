package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

/** Performance challenges: commit, reveal, median, pay. */
class PerformanceTest {
    private static final long HOUR_MS = 3_600_000;

    private final World world = new World();
    private final Person sponsor = world.user("sponsor");
    private final List<Person> providers = world.providers(12);
    private final World.Published feed = world.feed(sponsor, "feed", 40, 65_536);

    private PerformanceChallenge challenge() {
        world.publish(sponsor, world.planCall(feed, 1, HOUR_MS, World.TOKEN));
        for (int i = 0;
                i < 100 && world.seen(Event.NewPerformanceChallenge.class).isEmpty();
                i++) {
            world.block();
            world.everybodyWorks();
        }
        world.block();
        long id = world.seen(Event.NewPerformanceChallenge.class).getFirst().challenge();
        return world.queries().getPerformanceChallengeByID(id).orElseThrow();
    }

    @Test
    void shouldDrawAttestorsWhoAreNotTheHosterNorTheSponsor() {
        PerformanceChallenge challenge = challenge();
        assertThat(challenge.reports())
                .hasSize((int) world.parameters.performanceAttestorCount())
                .extracting(PerformanceChallenge.Report::attestor)
                .doesNotHaveDuplicates()
                .doesNotContain(challenge.hoster(), sponsor.id());
        Invariants.check(world.state);
    }

    @Test
    void shouldTakeTheMedianRateTheHosterAndPayWhoAgrees() {
        PerformanceChallenge challenge = challenge();
        world.blocks((int) (challenge.revealUntilBlock() - world.number + 2));
        assertThat(world.seen(Event.PerformanceMeasured.class))
                .contains(new Event.PerformanceMeasured(challenge.id(), challenge.hoster(), world.measured));
        Measured measured = world.user(challenge.hoster()).measured();
        assertThat(measured).isEqualTo(new Measured(1, 1000, 20, 10_000_000));
        assertThat(world.seen(Event.Paid.class).stream().filter(paid -> paid.reason() == PaymentReason.MEASURING))
                .hasSize(3);
        Invariants.check(world.state);
    }

    @Test
    void shouldFailAttestorsThatDoNotRevealAndMeasureNothingWithoutAMajority() {
        PerformanceChallenge challenge = challenge();
        // Everybody keeps silent but the one hoster, who answers its storage challenges.
        while (world.number <= challenge.revealUntilBlock()) {
            world.block();
            world.jobs(challenge.hoster())
                    .challenge()
                    .ifPresent(open ->
                            world.submit(world.person(challenge.hoster()), world.answer(world.challenge(open))));
        }
        challenge
                .reports()
                .forEach(report ->
                        assertThat(world.user(report.attestor()).failures()).isPositive());
        assertThat(world.queries()
                        .getPerformanceChallengeByID(challenge.id())
                        .orElseThrow()
                        .status())
                .isEqualTo(PerformanceStatus.VOID);
        Invariants.check(world.state);
    }

    @Test
    void shouldRefuseCopiedChangedAndLateReports() {
        PerformanceChallenge challenge = challenge();
        PerformanceChallenge.Report open = challenge.reports().stream()
                .filter(report -> report.commitment().isPresent())
                .findFirst()
                .orElseThrow();
        AccountId account = world.person(open.attestor()).account();
        Call reveal = new Call.SubmitPerformanceChallenge(
                challenge.id(),
                new PerformanceSubmission.Reveal(world.measured, World.salt(challenge.id(), open.attestor())));
        // Too early, and a second commitment.
        assertThat(world.refused(account, reveal).error()).isEqualTo(LedgerError.INVALID_MEASUREMENT);
        assertThat(world.refused(
                                account,
                                new Call.SubmitPerformanceChallenge(
                                        challenge.id(), new PerformanceSubmission.Commit(World.GENESIS)))
                        .error())
                .isEqualTo(LedgerError.INVALID_MEASUREMENT);
        world.passBlock(challenge.commitUntilBlock());
        // Another measurement than committed to, and another's salt.
        for (PerformanceSubmission.Reveal wrong : List.of(
                new PerformanceSubmission.Reveal(
                        new Measurement(true, 1, 1), World.salt(challenge.id(), open.attestor())),
                new PerformanceSubmission.Reveal(world.measured, World.salt(challenge.id(), 0)))) {
            assertThat(world.refused(account, new Call.SubmitPerformanceChallenge(challenge.id(), wrong))
                            .error())
                    .isEqualTo(LedgerError.INVALID_MEASUREMENT);
        }
        world.submit(world.person(open.attestor()), reveal);
        assertThat(world.refused(account, reveal).error()).isEqualTo(LedgerError.INVALID_MEASUREMENT);
        assertThat(world.refused(sponsor.account(), reveal).error()).isEqualTo(LedgerError.NOT_THE_ATTESTOR);
    }

    @Test
    void shouldLetNoMinorityMoveTheMedian() {
        Measurement fast = new Measurement(true, 20, 1000);
        Measurement slow = new Measurement(true, 90, 100);
        Measurement none = Measurement.UNREACHABLE;
        assertThat(Performance.median(List.of(fast, fast, fast, slow, none))).isEqualTo(fast);
        assertThat(Performance.median(List.of(fast, fast, none, none, none))).isEqualTo(none);
        assertThat(Performance.median(List.of(fast, none))).isEqualTo(none);
        assertThat(Performance.median(List.of(slow, fast, slow))).isEqualTo(slow);
    }

    @Test
    void shouldScoreWhatIsMetOfAServiceLevel() {
        Measured half = new Measured(4, 500, 200, 1000);
        assertThat(half.score(ServiceLevel.ANY)).isEqualTo(1000);
        assertThat(half.score(new ServiceLevel(100, 0, 0))).isEqualTo(500);
        // Nothing is asked for, and still nobody is paid for serving who serves nobody.
        assertThat(new Measured(4, 250, 200, 1000).score(ServiceLevel.ANY)).isEqualTo(500);
        assertThat(new Measured(4, 250, 200, 1000).meets(ServiceLevel.ANY)).isTrue();
        assertThat(Measured.NEVER.unreachable().score(ServiceLevel.ANY)).isZero();
        assertThat(half.score(new ServiceLevel(0, 2000, 1000))).isEqualTo(250);
        assertThat(Measured.NEVER.score(new ServiceLevel(1, 1, 1000))).isEqualTo(1000);
        assertThat(Measured.NEVER.unreachable().score(new ServiceLevel(0, 0, 900)))
                .isZero();
        providers.forEach(one -> assertThat(world.user(one.id()).measured()).isEqualTo(Measured.NEVER));
    }
}
