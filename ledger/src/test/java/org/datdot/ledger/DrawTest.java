package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

class DrawTest {
    private static final long HOUR_MS = 3_600_000;

    @Test
    void shouldDrawAllNumbersAboutEquallyOften() {
        int[] counts = new int[7];
        for (int seed = 0; seed < 70_000; seed++) {
            byte[] entropy = Blake2b.hash(new byte[] {(byte) seed, (byte) (seed >> 8), (byte) (seed >> 16)});
            counts[(int) new Chance(new Hash(entropy), "test", 1).below(7)]++;
        }
        // Ten thousand expected each; the standard deviation is 93.
        for (int count : counts) {
            assertThat(count).isBetween(9_500, 10_500);
        }
    }

    @Test
    void shouldDrawDifferentNumbersForDifferentPurposesIdsAndBlocks() {
        Hash one = new Hash(Blake2b.hash(new byte[] {1}));
        Hash two = new Hash(Blake2b.hash(new byte[] {2}));
        Set<Long> drawn = new HashSet<>();
        for (Hash entropy : List.of(one, two)) {
            for (String purpose : List.of("a", "b")) {
                for (long id = 1; id <= 50; id++) {
                    Chance chance = new Chance(entropy, purpose, id);
                    drawn.add(chance.below(Long.MAX_VALUE));
                    drawn.add(chance.below(Long.MAX_VALUE));
                }
            }
        }
        assertThat(drawn).hasSize(400);
        assertThat(new Chance(one, "a", 1).below(1L << 62)).isEqualTo(new Chance(one, "a", 1).below(1L << 62));
    }

    /** Ten providers, one with a full rating, one with a bad one: shares as the weights say. */
    @Test
    void shouldDrawByRating() {
        World world = new World();
        Person sponsor = world.user("sponsor");
        List<Person> providers = world.providers(10);
        World.Published feed = world.feed(sponsor, "feed", 10, 1000);
        Execution execution = new Execution(world.state, config(world), world.context());
        for (int i = 0; i < 90; i++) {
            execution.updateUser(providers.get(0).id(), User::succeeded);
        }
        for (int i = 0; i < 10; i++) {
            execution.updateUser(providers.get(1).id(), user -> user.failed(0));
        }
        assertThat(world.user(providers.get(0).id()).weight()).isEqualTo(100);
        assertThat(world.user(providers.get(1).id()).weight()).isEqualTo(1);
        assertThat(world.user(providers.get(2).id()).weight()).isEqualTo(10);
        Plan plan = world.publish(sponsor, world.planCall(feed, 1, HOUR_MS, World.TOKEN));
        Contract contract = vacated(world, plan);
        Map<Long, Integer> asHoster = new HashMap<>();
        int draws = 20_000;
        for (int i = 0; i < draws; i++) {
            Draw.Drawn drawn = Draw.amendment(execution, contract, plan, 1_000 + i, List.of(0))
                    .orElseThrow();
            asHoster.merge(drawn.assignments().getFirst().hoster(), 1, Integer::sum);
        }
        // The hoster is drawn first: 100, 1 and eight times 10 tickets.
        double tickets = 181;
        assertThat(asHoster.getOrDefault(providers.get(0).id(), 0) / (double) draws)
                .isBetween(97 / tickets, 103 / tickets);
        assertThat(asHoster.getOrDefault(providers.get(1).id(), 0) / (double) draws)
                .isLessThan(2.0 / tickets);
        for (int i = 2; i < 10; i++) {
            assertThat(asHoster.getOrDefault(providers.get(i).id(), 0) / (double) draws)
                    .isBetween(9 / tickets, 11 / tickets);
        }
    }

    /** Of ten that are alike but for the price, one asks twice and one half of what the others ask, one a hundred times it, one nothing. */
    @Test
    void shouldDrawWhoAsksForTwiceAsMuchAQuarterAsOften() {
        World world = new World();
        Person sponsor = world.user("sponsor");
        long[] prices = {2_000, 500, 100_000, 0, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000};
        List<Person> providers = new ArrayList<>();
        for (int i = 0; i < prices.length; i++) {
            providers.add(world.provider(
                    "provider " + i, new Form(1L << 40, prices[i], 4, "10.0." + i + ".1:1", List.of("EU"), 0, 0)));
        }
        World.Published feed = world.feed(sponsor, "feed", 10, 1000);
        Plan plan = world.publish(sponsor, world.planCall(feed, 1, HOUR_MS, World.TOKEN));
        Contract contract = vacated(world, plan);
        Execution execution = new Execution(world.state, config(world), world.context());
        Map<Long, Integer> asHoster = new HashMap<>();
        int draws = 20_000;
        for (int i = 0; i < draws; i++) {
            Draw.Drawn drawn = Draw.amendment(execution, contract, plan, 1_000 + i, List.of(0))
                    .orElseThrow();
            asHoster.merge(drawn.assignments().getFirst().hoster(), 1, Integer::sum);
        }
        double[] tickets = {0.25, 4, 1 / 1024.0, 4, 1, 1, 1, 1, 1, 1};
        double all = java.util.Arrays.stream(tickets).sum();
        for (int i = 0; i < prices.length; i++) {
            double share = asHoster.getOrDefault(providers.get(i).id(), 0) / (double) draws;
            double expected = tickets[i] / all;
            // Five standard deviations.
            assertThat(share)
                    .as("price %d", prices[i])
                    .isCloseTo(
                            expected,
                            org.assertj.core.api.Assertions.within(5 * Math.sqrt(expected * (1 - expected) / draws)));
        }
    }

    private static Config config(World world) {
        return new Config(world.parameters, World::verifies, World.GENESIS);
    }

