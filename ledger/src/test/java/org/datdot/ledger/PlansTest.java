package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

/** Plans while they go on: changed, paused, grown, cancelled, used up. */
class PlansTest {
    private static final long HOUR_MS = 3_600_000;

    private final World world = new World();
    private final Person sponsor = world.user("sponsor");
    private final List<Person> providers = world.providers(12);
    private final World.Published feed = world.feed(sponsor, "feed", 40, 65_536);

    private Plan hosted() {
        Plan plan = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, World.TOKEN));
        world.blocks(3);
        assertThat(world.plan(plan.id()).status()).isEqualTo(PlanStatus.HOSTED);
        return world.plan(plan.id());
    }

    private Call.UpdatePlan update(Plan plan, Until until, long more, List<Part> added, List<Long> dropped) {
        return new Call.UpdatePlan(plan.id(), until, more, 0, plan.sources(), added, dropped);
    }

    private Plan following(long budget) {
        Part part =
                new Part(List.of(new Segment(feed.id(), 40, 0, 40)), true, List.of(), Hours.ALWAYS, ServiceLevel.ANY);
        Plan plan = world.publish(
                sponsor,
                new Call.PublishPlan(
                        List.of(part), 3, 0, Until.time(world.nowMs + HOUR_MS), budget, 0, List.of("h:1")));
        world.blocks(3);
        return world.plan(plan.id());
    }

    private void publishHead(long fork, long length) {
        world.submit(
                sponsor,
                new Call.PublishFeed(feed.key(), new Bytes(new byte[0]), World.head("feed", fork, length, 65_536)));
    }

    @Test
    void shouldReturnTheRestAndTellHostersWhenCancelled() {
        Plan plan = hosted();
        long free = world.queries().getAccount(sponsor.account()).free();
        world.submit(sponsor, new Call.CancelPlan(plan.id()));
        Plan ended = world.plan(plan.id());
        assertThat(ended.status()).isEqualTo(PlanStatus.ENDED);
        assertThat(world.seen(Event.DropHosting.class)).hasSize(3);
        assertThat(world.queries().getAccount(sponsor.account()).free())
                .isEqualTo(free + ended.budget() - ended.paid());
        providers.forEach(one -> {
            assertThat(world.jobs(one.id()).hosting()).isEmpty();
            assertThat(world.queries().getAccount(one.account()).reserved()).isZero();
        });
        Invariants.check(world.state);
        assertThat(world.refused(sponsor.account(), new Call.CancelPlan(plan.id()))
                        .error())
                .isEqualTo(LedgerError.PLAN_ENDED);
    }

    @Test
    void shouldObeyOnlyTheSponsor() {
        Plan plan = hosted();
        AccountId other = providers.getFirst().account();
        for (Call call : List.of(
                new Call.CancelPlan(plan.id()),
                new Call.PausePlan(plan.id()),
                update(plan, plan.until(), 1, List.of(), List.of()))) {
            assertThat(world.refused(other, call).error()).isEqualTo(LedgerError.NOT_THE_SPONSOR);
        }
        assertThat(world.refused(sponsor.account(), new Call.PausePlan(99_999)).error())
                .isEqualTo(LedgerError.UNKNOWN_PLAN);
    }

    @Test
    void shouldPayOnlyForStoringWhilePaused() {
        Plan plan = hosted();
        Position position =
                world.contract(plan.contracts().getFirst()).positions().getFirst();
        world.submit(sponsor, new Call.PausePlan(plan.id()));
        long paid = position.paid();
        Money money = new Money(execution());
        long until = position.paidUntilMs() + 100 * HOUR_MS;
        world.submit(sponsor, update(plan, Until.time(world.nowMs + 1000 * HOUR_MS), 0, List.of(), List.of()));
        assertThat(money.settle(plan.contracts().getFirst(), 0, until)).isTrue();
        long full = Money.storing(position.pricePerGibHour(), position.reservedBytes(), 100 * HOUR_MS);
        long now = world.contract(plan.contracts().getFirst())
                .positions()
                .getFirst()
                .paid();
        assertThat(full).isPositive();
        assertThat(now - paid).isEqualTo(full - full * 30 / 100);
        world.submit(sponsor, new Call.ResumePlan(plan.id()));
        assertThat(world.plan(plan.id()).paused()).isFalse();
        Invariants.check(world.state);
    }

    private Execution execution() {
        return new Execution(
                world.state, new Config(world.parameters, World::verifies, World.GENESIS), world.context());
    }

    @Test
    void shouldFillNothingWhilePausedAndGoOnWhenResumed() {
        Plan plan = hosted();
        world.submit(sponsor, new Call.PausePlan(plan.id()));
        long contract = plan.contracts().getFirst();
        world.silentHosters.add(world.contract(contract).positions().getFirst().hoster());
        world.blocks(40);
        Invariants.check(world.state);
        assertThat(world.contract(contract).positions().getFirst()).isEqualTo(Position.VACANT);
        world.submit(sponsor, new Call.ResumePlan(plan.id()));
        world.blocks(4);
        assertThat(world.contract(contract).complete()).isTrue();
        Invariants.check(world.state);
    }

    @Test
    void shouldTakeMoreTimeUnitsAndPartsAndDropSome() {
        Plan plan = hosted();
        World.Published more = world.feed(sponsor, "more", 10, 1000);
        Part part = Part.of(List.of(new Segment(more.id(), 10, 0, 10)));
        world.submit(
                sponsor, update(plan, Until.time(world.nowMs + 3 * HOUR_MS), World.TOKEN, List.of(part), List.of(0L)));
        Plan changed = world.plan(plan.id());
        assertThat(changed.budget()).isEqualTo(2 * World.TOKEN);
        assertThat(changed.contracts()).hasSize(2);
        assertThat(world.contract(plan.contracts().getFirst()).status()).isEqualTo(ContractStatus.ENDED);
        world.blocks(4);
        Invariants.check(world.state);
        assertThat(world.contract(changed.contracts().getLast()).complete()).isTrue();
        // The first end passes, the second ends it.
        world.block(2 * HOUR_MS);
        assertThat(world.plan(plan.id()).open()).isTrue();
        world.block(2 * HOUR_MS);
        assertThat(world.plan(plan.id()).status()).isEqualTo(PlanStatus.ENDED);
        Invariants.check(world.state);
    }

    @Test
    void shouldEndWhenItsTrafficIsUsedUpAndBelieveNobodyMoreThanItsLineCarries() {
        Plan plan = hosted();
        world.submit(sponsor, update(plan, new Until(world.nowMs + HOUR_MS, 1_000_000), 0, List.of(), List.of()));
        long contract = plan.contracts().getFirst();
        Person hoster =
                world.person(world.contract(contract).positions().getFirst().hoster());
        assertThat(world.refused(hoster.account(), new Call.ReportTraffic(contract, 0, Long.MAX_VALUE))
                        .error())
                .isEqualTo(LedgerError.INVALID_TRAFFIC);
        assertThat(world.refused(sponsor.account(), new Call.ReportTraffic(contract, 0, 1))
                        .error())
                .isEqualTo(LedgerError.INVALID_TRAFFIC);
        world.submit(hoster, new Call.ReportTraffic(contract, 0, 999_999));
        assertThat(world.plan(plan.id()).open()).isTrue();
        world.block();
        world.submit(hoster, new Call.ReportTraffic(contract, 0, 1));
        assertThat(world.plan(plan.id()).status()).isEqualTo(PlanStatus.ENDED);
    }

    @Test
    void shouldHostWhatIsAppendedToAFollowedFeed() {
        Plan plan = following(World.TOKEN);
        publishHead(0, 50);
        publishHead(0, 60);
        world.blocks(10);
        Plan grown = world.plan(plan.id());
        assertThat(world.seen(Event.PlanGrew.class)).containsExactly(new Event.PlanGrew(plan.id(), feed.id(), 60));
        assertThat(grown.contracts()).hasSize(2);
        Contract added = world.contract(grown.contracts().getLast());
        assertThat(added.segments()).containsExactly(new Segment(feed.id(), 60, 40, 60));
        assertThat(added.complete()).isTrue();
        assertThat(grown.segments()).containsExactly(new Segment(feed.id(), 60, 0, 60));
        Invariants.check(world.state);
    }

    @Test
    void shouldNotGrowBeyondTheBudgetOrAlongAnotherFork() {
        Plan poor = following(600_000);
        assertThat(world.plan(poor.id()).open()).isTrue();
        publishHead(0, 1L << 20);
        world.blocks(8);
        assertThat(world.seen(Event.GrowthRefused.class)).hasSize(1);
        assertThat(world.plan(poor.id()).contracts()).hasSize(1);
        publishHead(1, (1L << 20) + 1);
        world.blocks(8);
        assertThat(world.seen(Event.GrowthRefused.class)).hasSize(2);
        Invariants.check(world.state);
    }
}
