package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

/** A plan's whole life, with people who really sign. */
class HostingLifeTest {
    private static final long HOUR_MS = 3_600_000;

    @Test
    void shouldHostProveReplaceAndEndAPlan() {
        World world = new World();
        Person author = world.user("author");
        Person sponsor = world.user("sponsor");
        List<Person> providers = world.providers(10, new Form(1L << 40, World.TOKEN, 4, "h:1", List.of("EU"), 0, 0));
        World.Published feed = world.feed(author, "feed", 100, 65_536);
        long budget = 10 * World.TOKEN;
        long free = world.queries().getAccount(sponsor.account()).free();

        Plan plan = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, budget));
        assertThat(plan.contracts()).hasSize(1);
        assertThat(world.queries().getAccount(sponsor.account()).reserved()).isEqualTo(budget);
        assertThat(world.queries().getPlansByFeed(feed.id())).containsExactly(plan);
        assertThat(world.queries().getPlansBySponsor(sponsor.id())).containsExactly(plan);
        Contract contract = world.contract(plan.contracts().getFirst());
        Amendment setup = world.amendmentOf(contract);
        assertThat(setup.assignments()).hasSize(3);

        world.reportAll(setup);
        Invariants.check(world.state);
        contract = world.contract(contract.id());
        assertThat(contract.complete()).isTrue();
        assertThat(contract.status()).isEqualTo(ContractStatus.HOSTED);
        assertThat(world.plan(plan.id()).status()).isEqualTo(PlanStatus.HOSTED);
        assertThat(world.seen(Event.HostingStarted.class)).hasSize(1);
        assertThat(world.seen(Event.HosterActivated.class)).hasSize(3);
        assertThat(world.seen(Event.Paid.class))
                .extracting(Event.Paid::reason)
                .containsOnly(PaymentReason.ENCODING, PaymentReason.ATTESTING)
                .hasSize(6);

        world.blocks(60);
        Invariants.check(world.state);
        assertThat(world.seen(Event.StorageChallengeConfirmed.class)).hasSizeGreaterThan(3 * 5);
        assertThat(world.seen(Event.StorageChallengeFailed.class)).isEmpty();
        assertThat(world.seen(Event.Paid.class)).extracting(Event.Paid::reason).contains(PaymentReason.STORING);

        long lost = world.contract(contract.id()).positions().getFirst().hoster();
        world.silentHosters.add(lost);
        for (int i = 0; i < 60; i++) {
            world.block();
            world.everybodyWorks();
            Invariants.check(world.state);
        }
        assertThat(world.seen(Event.HosterAbsent.class)).hasSize(1);
        assertThat(world.seen(Event.StorageChallengeFailed.class)).hasSize(1);
        // When it was missed, and when it was given up.
        assertThat(world.seen(Event.ProviderPaused.class)).hasSize(2);
        assertThat(world.seen(Event.DropHosting.class)).containsExactly(new Event.DropHosting(contract.id(), 0, lost));
        contract = world.contract(contract.id());
        assertThat(contract.complete()).isTrue();
        assertThat(contract.positions()).noneMatch(position -> position.hoster() == lost);
        assertThat(world.jobs(lost)).isEqualTo(Jobs.NONE);
        assertThat(world.user(lost).storedBytes()).isZero();

        world.block(2 * HOUR_MS);
        Invariants.check(world.state);
        Plan ended = world.plan(plan.id());
        assertThat(ended.status()).isEqualTo(PlanStatus.ENDED);
        assertThat(world.seen(Event.PlanEnded.class))
                .containsExactly(new Event.PlanEnded(plan.id(), ended.budget() - ended.paid()));
        assertThat(world.seen(Event.DropHosting.class)).hasSize(4);
        AccountData after = world.queries().getAccount(sponsor.account());
        assertThat(after.reserved()).isZero();
        assertThat(after.free()).isEqualTo(free - ended.paid() + ended.budget() - budget);
        // Half of what the lost hoster left as collateral.
        assertThat(world.seen(Event.Slashed.class)).hasSize(1);
        assertThat(ended.budget() - budget)
                .isEqualTo(world.seen(Event.Slashed.class).getFirst().units() / 2)
                .isPositive();
        assertThat(ended.paid())
                .isEqualTo(world.seen(Event.Paid.class).stream()
                        .mapToLong(Event.Paid::units)
                        .sum());
        providers.forEach(one -> assertThat(world.jobs(one.id()).hosting()).isEmpty());
    }

    @Test
    void shouldReturnToThreeHostersWhenAThirdOfTheProvidersVanish() {
        for (int seed = 0; seed < 20; seed++) {
            World world = new World(Parameters.devnet(), "third " + seed);
            Person sponsor = world.user("sponsor");
            List<Person> providers = world.providers(10);
            World.Published feed = world.feed(sponsor, "feed", 100, 65_536);
            Plan plan = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, 100 * World.TOKEN));
            world.blocks(20);
            Contract before = world.contract(plan.contracts().getFirst());
            assertThat(before.complete()).as("seed %d", seed).isTrue();
            // Two hosters and one other go and never come back.
            before.positions().stream().limit(2).forEach(position -> world.silentHosters.add(position.hoster()));
            providers.stream()
                    .map(Person::id)
                    .filter(id -> before.positions().stream().noneMatch(position -> position.hoster() == id))
                    .limit(1)
                    .forEach(world.silentHosters::add);
            world.silentAttestors.addAll(world.silentHosters);
            for (int i = 0; i < 150; i++) {
                world.block();
                world.everybodyWorks();
                Invariants.check(world.state);
            }
            Contract after = world.contract(before.id());
            assertThat(after.complete()).as("seed %d", seed).isTrue();
            assertThat(world.seen(Event.ContractLost.class)).isEmpty();
        }
    }

    @Test
    void shouldReportAContractAsLostAndRefundWhenAllItsHostersVanish() {
        World world = new World();
        Person sponsor = world.user("sponsor");
        world.providers(10);
        World.Published feed = world.feed(sponsor, "feed", 10, 1000);
        Plan plan = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, World.TOKEN));
        world.blocks(3);
        Contract contract = world.contract(plan.contracts().getFirst());
        contract.positions().forEach(position -> world.silentHosters.add(position.hoster()));
        world.silentAttestors.addAll(world.people.keySet());
        world.blocks(50);
        Invariants.check(world.state);
        assertThat(world.seen(Event.ContractLost.class))
                .containsExactly(new Event.ContractLost(contract.id(), plan.id()));
        assertThat(world.contract(contract.id()).status()).isEqualTo(ContractStatus.LOST);
        assertThat(world.plan(plan.id()).status()).isEqualTo(PlanStatus.ENDED);
        assertThat(world.queries().getAccount(sponsor.account()).reserved()).isZero();
        long amendments = world.seen(Event.NewAmendment.class).size();
        world.blocks(100);
        assertThat(world.seen(Event.NewAmendment.class)).hasSize((int) amendments);
    }

    @Test
    void shouldEndAPlanWhenItsBudgetIsSpent() {
        World world = new World();
        Person sponsor = world.user("sponsor");
        world.providers(10);
        World.Published feed = world.feed(sponsor, "feed", 10, 1000);
        // Hosters may ask up to the cap for the hour; the sponsor's budget is spent after an hour, so the end comes by
        // time;
        // with setups paid again and again it comes earlier.
        Plan plan = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, 6_100));
        for (int i = 0; i < 200 && world.plan(plan.id()).status() != PlanStatus.ENDED; i++) {
            if (i % 12 == 11) {
                world.silentHosters.clear();
                world.contract(plan.contracts().getFirst()).positions().stream()
                        .filter(position -> position.status() == PositionStatus.ACTIVE)
                        .limit(1)
                        .forEach(position -> world.silentHosters.add(position.hoster()));
            }
            world.block(60_000);
            world.everybodyWorks();
            Invariants.check(world.state);
        }
        Plan ended = world.plan(plan.id());
        assertThat(ended.status()).isEqualTo(PlanStatus.ENDED);
        assertThat(world.queries().getAccount(sponsor.account()).reserved()).isZero();
    }
}