    /** The plan's contract as if nobody had been drawn yet. */
    private static Contract vacated(World world, Plan plan) {
        Contract contract = world.contract(plan.contracts().getFirst());
        Amendments amendments = new Amendments(new Execution(world.state, config(world), world.context()));
        amendments.cancel(world.amendmentOf(contract), AmendmentStatus.CANCELLED);
        return world.contract(contract.id());
    }

    @Test
    void shouldNeverDrawSponsorPublisherOrAnybodyTwice() {
        for (int seed = 0; seed < 60; seed++) {
            World world = new World(Parameters.devnet(), "exclusion " + seed);
            List<Person> providers = world.providers(9);
            Person sponsor = providers.get(0);
            Person publisher = providers.get(1);
            World.Published feed = world.feed(publisher, "feed", 10, 1000);
            Plan plan = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, World.TOKEN));
            Amendment amendment =
                    world.amendmentOf(world.contract(plan.contracts().getFirst()));
            List<Long> drawn = new ArrayList<>(List.of(amendment.attestor()));
            amendment.assignments().forEach(one -> drawn.addAll(List.of(one.encoder(), one.hoster())));
            assertThat(drawn)
                    .as("seed %d", seed)
                    .hasSize(7)
                    .doesNotHaveDuplicates()
                    .doesNotContain(sponsor.id(), publisher.id());
        }
    }

    /** Whoever does not fit in one single respect is never a hoster. */
    @Test
    void shouldOnlyDrawHostersThatFit() {
        World world = new World();
        long now = world.nowMs;
        Person sponsor = world.user("sponsor");
        Form good = World.form();
        List<Form> bad = List.of(
                new Form(100, 1, 4, "h:1", List.of("EU"), 0, 0),
                new Form(1L << 40, Long.MAX_VALUE, 4, "h:1", List.of("EU"), 0, 0),
                new Form(1L << 40, 1, 4, "h:1", List.of("US"), 0, 0),
                new Form(1L << 40, 1, 4, "h:1", List.of(), 0, 0),
                new Form(1L << 40, 1, 4, "h:1", List.of("EU"), now + HOUR_MS, 0),
                new Form(1L << 40, 1, 4, "h:1", List.of("EU"), 0, now + HOUR_MS / 2));
        Set<Long> unfit = new HashSet<>();
        for (int i = 0; i < bad.size(); i++) {
            unfit.add(world.provider("bad " + i, bad.get(i)).id());
        }
        Set<Long> fit = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            fit.add(world.provider("good " + i, good).id());
        }
        World.Published feed = world.feed(sponsor, "feed", 10, 1000);
        Call.PublishPlan call = world.planCall(feed, 2, HOUR_MS, World.TOKEN);
        for (int i = 0; i < 30; i++) {
            Plan plan = world.publish(
                    sponsor,
                    new Call.PublishPlan(
                            call.program().getFirst().segments(),
                            2,
                            0,
                            world.nowMs + HOUR_MS,
                            World.TOKEN,
                            List.of("EU"),
                            call.sources()));
            world.blocks(12);
            Contract contract = world.contract(plan.contracts().getFirst());
            for (Position position : contract.positions()) {
                assertThat(position.status()).isEqualTo(PositionStatus.ACTIVE);
                assertThat(fit).contains(position.hoster());
                assertThat(unfit).doesNotContain(position.hoster());
            }
        }
    }

    /** Three can host, four can only encode and attest: there is one way to do it, so it has to be found at once. */
    @Test
    void shouldNotSpendScarceHostersOnOtherRoles() {
        for (int seed = 0; seed < 30; seed++) {
            World world = new World(Parameters.devnet(), "scarce " + seed);
            Person sponsor = world.user("sponsor");
            for (int i = 0; i < 3; i++) {
                world.provider("hoster " + i, World.form());
            }
            for (int i = 0; i < 4; i++) {
                world.provider("small " + i, new Form(10, 1, 4, "h:1", List.of("EU"), 0, 0));
            }
            World.Published feed = world.feed(sponsor, "feed", 10, 1000);
            Plan plan = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, World.TOKEN));
            assertThat(world.contract(plan.contracts().getFirst()).positions())
                    .as("seed %d", seed)
                    .allMatch(position -> position.status() == PositionStatus.SETUP);
        }
    }

    @Test
    void shouldWaitWhenProvidersAreTooFewAndGoOnWhenTheyJoin() {
        World world = new World();
        Person sponsor = world.user("sponsor");
        world.providers(6);
        World.Published feed = world.feed(sponsor, "feed", 10, 1000);
        Plan plan = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, World.TOKEN));
        long contract = plan.contracts().getFirst();
        assertThat(world.seen(Event.WaitingForProviders.class))
                .containsExactly(new Event.WaitingForProviders(contract));
        world.blocks(10);
        Invariants.check(world.state);
        assertThat(world.seen(Event.WaitingForProviders.class)).hasSize(1);
        world.provider("one more", World.form());
        world.blocks(3);
        assertThat(world.contract(contract).complete()).isTrue();
        Invariants.check(world.state);
    }

    @Test
    void shouldNotDrawWhoIsBusyOrPaused() {
        World world = new World();
        Person sponsor = world.user("sponsor");
        for (int i = 0; i < 7; i++) {
            world.provider("p" + i, new Form(1L << 40, 1, 1, "h:1", List.of(), 0, 0));
        }
        World.Published feed = world.feed(sponsor, "feed", 10, 1000);
        world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, World.TOKEN));
        Plan second = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, World.TOKEN));
        // All seven slots are taken by the first plan.
        assertThat(world.contract(second.contracts().getFirst()).positions()).containsOnly(Position.VACANT);
        world.blocks(5);
        assertThat(world.contract(second.contracts().getFirst()).complete()).isTrue();
    }
}
