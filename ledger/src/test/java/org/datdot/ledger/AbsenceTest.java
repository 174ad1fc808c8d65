package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A hoster that misses a storage challenge: what it keeps, what it loses, and what it cannot make of it (docs/protocol.md 5.5). */
class AbsenceTest {
    private static final long HOUR_MS = 3_600_000;
    private static final long MINUTE_MS = 60_000;

    private final World world = new World();
    private final Person sponsor = world.user("sponsor");
    private Contract contract = new Contract(0, 0, 0, List.of(), 0, ContractStatus.SETUP, false, 0, 0, 0, List.of());
    private long hoster;

    @BeforeEach
    void host() {
        world.providers(10);
        contract = hosted("feed", 10 * HOUR_MS);
        hoster = contract.positions().getFirst().hoster();
    }

    private Contract hosted(String name, long forMs) {
        World.Published feed = world.feed(sponsor, name, 100, 65_536);
        Plan plan = world.publish(sponsor, world.planCall(feed, 3, forMs, 100 * World.TOKEN));
        world.everybodyWorks();
        return world.contract(plan.contracts().getFirst());
    }

    /** Blocks of a minute in which everybody works who is not silent. */
    private void until(BooleanSupplier reached) {
        for (int i = 0; i < 500; i++) {
            if (reached.getAsBoolean()) {
                Invariants.check(world.state);
                return;
            }
            world.block(MINUTE_MS);
            world.everybodyWorks();
        }
        throw new AssertionError("not in 500 blocks");
    }

    private Position position() {
        return world.contract(contract.id()).positions().getFirst();
    }

    private Absence absence() {
        return world.user(hoster).absence();
    }

    private long collateral() {
        return world.queries().getAccount(world.person(hoster).account()).reserved();
    }

    private long received() {
        return world.seen(Event.Paid.class).stream()
                .filter(paid -> paid.user() == hoster && paid.reason() == PaymentReason.STORING)
                .mapToLong(Event.Paid::units)
                .sum();
    }

    @Test
    void shouldKeepAHosterThatComesBackInTimeAndNotPayForTheTimeItWasAway() {
        until(() -> position().passed() > 2);
        long collateral = collateral();
        long before = received();
        long proven = Storage.PROVEN.get(world.state, hoster).orElseThrow();
        world.silentHosters.add(hoster);
        until(() -> absence().now());
        assertThat(world.seen(Event.HosterAbsent.class)).hasSize(1);
        assertThat(world.user(hoster).pausedAt(absence().untilBlock() - 1))
                .as("is not drawn")
                .isTrue();
        until(() -> world.number == absence().untilBlock());
        assertThat(received()).isEqualTo(before);

        world.silentHosters.remove(hoster);
        world.everybodyWorks();
        assertThat(absence().now()).isFalse();
        assertThat(absence().usedBlocks()).isEqualTo(world.parameters.periods().absenceAllowance());
        assertThat(world.seen(Event.HosterReturned.class))
                .extracting(Event.HosterReturned::hoster)
                .containsExactly(hoster);
        assertThat(received()).as("nothing for the time away").isBetween(before, before + 1);
        assertThat(collateral()).isEqualTo(collateral);
        assertThat(world.seen(Event.Slashed.class)).isEmpty();
        assertThat(world.seen(Event.DropHosting.class)).isEmpty();

        long back = world.nowMs;
        assertThat(absence().unpaidMs()).isEqualTo(back - proven).isPositive();
        until(() -> position().passed() > 10);
        long owed = Money.storing(
                position().pricePerGibHour(),
                position().reservedBytes(),
                position().paidUntilMs() - back);
        assertThat(received() - before).as("the time after it").isBetween(owed - 1, owed + 1);
    }

    @Test
    void shouldSlashAHosterThatWasAwayForMoreThanTheAllowanceInAPeriodHoweverOftenItCameBack() {
        long allowance = world.parameters.periods().absenceAllowance();
        world.silentHosters.add(hoster);
        for (int i = 0; i < 2; i++) {
            until(() -> absence().now());
            long enough = absence().sinceBlock() + allowance / 2 - 1;
            until(() -> world.number >= enough);
            world.submit(
                    world.person(hoster),
                    world.answer(world.challenge(world.jobs(hoster).challenge().orElseThrow())));
            assertThat(absence().now()).isFalse();
        }
        assertThat(world.seen(Event.Slashed.class)).isEmpty();
        until(() -> absence().now());
        assertThat(absence().untilBlock() - absence().sinceBlock())
                .as("what is left")
                .isEqualTo(2);
        until(() -> !world.seen(Event.Slashed.class).isEmpty());
        assertThat(collateral()).isZero();
        assertThat(world.jobs(hoster).hosting()).isEmpty();
    }

    @Test
    void shouldGiveAnAllowanceAnewInEachPeriod() {
        Absence used = Absence.NEVER.begin(10, world.parameters.periods()).end(25, 1_000);
        long period = world.parameters.periods().absencePeriod();
        long allowance = world.parameters.periods().absenceAllowance();
        assertThat(used.begin(30, world.parameters.periods()).untilBlock()).isEqualTo(30 + allowance - 15);
        assertThat(used.begin(9 + period, world.parameters.periods()).untilBlock())
                .isEqualTo(9 + period + allowance - 15);
        assertThat(used.begin(10 + period, world.parameters.periods()).untilBlock())
                .isEqualTo(10 + period + allowance);
        assertThat(used.begin(10 + period, world.parameters.periods()).unpaidMs())
                .isEqualTo(1_000);
    }

    /** Otherwise a sponsor that is friends with a hoster could end a plan for it whenever it is asked for what it has deleted. */
    @Test
    void shouldGoOnAskingAnAbsentHosterForTheRestWhenAPlanItIsAskedForEnds() {
        Contract second = hosted("second", 10 * HOUR_MS);
        long both = both(contract, second);
        hoster = both;
        world.silentHosters.add(hoster);
        until(() -> absence().now());
        StorageChallenge missed = world.challenge(world.jobs(hoster).challenge().orElseThrow());
        long until = absence().untilBlock();
        world.submit(sponsor, new Call.CancelPlan(second.plan()));
        Invariants.check(world.state);
        StorageChallenge left = world.challenge(world.jobs(hoster).challenge().orElseThrow());
        assertThat(left.status()).isEqualTo(ChallengeStatus.MISSED);
        assertThat(left.id() == missed.id()
                        || left.checks().stream().allMatch(check -> check.contract() == contract.id()))
                .isTrue();
        assertThat(left.deadlineBlock()).isBetween(until, until + world.parameters.challengeResponseDelay());
        world.submit(sponsor, new Call.CancelPlan(contract.plan()));
        Invariants.check(world.state);
        assertThat(absence().now()).as("nothing is left to ask for").isFalse();
        assertThat(world.jobs(hoster).challenge()).isEmpty();
    }

    private static long both(Contract one, Contract other) {
        List<Long> hosters = one.positions().stream().map(Position::hoster).toList();
        return other.positions().stream()
                .map(Position::hoster)
                .filter(hosters::contains)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldNotPayAnAbsentHosterForTheRestWhenAPlanEnds() {
        until(() -> position().passed() > 2);
        long before = received();
        world.silentHosters.add(hoster);
        until(() -> absence().now());
        world.submit(sponsor, new Call.CancelPlan(contract.plan()));
        assertThat(received()).isEqualTo(before);
        Invariants.check(world.state);
    }
}
