package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChallengesTest {
    private static final long HOUR_MS = 3_600_000;

    private final World world = new World();
    private final Person sponsor = world.user("sponsor");
    private long plan;
    private long hoster;

    @BeforeEach
    void host() {
        world.providers(10);
        World.Published feed = world.feed(sponsor, "feed", 100, 65_536);
        Plan published = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, 100 * World.TOKEN));
        plan = published.id();
        world.everybodyWorks();
        hoster = world.contract(published.contracts().getFirst())
                .positions()
                .getFirst()
                .hoster();
    }

    private StorageChallenge nextChallenge() {
        for (int i = 0; i < 50; i++) {
            world.block();
            if (world.jobs(hoster).challenge().isPresent()) {
                return world.challenge(world.jobs(hoster).challenge().orElseThrow());
            }
        }
        throw new AssertionError("no challenge in 50 blocks");
    }

    @Test
    void shouldChallengeEachHosterAfterTheDelayWithOneChallengeAtATime() {
        for (int i = 1; i < world.parameters.challengeDelay(); i++) {
            world.block();
            assertThat(world.jobs(hoster).challenge()).isEmpty();
        }
        world.block();
        assertThat(world.seen(Event.NewStorageChallenge.class)).hasSize(3);
        StorageChallenge challenge =
                world.challenge(world.jobs(hoster).challenge().orElseThrow());
        assertThat(challenge.checks()).hasSize((int) world.parameters.leavesPerChallenge());
        assertThat(challenge.deadlineBlock()).isEqualTo(world.number + world.parameters.challengeResponseDelay());
        for (int i = 0; i < 3; i++) {
            world.block();
        }
        assertThat(world.seen(Event.NewStorageChallenge.class)).hasSize(3);
    }

    @Test
    void shouldTakeTheAnswerUpToTheDeadlineBlockAndNoLater() {
        StorageChallenge challenge = nextChallenge();
        while (world.number < challenge.deadlineBlock()) {
            world.block();
        }
        world.submit(world.person(hoster), world.answer(challenge));
        assertThat(world.seen(Event.StorageChallengeConfirmed.class))
                .containsExactly(new Event.StorageChallengeConfirmed(challenge.id(), hoster));

        StorageChallenge second = nextChallenge();
        Call.SubmitStorageChallenge late = world.answer(second);
        world.passBlock(second.deadlineBlock());
        long last = world.challenge(second.id()).deadlineBlock();
        assertThat(last).isEqualTo(world.number + world.parameters.periods().absenceAllowance());
        world.passBlock(last);
        assertThat(world.refused(world.person(hoster).account(), late).error())
                .isEqualTo(LedgerError.CHALLENGE_EXPIRED);
        assertThat(world.seen(Event.StorageChallengeFailed.class))
                .contains(new Event.StorageChallengeFailed(second.id(), hoster));
        assertThat(world.seen(Event.Slashed.class))
                .extracting(Event.Slashed::user)
                .contains(hoster);
        assertThat(world.user(hoster).pausedUntilBlock()).isGreaterThan(world.number);
    }

    @Test
    void shouldRefuseWrongAnswers() {
        StorageChallenge challenge = nextChallenge();
        AccountId account = world.person(hoster).account();
        Call.SubmitStorageChallenge good = world.answer(challenge);
        List<StorageProof> short1 = good.proofs().subList(1, good.proofs().size());
        List<StorageProof> swapped = new ArrayList<>(good.proofs().reversed());
        StorageProof first = good.proofs().getFirst();
        byte[] leaf = first.leaf().clone();
        leaf[0] ^= 1;
        List<StorageProof> tampered = new ArrayList<>(good.proofs());
        tampered.set(0, new StorageProof(first.leafIndex(), leaf, first.siblings()));
        List<StorageProof> longer = new ArrayList<>(good.proofs());
        longer.add(first);
        for (List<StorageProof> proofs : List.of(short1, tampered, longer, List.<StorageProof>of())) {
            assertThat(world.refused(account, new Call.SubmitStorageChallenge(challenge.id(), proofs))
                            .error())
                    .isEqualTo(LedgerError.INVALID_PROOF);
        }
        if (!swapped.equals(good.proofs())) {
            assertThat(world.refused(account, new Call.SubmitStorageChallenge(challenge.id(), swapped))
                            .error())
                    .isEqualTo(LedgerError.REPLAYED_PROOF);
        }
        List<StorageProof> foreign = new ArrayList<>(good.proofs());
        Check check = challenge.checks().getFirst();
        foreign.set(0, ofAnotherHoster(check));
        assertThat(world.refused(account, new Call.SubmitStorageChallenge(challenge.id(), foreign))
                        .error())
                .isEqualTo(LedgerError.FOREIGN_PROOF);
        assertThat(world.refused(sponsor.account(), good).error()).isEqualTo(LedgerError.NOT_THE_HOSTER);
        assertThat(world.refused(account, new Call.SubmitStorageChallenge(plan, good.proofs()))
                        .error())
                .isEqualTo(LedgerError.UNKNOWN_CHALLENGE);
        world.submit(world.person(hoster), good);
        assertThat(world.refused(account, good).error()).isEqualTo(LedgerError.CHALLENGE_ANSWERED);
        // What was right once is not right again: the next challenge has other leaves.
        StorageChallenge next = nextChallenge();
        assertThat(next.checks()).isNotEqualTo(challenge.checks());
        assertThat(world.refused(account, new Call.SubmitStorageChallenge(next.id(), good.proofs()))
                        .error())
                .isEqualTo(LedgerError.REPLAYED_PROOF);
    }

    /** The same leaf, truly stored, but by another hoster of the contract. */
    private StorageProof ofAnotherHoster(Check check) {
        int other = check.position() == 0 ? 1 : 0;
        Position position = world.contract(check.contract()).positions().get(other);
        byte[] bytes = World.replicaBytes(position.amendment(), other, (int)
                position.replica().orElseThrow().encodedBytes());
        return new World.Tree(bytes).prove(check.leafIndex());
    }

    /** Leaves are leaves of sealed bytes; the ledger needs no key to verify them. */
    @Test
    void shouldVerifyAndPayForSealedReplicasAsForPlainOnes() {
        World.Published feed = world.feed(sponsor, "to seal", 100, 65_536);
        Call.PublishPlan plain = world.planCall(feed, 3, HOUR_MS, 100 * World.TOKEN);
        Call.PublishPlan sealed = new Call.PublishPlan(
                plain.program(), 3, 1, plain.until(), plain.budget(), plain.mostPrice(), plain.sources());
        assertThat(world.refused(
                                sponsor.account(),
                                new Call.PublishPlan(
                                        plain.program(),
                                        3,
                                        2,
                                        plain.until(),
                                        plain.budget(),
                                        plain.mostPrice(),
                                        plain.sources()))
                        .error())
                .isEqualTo(LedgerError.INVALID_PLAN);
        Plan published = world.publish(sponsor, sealed);
        Amendment setup = world.amendmentOf(world.contract(published.contracts().getFirst()));
        assertThat(setup.encodedByBlock() - world.number)
                .as("sealing is given more time")
                .isEqualTo(world.parameters.encodingDuration() + Math.ceilDiv(100 * (65_536 + 264), 1L << 16));
        world.blocks(40);
        Contract contract = world.contract(published.contracts().getFirst());
        assertThat(contract.complete()).isTrue();
        for (Position position : contract.positions()) {
            assertThat(position.replica().orElseThrow().sealing()).isEqualTo(1);
            assertThat(position.passed()).isPositive();
        }
        Invariants.check(world.state);
    }

    /** The largest contract: as many blocks of the largest size as go into one. */
    @Test
    void shouldProveTheLargestReplicaInEightKibibytes() {
        Parameters parameters = Parameters.defaults();
        long bytes = parameters.contractSetSize() * ((15L << 20) + 264);
        long leaves = ReplicaHash.leafCount(bytes);
        int levels = Long.SIZE - Long.numberOfLeadingZeros(leaves - 1);
        List<StorageProof> proofs = new ArrayList<>();
        for (long i = 0; i < parameters.leavesPerChallenge(); i++) {
            proofs.add(new StorageProof(
                    leaves - 2 - i, new byte[ReplicaHash.LEAF_BYTES], Collections.nCopies(levels, World.GENESIS)));
        }
        assertThat(new Call.SubmitStorageChallenge(Long.MAX_VALUE, proofs).encode().length)
                .isBetween(7_000, 8_192);
    }

    @Test
    void shouldPayForTheTimeProvenAndRate() {
        Contract contract = world.contract(world.plan(plan).contracts().getFirst());
        long bytes = World.replicaSize(contract);
        long price = world.user(hoster).form().orElseThrow().pricePerGibHour();
        long started = contract.positions().getFirst().sinceMs();
        long successes = world.user(hoster).successes();
        // An hour, in steps of a minute: as much as one payment for the hour, however small the steps.
        for (int i = 0; i < 59; i++) {
            world.block(60_000);
            world.everybodyWorks();
        }
        Position position = world.contract(contract.id()).positions().getFirst();
        long owed = Money.storing(price, bytes, position.paidUntilMs() - started);
        assertThat(owed).isPositive();
        assertThat(position.paid()).isBetween(owed - 1, owed);
        assertThat(position.paidUntilMs()).isBetween(started + 30 * 60_000, world.nowMs);
        long received = world.seen(Event.Paid.class).stream()
                .filter(paid -> paid.user() == hoster && paid.reason() == PaymentReason.STORING)
                .mapToLong(Event.Paid::units)
                .sum();
        assertThat(received).isEqualTo(position.paid());
        assertThat(world.user(hoster).successes()).isEqualTo(successes + position.passed());
    }

    @Test
    void shouldDrawLeavesOverAllAHosterStoresByTheirNumber() {
        // A second, larger contract at the same hosters.
        Map<Integer, Integer> counts = new HashMap<>();
        int challenges = 0;
        for (int i = 0; i < 4_000 && challenges < 300; i++) {
            world.block();
            var open = world.jobs(hoster).challenge();
            if (open.isPresent()) {
                challenges++;
                world.challenge(open.get())
                        .checks()
                        .forEach(check -> counts.merge((int) check.leafIndex(), 1, Integer::sum));
            }
            world.everybodyWorks();
        }
        Contract contract = world.contract(world.plan(plan).contracts().getFirst());
        int leaves = (int) ReplicaHash.leafCount(World.replicaSize(contract));
        int drawn = 300 * (int) world.parameters.leavesPerChallenge();
        assertThat(counts.keySet()).hasSize(leaves);
        // The standard deviation of one count is below 14.
        counts.values().forEach(count -> assertThat(count).isBetween(drawn / leaves - 75, drawn / leaves + 75));
    }

    /** A chain that runs for months must not keep every challenge that was ever passed. */
    @Test
    void shouldForgetChallengesThatWerePassed() {
        world.blocks(300);
        long kept = 0;
        for (Event.NewStorageChallenge event : world.seen(Event.NewStorageChallenge.class)) {
            kept += world.queries().getStorageChallengeByID(event.challenge()).isPresent() ? 1 : 0;
        }
        assertThat(world.seen(Event.NewStorageChallenge.class)).hasSizeGreaterThan(90);
        assertThat(kept).isLessThan(12);
        Invariants.check(world.state);
    }

    @Test
    void shouldCancelAChallengeWhenThePlanEndsAndNotBlameTheHoster() {
        nextChallenge();
        world.block(2 * HOUR_MS);
        assertThat(world.plan(plan).status()).isEqualTo(PlanStatus.ENDED);
        assertThat(world.jobs(hoster).challenge()).isEmpty();
        for (int i = 0; i < 40; i++) {
            world.block();
        }
        assertThat(world.seen(Event.StorageChallengeFailed.class)).isEmpty();
        assertThat(world.user(hoster).failures()).isZero();
        Invariants.check(world.state);
    }
}
