package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Hash;
import org.datdot.crypto.Signature;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AmendmentsTest {
    private static final long HOUR_MS = 3_600_000;
    private static final long BUDGET = 100 * World.TOKEN;

    private final World world = new World();
    private final Person sponsor = world.user("sponsor");
    private long plan;
    private long contract;
    private Amendment setup =
            new Amendment(0, 0, AmendmentKind.HOSTING_SETUP, 0, List.of(), 0, 0, 0, 0, AmendmentStatus.IN_PROGRESS);

    @BeforeEach
    void publish() {
        world.providers(12);
        World.Published feed = world.feed(sponsor, "feed", 40, 65_536);
        Plan published = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, BUDGET));
        plan = published.id();
        contract = published.contracts().getFirst();
        setup = world.amendmentOf(world.contract(contract));
    }

    private AccountId attestor() {
        return world.person(setup.attestor()).account();
    }

    /** The full report with the outcome of the first position replaced. */
    private Call.AmendmentReport reportWith(Outcome first) {
        List<Outcome> outcomes = new ArrayList<>(world.report(setup).outcomes());
        outcomes.set(0, first);
        return new Call.AmendmentReport(setup.id(), outcomes);
    }

    @Test
    void shouldKeepRoomAndJobSlotsWhileTheSetupRuns() {
        long bytes = world.contract(contract).estimatedBytes();
        assertThat(bytes).isGreaterThanOrEqualTo(40L * 65_536);
        for (Assignment one : setup.assignments()) {
            assertThat(world.user(one.hoster()).storedBytes()).isEqualTo(bytes);
            assertThat(world.jobs(one.encoder()).amendments()).containsExactly(setup.id());
        }
        world.reportAll(setup);
        for (Assignment one : setup.assignments()) {
            assertThat(world.user(one.hoster()).storedBytes()).isEqualTo(World.replicaSize(world.contract(contract)));
            assertThat(world.user(one.encoder()).setupJobs()).isZero();
            assertThat(world.user(one.encoder()).successes()).isEqualTo(1);
            assertThat(world.user(one.hoster()).successes()).isEqualTo(1);
        }
        assertThat(world.user(setup.attestor()).successes()).isEqualTo(1);
    }

    @Test
    void shouldRefuseReportsOfStrangersAndOfOthers() {
        assertThat(world.refused(sponsor.account(), world.report(setup)).error())
                .isEqualTo(LedgerError.NOT_THE_ATTESTOR);
        AccountId encoder =
                world.person(setup.assignments().getFirst().encoder()).account();
        assertThat(world.refused(encoder, world.report(setup)).error()).isEqualTo(LedgerError.NOT_THE_ATTESTOR);
        for (long id : List.of(0L, 99_999L, sponsor.id(), plan, contract)) {
            assertThat(world.refused(attestor(), new Call.AmendmentReport(id, List.of()))
                            .error())
                    .isEqualTo(LedgerError.UNKNOWN_AMENDMENT);
        }
    }

    @Test
    void shouldRefuseTheSameReportTwice() {
        Call.AmendmentReport report = world.report(setup);
        world.submit(world.person(setup.attestor()), report);
        assertThat(world.refused(attestor(), report).error()).isEqualTo(LedgerError.AMENDMENT_EXPIRED);
    }

    @Test
    void shouldRefuseReportsThatDoNotCoverExactlyThePositions() {
        List<Outcome> all = world.report(setup).outcomes();
        List<List<Outcome>> bad = List.of(
                List.of(),
                all.subList(0, 2),
                List.of(all.get(0), all.get(0), all.get(1)),
                List.of(all.get(0), all.get(1), all.get(2), new Outcome.EncoderFailed(3)),
                List.of(all.get(0), all.get(1), new Outcome.EncoderFailed(200)));
        for (List<Outcome> outcomes : bad) {
            assertThat(world.refused(attestor(), new Call.AmendmentReport(setup.id(), outcomes))
                            .error())
                    .isEqualTo(LedgerError.INVALID_REPORT);
        }
    }

    @Test
    void shouldRefuseStatementsThatAreNotOfThisPosition() {
        Assignment first = setup.assignments().getFirst();
        ReplicaStatement good = world.hosted(setup, first).replica().statement();
        Assignment second = setup.assignments().get(1);
        List<ReplicaStatement> bad = List.of(
                with(good, contract + 1, setup.id(), 0, first.encoder(), good.leafCount(), good.encodedBytes(), 0),
                with(good, contract, setup.id() + 1, 0, first.encoder(), good.leafCount(), good.encodedBytes(), 0),
                with(good, contract, setup.id(), 1, first.encoder(), good.leafCount(), good.encodedBytes(), 0),
                with(good, contract, setup.id(), 0, second.encoder(), good.leafCount(), good.encodedBytes(), 0),
                with(good, contract, setup.id(), 0, first.encoder(), good.leafCount() + 1, good.encodedBytes(), 0),
                with(good, contract, setup.id(), 0, first.encoder(), 0, 0, 0),
                with(good, contract, setup.id(), 0, first.encoder(), good.leafCount(), good.encodedBytes(), 1),
                with(
                        good,
                        contract,
                        setup.id(),
                        0,
                        first.encoder(),
                        good.leafCount(),
                        good.encodedBytes(),
                        0,
                        new byte[256]),
                with(
                        good,
                        contract,
                        setup.id(),
                        0,
                        first.encoder(),
                        good.leafCount(),
                        good.encodedBytes(),
                        1,
                        new byte[256]));
        for (ReplicaStatement statement : bad) {
            assertThat(world.refused(attestor(), reportWith(signed(first, statement)))
                            .error())
                    .as("%s", statement)
                    .isEqualTo(LedgerError.INVALID_REPORT);
        }
    }

    private static ReplicaStatement with(
            ReplicaStatement like,
            long ofContract,
            long ofAmendment,
            int position,
            long encoder,
            long leaves,
            long bytes,
            int sealing) {
        return with(like, ofContract, ofAmendment, position, encoder, leaves, bytes, sealing, new byte[0]);
    }

    private static ReplicaStatement with(
            ReplicaStatement like,
            long ofContract,
            long ofAmendment,
            int position,
            long encoder,
            long leaves,
            long bytes,
            int sealing,
            byte[] key) {
        return new ReplicaStatement(
                ofContract, ofAmendment, position, encoder, like.root(), leaves, bytes, sealing, new Bytes(key));
    }

    /** Properly signed by the position's encoder and hoster, whatever it says. */
    private Outcome.Hosted signed(Assignment of, ReplicaStatement statement) {
        HosterReceipt receipt = new HosterReceipt(contract, setup.id(), of.position(), of.hoster(), statement.root());
        return new Outcome.Hosted(
                of.position(),
                new Outcome.SignedStatement(
                        statement,
                        Ed25519.sign(
                                statement.signable(World.GENESIS),
                                world.person(of.encoder()).keys().signing().secretKey())),
                Ed25519.sign(
                        receipt.signable(World.GENESIS),
                        world.person(of.hoster()).keys().signing().secretKey()));
    }

    @Test
    void shouldRefuseForgedSignatures() {
        Assignment first = setup.assignments().getFirst();
        Outcome.Hosted good = world.hosted(setup, first);
        Signature other = Ed25519.sign(
                new byte[] {1}, world.person(first.encoder()).keys().signing().secretKey());
        ReplicaStatement statement = good.replica().statement();
        // Signed with the wrong key of the right person, and for another chain.
        Signature chainKey = Ed25519.sign(
                statement.signable(World.GENESIS),
                world.person(first.encoder()).keys().chain().secretKey());
        Signature elsewhere = Ed25519.sign(
                statement.signable(new Hash(Blake2b.hash(new byte[0]))),
                world.person(first.encoder()).keys().signing().secretKey());
        for (Signature wrong : List.of(other, chainKey, elsewhere, good.receipt())) {
            assertThat(world.refused(
                                    attestor(),
                                    reportWith(new Outcome.Hosted(
                                            0, new Outcome.SignedStatement(statement, wrong), good.receipt())))
                            .error())
                    .isEqualTo(LedgerError.INVALID_REPORT);
            assertThat(world.refused(
                                    attestor(),
                                    reportWith(new Outcome.HosterFailed(
                                            0, Optional.of(new Outcome.SignedStatement(statement, wrong)))))
                            .error())
                    .isEqualTo(LedgerError.INVALID_REPORT);
        }
        for (Signature wrong : List.of(other, good.replica().signature())) {
            assertThat(world.refused(attestor(), reportWith(new Outcome.Hosted(0, good.replica(), wrong)))
                            .error())
                    .isEqualTo(LedgerError.INVALID_REPORT);
        }
    }

    /** Encoder, attestor and hoster together must not be able to take the budget by claiming a giant replica. */
    @Test
    void shouldRefuseReplicasLargerThanTheFeedsCanBe() {
        Assignment first = setup.assignments().getFirst();
        Hash root = new Hash(Blake2b.hash(new byte[] {5}));
        for (long bytes : List.of(1L << 50, 1L << 40, 4L * 40 * 65_536)) {
            assertThat(world.refused(attestor(), reportWith(world.hosted(setup, first, root, bytes)))
                            .error())
                    .isEqualTo(LedgerError.INVALID_REPORT);
            assertThat(world.refused(
                                    attestor(),
                                    reportWith(new Outcome.HosterFailed(
                                            0, Optional.of(world.statement(setup, first, root, bytes)))))
                            .error())
                    .isEqualTo(LedgerError.INVALID_REPORT);
        }
        // Frames that nothing could compress are fine.
        world.submit(world.person(setup.attestor()), reportWith(world.hosted(setup, first, root, 40L * (65_536 + 6))));
    }

    @Test
    void shouldDrawAgainForTheFailedPositionOnlyAndPauseWhoFailed() {
        Assignment first = setup.assignments().getFirst();
        world.passBlock(setup.encodedByBlock());
        world.submit(world.person(setup.attestor()), reportWith(new Outcome.EncoderFailed(0)));
        Invariants.check(world.state);
        User encoder = world.user(first.encoder());
        assertThat(encoder.failures()).isZero();
        assertThat(encoder.pausedUntilBlock())
                .isEqualTo(world.number + world.parameters.periods().accusationDelay());
        User hoster = world.user(first.hoster());
        assertThat(hoster.failures()).isZero();
        assertThat(world.amendment(setup.id()).status()).isEqualTo(AmendmentStatus.FAILED);
        Amendment retry = world.amendmentOf(world.contract(contract));
        assertThat(retry.kind()).isEqualTo(AmendmentKind.RETRY);
        assertThat(retry.assignments()).extracting(Assignment::position).containsExactly(0);
        assertThat(retry.assignments().getFirst().encoder()).isNotEqualTo(first.encoder());
        List<Long> active =
                setup.assignments().stream().skip(1).map(Assignment::hoster).toList();
        assertThat(active)
                .doesNotContain(
                        retry.attestor(),
                        retry.assignments().getFirst().encoder(),
                        retry.assignments().getFirst().hoster());
        assertThat(world.seen(Event.HostingStarted.class)).isEmpty();
        world.reportAll(retry);
        assertThat(world.seen(Event.HostingStarted.class)).hasSize(1);
        assertThat(world.contract(contract).complete()).isTrue();
        Invariants.check(world.state);
        // The encoder says nothing to it.
        long accusation = world.jobs(first.encoder()).accusations().getFirst();
        world.passBlock(
                world.queries().getAccusationByID(accusation).orElseThrow().untilBlock());
        User failed = world.user(first.encoder());
        assertThat(failed.failures()).isEqualTo(1);
        assertThat(failed.rating()).isEqualTo(-5);
        assertThat(failed.pausedUntilBlock()).isEqualTo(world.number + world.parameters.failPause());
        assertThat(world.seen(Event.AccusationUpheld.class))
                .containsExactly(new Event.AccusationUpheld(accusation, first.encoder()));
        assertThat(world.jobs(first.encoder()).accusations()).isEmpty();
        Invariants.check(world.state);
    }

    @Test
    void shouldNotLetAnybodyBeAccusedBeforeItsTimeIsOver() {
        assertThat(world.refused(attestor(), reportWith(new Outcome.EncoderFailed(0)))
                        .detail())
                .contains("report later");
        world.passBlock(setup.encodedByBlock());
        assertThat(world.refused(attestor(), reportWith(new Outcome.HosterFailed(0, Optional.empty())))
                        .detail())
                .contains("report later");
        world.passBlock(setup.attestedByBlock());
        assertThat(world.amendment(setup.id()).status()).isEqualTo(AmendmentStatus.IN_PROGRESS);
        world.submit(world.person(setup.attestor()), reportWith(new Outcome.HosterFailed(0, Optional.empty())));
    }

    @Test
    void shouldBlameTheHosterAndNotTheEncoderThatDelivered() {
        Assignment first = setup.assignments().getFirst();
        world.passBlock(setup.attestedByBlock());
        world.submit(
                world.person(setup.attestor()),
                reportWith(new Outcome.HosterFailed(0, Optional.of(world.statement(setup, first)))));
        world.passBlock(world.number + world.parameters.periods().accusationDelay());
        assertThat(world.user(first.hoster()).failures()).isEqualTo(1);
        assertThat(world.user(first.encoder()).failures()).isZero();
        assertThat(world.user(first.encoder()).successes()).isEqualTo(1);
        Invariants.check(world.state);
    }

    @Test
    void shouldFailASilentAttestorAtTheDeadlineAndNobodyElse() {
        assertThat(setup.deadlineBlock()).isGreaterThan(world.number + world.parameters.amendmentFollowupDelay());
        while (world.number < setup.deadlineBlock() - 1) {
            world.block();
            assertThat(world.amendment(setup.id()).status()).isEqualTo(AmendmentStatus.IN_PROGRESS);
        }
        world.block();
        world.block();
        Invariants.check(world.state);
        assertThat(world.amendment(setup.id()).status()).isEqualTo(AmendmentStatus.TIMED_OUT);
        assertThat(world.user(setup.attestor()).failures()).isEqualTo(1);
        setup.assignments().forEach(one -> {
            assertThat(world.user(one.encoder()).failures()).isZero();
            assertThat(world.user(one.hoster()).failures()).isZero();
        });
        assertThat(world.refused(attestor(), world.report(setup)).error()).isEqualTo(LedgerError.AMENDMENT_EXPIRED);
        Amendment retry = world.amendmentOf(world.contract(contract));
        assertThat(retry.attestor()).isNotEqualTo(setup.attestor());
        assertThat(retry.assignments()).hasSize(3);
    }

    @Test
    void shouldPayEncodersAndAttestorByTheBytes() {
        world.reportAll(setup);
        long bytes = World.replicaSize(world.contract(contract));
        long encoding = Math.max(1_000, (world.parameters.encodingPricePerGib() * bytes) >> 30);
        long attesting = Math.max(1_000, (world.parameters.attestingPricePerGib() * bytes) >> 30);
        List<Event.Paid> expected = new ArrayList<>();
        for (Assignment one : setup.assignments()) {
            expected.add(new Event.Paid(plan, one.encoder(), encoding, PaymentReason.ENCODING));
            expected.add(new Event.Paid(plan, setup.attestor(), attesting, PaymentReason.ATTESTING));
        }
        assertThat(world.seen(Event.Paid.class)).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(world.plan(plan).paid()).isEqualTo(3 * (encoding + attesting));
    }

    /** Two positions are gone and there are providers for one: one is better than none. */
    @Test
    void shouldReplaceOnePositionWhenProvidersDoNotSufficeForAll() {
        World small = new World(Parameters.devnet(), "few");
        Person pays = small.user("pays");
        small.providers(7);
        World.Published feed = small.feed(pays, "feed", 10, 1000);
        Plan ordered = small.publish(pays, small.planCall(feed, 3, HOUR_MS, BUDGET));
        small.blocks(3);
        Contract before = small.contract(ordered.contracts().getFirst());
        assertThat(before.complete()).isTrue();
        before.positions().stream().skip(1).forEach(one -> small.silentHosters.add(one.hoster()));
        // The two stay away. Of the five that remain one hosts already: enough for one position at a time, not for two.
        int most = 0;
        for (int i = 0; i < 40; i++) {
            small.block();
            for (Event.NewAmendment event : small.seen(Event.NewAmendment.class)) {
                Amendment amendment = small.amendment(event.amendment());
                if (amendment.kind() == AmendmentKind.HOSTER_REPLACEMENT) {
                    most = Math.max(most, amendment.assignments().size());
                }
            }
            small.everybodyWorks();
            Invariants.check(small.state);
        }
        assertThat(most).isEqualTo(1);
        assertThat(small.seen(Event.WaitingForProviders.class)).contains(new Event.WaitingForProviders(before.id()));
        Contract after = small.contract(before.id());
        assertThat(after.complete()).isTrue();
        before.positions().stream()
                .skip(1)
                .forEach(lost -> assertThat(after.positions()).noneMatch(one -> one.hoster() == lost.hoster()));
    }
}
