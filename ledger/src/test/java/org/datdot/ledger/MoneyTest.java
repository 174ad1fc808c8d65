package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

/** Fees, issuance, collateral, pauses and departures. */
class MoneyTest {
    private static final long HOUR_MS = 3_600_000;

    @Test
    void shouldTakeFeesForRightAndWrongCallsAndNoneForWorkThatWasAskedFor() {
        World world = new World(Parameters.devnet(), "fees", World.START_MS);
        Person alice = world.user("alice");
        long endowed = world.parameters.newUserEndowment();
        long free = world.queries().getAccount(alice.account()).free();
        assertThat(free).isLessThan(endowed).isPositive();
        long treasury = world.queries().getAccount(World.TREASURY).free();
        Call wrong = new Call.CancelPlan(1);
        long fee = Fees.of(world.parameters, wrong);
        assertThat(world.apply(alice.account(), wrong)).isInstanceOf(DispatchResult.Rejected.class);
        assertThat(world.queries().getAccount(alice.account()).free()).isEqualTo(free - fee);
        assertThat(world.queries().getAccount(World.TREASURY).free()).isEqualTo(treasury + fee);
        assertThat(fee).isPositive();
        Balances.audit(world.state);
    }

    @Test
    void shouldRefuseWhoCannotPay() {
        World world = new World(Parameters.devnet(), "poor", World.START_MS);
        AccountId stranger = World.keys("stranger").accountId();
        Call call = new Call.Transfer(World.TREASURY, 0);
        assertThat(Fees.payable(world.state, world.parameters, stranger, call)).isFalse();
        assertThat(world.refused(stranger, call).error()).isEqualTo(LedgerError.CANNOT_PAY_FEE);
    }

    @Test
    void shouldTellTheWeightTheFeeIsMadeOfAndWhoPays() {
        Parameters parameters = Parameters.defaults();
        for (long seed = 0; seed < 500; seed++) {
            Call call = new Samples(seed).call();
            long refTime = Fees.info(parameters, call, true).weight().refTime();
            Economy economy = parameters.economy();
            assertThat(Fees.of(parameters, call))
                    .as("seed %d", seed)
                    .isEqualTo(refTime / 10_000_000 * economy.feePerWeight()
                            + call.encode().length * economy.feePerByte());
            assertThat(refTime).as("seed %d", seed).isPositive();
            assertThat(Fees.info(parameters, call, false).paysFee())
                    .as("seed %d: rejected", seed)
                    .isEqualTo(DispatchInfo.Pays.YES);
        }
        Call asked = new Call.ContradictAccusation(1);
        assertThat(Fees.info(parameters, asked, true).paysFee()).isEqualTo(DispatchInfo.Pays.NO);
        assertThat(Fees.info(parameters, new Call.StopWork(), true).paysFee()).isEqualTo(DispatchInfo.Pays.YES);
    }

    @Test
    void shouldChargeMoreForLargerPlans() {
        Parameters parameters = Parameters.defaults();
        long small = Fees.of(parameters, plan(1));
        assertThat(Fees.of(parameters, plan(100 * 4096))).isGreaterThan(40 * small);
    }

    private static Call plan(long blocks) {
        return new Call.PublishPlan(List.of(new Segment(1, blocks, 0, blocks)), 3, 0, 1, 1, List.of(), List.of("h:1"));
    }

    @Test
    void shouldMakeUnitsAsThePolicySays() {
        Economy none = Economy.defaults();
        Economy some = new Economy(
                1000,
                10,
                0,
                0,
                none.collateralHours(),
                none.collateralPerGib(),
                50,
                30,
                none.performanceFee(),
                none.sealingPricePerGib());
        World world = new World(Parameters.devnet().with(some), "issuance");
        long before = world.queries().getTotalIssuance();
        while (world.number < 25) {
            world.block();
            Balances.audit(world.state);
        }
        // Blocks 2 to 9 make 1000, 10 to 19 500, 20 to 25 250 each.
        assertThat(world.queries().getTotalIssuance() - before).isEqualTo(8 * 1000 + 10 * 500 + 6 * 250);
    }

