package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.ToLongFunction;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

/** A market with attackers in it, played by seeded dice: what each strategy gained or lost, in units for one of its kind. */
class SimulationTest {
    private static final long HOUR_MS = 3_600_000;

    /** What a provider does. */
    private enum Strategy {
        HONEST,
        /** Deletes what it was given and hopes not to be asked. */
        STORES_NOTHING,
        /** As attestor it says that every encoder failed. */
        ACCUSES_ALL,
        /** As attestor it reports nothing. */
        WITHHOLDS_REPORTS,
        /** Of every hoster it says that it was unreachable. */
        SLANDERS_HOSTERS,
        /** Asks for more than anybody pays. */
        ASKS_TOO_MUCH,
        /** Sends calls that are refused. */
        SPAMS
    }

    @Test
    void shouldLetHonestProvidersEarnAndAttackersLose() {
        for (long seed = 1; seed <= 2; seed++) {
            Market market = new Market(seed, 70, 14);
            market.play(160);
            Map<Strategy, Long> gained = market.gained();
            String report = "seed " + seed + ": " + gained;
            System.getLogger(SimulationTest.class.getName()).log(System.Logger.Level.INFO, report);
            Invariants.check(market.world.state);
            assertThat(gained.get(Strategy.HONEST)).as(report).isPositive();
            assertThat(gained.get(Strategy.STORES_NOTHING)).as(report).isNegative();
            assertThat(gained.get(Strategy.SPAMS)).as(report).isLessThan(gained.get(Strategy.HONEST));
            assertThat(gained.get(Strategy.ASKS_TOO_MUCH)).as(report).isLessThan(gained.get(Strategy.HONEST));
            // Who accuses all is in more disputes than those it accuses; who reports nothing fails more often.
            assertThat(market.mean(Strategy.ACCUSES_ALL, User::disputes))
                    .as(report)
                    .isGreaterThan(market.mean(Strategy.HONEST, User::disputes));
            assertThat(market.mean(Strategy.WITHHOLDS_REPORTS, User::failures))
                    .as(report)
                    .isGreaterThan(market.mean(Strategy.HONEST, User::failures));
            // Slander without a majority moves no median: honest hosters are known as reachable.
            market.honestHosters()
                    .forEach(user -> assertThat(user.measured().availabilityPermille())
                            .as(report + ", user " + user.id())
                            .isEqualTo(1000));
        }
    }

    private static final class Market {
        private final Random random;
        private final World world;
        private final Map<Long, Strategy> strategies = new HashMap<>();
        private final Map<Long, Long> began = new HashMap<>();

        Market(long seed, int providers, int plans) {
            random = new Random(seed);
            world = new World(Parameters.devnet(), "market " + seed, World.START_MS);
            List<Strategy> attackers = List.of(Strategy.values()).subList(1, Strategy.values().length);
            for (int i = 0; i < providers; i++) {
                // Six in ten are honest.
                Strategy strategy = i % 10 < 6 ? Strategy.HONEST : attackers.get((i / 10 + i) % attackers.size());
                long price = strategy == Strategy.ASKS_TOO_MUCH
                        ? Long.MAX_VALUE >> 20
                        : 100_000_000L + random.nextInt(100_000_000);
                Person person = world.provider(
                        "provider " + i,
                        new Form(1L << 36, price, 4, "10.0." + i + ".1:4000", List.of("R" + i % 4), 0, 0));
                strategies.put(person.id(), strategy);
                began.put(person.id(), wealth(person));
            }
            Person sponsor = world.user("sponsor");
            for (int i = 0; i < plans; i++) {
                World.Published feed = world.feed(sponsor, "feed " + i, 200 + random.nextInt(400), 65_536);
                world.publish(sponsor, world.planCall(feed, 3, 2_000 * HOUR_MS, 60 * World.TOKEN));
            }
        }

        private long wealth(Person person) {
            AccountData data = world.queries().getAccount(person.account());
            return data.free() + data.reserved();
        }

        void play(int blocks) {
            for (int i = 0; i < blocks; i++) {
                world.block(HOUR_MS / 4);
                for (Person person : people()) {
                    act(person, strategies.get(person.id()));
                }
                Balances.audit(world.state);
            }
        }

        private List<Person> people() {
            return world.people.values().stream()
                    .filter(person -> strategies.containsKey(person.id()))
                    .sorted(java.util.Comparator.comparingLong(Person::id))
                    .toList();
        }

        private void act(Person person, @org.jspecify.annotations.Nullable Strategy strategy) {
            Jobs jobs = world.jobs(person.id());
            if (strategy == Strategy.SPAMS) {
                world.apply(person.account(), new Call.CancelPlan(1));
            }
            for (long open : jobs.amendments()) {
                Amendment amendment = world.amendment(open);
                if (amendment.attestor() == person.id()) {
                    attest(person, strategy, amendment);
                }
            }
            jobs.challenge().ifPresent(open -> {
                if (strategy != Strategy.STORES_NOTHING) {
                    world.submit(person, world.answer(world.challenge(open)));
                }
            });
            Measurement found = strategy == Strategy.SLANDERS_HOSTERS ? Measurement.UNREACHABLE : world.measured;
            for (long open : jobs.performances()) {
                world.measure(person.id(), open, found).ifPresent(call -> world.submit(person, call));
            }
            // Everybody did its part of every setup here, so everybody denies.
            jobs.accusations().forEach(open -> world.submit(person, new Call.ContradictAccusation(open)));
        }

        private void attest(Person person, @org.jspecify.annotations.Nullable Strategy strategy, Amendment amendment) {
            if (strategy == Strategy.WITHHOLDS_REPORTS) {
                return;
            }
            if (strategy != Strategy.ACCUSES_ALL) {
                world.submit(person, world.report(amendment));
            } else if (world.number > amendment.encodedByBlock()) {
                List<Outcome> outcomes = new ArrayList<>();
                amendment.assignments().forEach(one -> outcomes.add(new Outcome.EncoderFailed(one.position())));
                world.submit(person, new Call.AmendmentReport(amendment.id(), outcomes));
            }
        }

        Map<Strategy, Long> gained() {
            Map<Strategy, List<Long>> all = new EnumMap<>(Strategy.class);
            for (Person person : people()) {
                long gain = wealth(person)
                        - Optional.ofNullable(began.get(person.id())).orElseThrow();
                all.computeIfAbsent(
                                Optional.ofNullable(strategies.get(person.id())).orElseThrow(), _ -> new ArrayList<>())
                        .add(gain);
            }
            Map<Strategy, Long> mean = new EnumMap<>(Strategy.class);
            all.forEach((strategy, gains) ->
                    mean.put(strategy, gains.stream().mapToLong(Long::longValue).sum() / gains.size()));
            return mean;
        }

        double mean(Strategy strategy, ToLongFunction<User> number) {
            return people().stream()
                    .filter(person -> strategies.get(person.id()) == strategy)
                    .mapToLong(person -> number.applyAsLong(world.user(person.id())))
                    .average()
                    .orElseThrow();
        }

        List<User> honestHosters() {
            return people().stream()
                    .filter(person -> strategies.get(person.id()) == Strategy.HONEST)
                    .map(person -> world.user(person.id()))
                    .filter(user -> user.measured().samples() > 0)
                    .toList();
        }
    }
}