    @Test
    void shouldDrawNoHosterThatCannotLeaveCollateral() {
        World world = new World();
        Person sponsor = world.user("sponsor");
        List<Person> providers = world.providers(9);
        Person poor = providers.getFirst();
        long all = world.queries().getAccount(poor.account()).free();
        world.submit(poor, new Call.Transfer(sponsor.account(), all));
        World.Published feed = world.feed(sponsor, "feed", 100, 65_536);
        for (int i = 0; i < 20; i++) {
            Plan plan = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, World.TOKEN));
            world.blocks(3);
            assertThat(world.contract(plan.contracts().getFirst()).positions())
                    .noneMatch(position -> position.hoster() == poor.id());
        }
        Invariants.check(world.state);
    }

    @Test
    void shouldPauseWithinTheAllowanceAndNotBeChallengedMeanwhile() {
        World world = new World();
        Person sponsor = world.user("sponsor");
        world.providers(9);
        World.Published feed = world.feed(sponsor, "feed", 100, 65_536);
        Plan plan = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, World.TOKEN));
        world.blocks(5);
        Person hoster = world.person(world.contract(plan.contracts().getFirst())
                .positions()
                .getFirst()
                .hoster());
        long allowance = world.parameters.periods().pauseAllowance();
        assertThat(world.refused(hoster.account(), new Call.PauseWork(world.number + allowance + 1))
                        .error())
                .isEqualTo(LedgerError.PAUSE_TOO_LONG);
        world.submit(hoster, new Call.PauseWork(world.number + 60));
        world.blocks(12);
        long challenges = challenges(world, hoster);
        world.silentHosters.add(hoster.id());
        world.blocks(40);
        assertThat(challenges(world, hoster)).isEqualTo(challenges);
        assertThat(world.user(hoster.id()).failures()).isZero();
        world.silentHosters.clear();
        world.blocks(30);
        assertThat(challenges(world, hoster)).isGreaterThan(challenges);
        assertThat(world.user(hoster.id()).failures()).isZero();
        assertThat(world.refused(hoster.account(), new Call.PauseWork(world.number + allowance - 59))
                        .error())
                .isEqualTo(LedgerError.PAUSE_TOO_LONG);
        Invariants.check(world.state);
    }

    private static long challenges(World world, Person hoster) {
        return world.seen(Event.NewStorageChallenge.class).stream()
                .filter(event -> event.hoster() == hoster.id())
                .count();
    }

    @Test
    void shouldLetAHosterLeaveForWhatItsReplacementCosts() {
        World world = new World();
        Person sponsor = world.user("sponsor");
        world.providers(10);
        World.Published feed = world.feed(sponsor, "feed", 100, 65_536);
        Plan plan = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, World.TOKEN));
        world.blocks(3);
        long contract = plan.contracts().getFirst();
        Person hoster =
                world.person(world.contract(contract).positions().getFirst().hoster());
        while (world.jobs(hoster.id()).challenge().isPresent()) {
            world.blocks(1);
        }
        long budget = world.plan(plan.id()).budget();
        world.submit(hoster, new Call.StopWork());
        assertThat(world.queries().getAccount(hoster.account()).reserved()).isZero();
        assertThat(world.plan(plan.id()).budget() - budget)
                .isEqualTo(world.seen(Event.Slashed.class).getFirst().units())
                .isPositive();
        assertThat(world.user(hoster.id()).failures()).isZero();
        world.blocks(4);
        assertThat(world.contract(contract).complete()).isTrue();
        assertThat(world.contract(contract).positions()).noneMatch(position -> position.hoster() == hoster.id());
        Invariants.check(world.state);
    }
}
