package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.datdot.encoding.DecodingException;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

/** Right and wrong calls in random order, over many seeds: whatever comes, the rules hold and nothing is left half done. */
class RandomCallsTest {
    private static final int SEEDS = 24;
    private static final int BLOCKS = 120;

    @Test
    void shouldKeepAllInvariantsWhateverCallsCome() {
        int applied = 0;
        int turned = 0;
        int hosted = 0;
        int ended = 0;
        int failed = 0;
        int returned = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            try {
                Game game = new Game(seed, true);
                game.play();
                applied += game.applied;
                turned += game.turned;
                hosted += game.world.seen(Event.HostingStarted.class).size();
                ended += game.world.seen(Event.PlanEnded.class).size();
                failed += game.world.seen(Event.StorageChallengeFailed.class).size();
                returned += game.world.seen(Event.HosterReturned.class).size();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        // The game does reach the interesting places.
        assertThat(applied).isGreaterThan(SEEDS * 50);
        assertThat(turned).isGreaterThan(SEEDS * 10);
        assertThat(hosted).isGreaterThan(SEEDS);
        assertThat(ended).isGreaterThan(SEEDS / 2);
        assertThat(failed).isGreaterThan(SEEDS / 4);
        assertThat(returned).isGreaterThan(SEEDS / 4);
    }

    @Test
    void shouldGiveTheSameStateAndEventsForTheSameCalls() {
        for (int seed = 1_000; seed < 1_006; seed++) {
            Game one = new Game(seed, false);
            Game two = new Game(seed, false);
            one.play();
            two.play();
            assertThat(two.world.events).as("seed %d", seed).isEqualTo(one.world.events);
            assertThat(two.world.dump()).as("seed %d", seed).isEqualTo(one.world.dump());
        }
    }

    private static final class Game {
        private final Random random;
        private final World world;
        private final boolean checking;
        private final List<World.Published> feeds = new ArrayList<>();
        private int names;
        int applied;
        int turned;

        Game(long seed, boolean checking) {
            this.random = new Random(seed);
            this.checking = checking;
            Parameters base = Parameters.devnet();
            this.world = new World(
                    World.parameters(
                                    base.performanceAttestorCount(),
                                    2 + random.nextInt(5),
                                    2,
                                    2,
                                    3 + random.nextInt(10),
                                    1 + random.nextInt(60),
                                    1 + random.nextInt(4),
                                    3,
                                    3,
                                    1,
                                    5 + random.nextInt(20),
                                    100_000,
                                    1 + random.nextInt(5),
                                    1 + random.nextInt(5),
                                    3 + random.nextInt(10),
                                    4,
                                    3 + random.nextInt(20),
                                    base.encodingPricePerGib(),
                                    base.attestingPricePerGib(),
                                    base.minimumFee(),
                                    World.TOKEN)
                            .with("AbsenceAllowance", random.nextInt(6))
                            .with("AbsencePeriod", 20 + random.nextInt(40)),
                    "game " + seed);
        }

        void play() {
            for (int block = 0; block < BLOCKS; block++) {
                world.block(1 + random.nextInt(random.nextInt(20) == 0 ? 60_000 : 1_000));
                int calls = random.nextInt(5);
                for (int i = 0; i < calls; i++) {
                    call();
                }
                if (random.nextInt(4) > 0) {
                    people().forEach(this::work);
                }
                if (checking) {
                    Invariants.check(world.state);
                }
            }
        }

        private List<Person> people() {
            List<Person> all = new ArrayList<>(world.people.values());
            all.sort(java.util.Comparator.comparingLong(Person::id));
            return all;
        }

        private Person anybody() {
            List<Person> all = people();
            return all.get(random.nextInt(all.size()));
        }

        private void work(Person person) {
            if (person.id() % 7 == 3 && random.nextInt(3) > 0) {
                return; // does not do much
            }
            for (long open : world.jobs(person.id()).amendments()) {
                Amendment amendment = world.amendment(open);
                if (amendment.attestor() == person.id() && random.nextInt(3) > 0) {
                    submit(person, report(amendment));
                }
            }
            Optional<Long> challenge = world.jobs(person.id()).challenge();
            challenge.ifPresent(open -> submit(person, world.answer(world.challenge(open))));
            for (long open : world.jobs(person.id()).performances()) {
                Measurement found = random.nextInt(4) == 0
                        ? Measurement.UNREACHABLE
                        : new Measurement(true, random.nextInt(500), random.nextInt(1_000_000));
                world.measure(person.id(), open, found).ifPresent(call -> submit(person, call));
            }
            for (long open : world.jobs(person.id()).accusations()) {
                if (random.nextInt(3) == 0) {
                    submit(person, new Call.ContradictAccusation(open));
                }
            }
        }

        private Call report(Amendment amendment) {
            List<Outcome> outcomes = new ArrayList<>();
            for (Assignment one : amendment.assignments()) {
                outcomes.add(
                        switch (random.nextInt(8)) {
                            case 0 -> new Outcome.EncoderFailed(one.position());
                            case 1 -> new Outcome.HosterFailed(one.position(), Optional.empty());
                            case 2 ->
                                new Outcome.HosterFailed(one.position(), Optional.of(world.statement(amendment, one)));
                            default -> world.hosted(amendment, one);
                        });
            }
            Collections.shuffle(outcomes, random);
            return new Call.AmendmentReport(amendment.id(), outcomes);
        }

        /** Applies a call, right or wrong; sometimes, before it, the call that one changed bit makes of it: nearly right, as random ones never are. */
        private void submit(Person person, Call call) {
            if (random.nextInt(6) == 0) {
                turned(call).ifPresent(wrong -> apply(person, wrong));
            }
            apply(person, call);
        }

        private Optional<Call> turned(Call call) {
            byte[] bytes = call.encode();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                Call wrong = Call.CODEC.decode(bytes);
                turned++;
                return Optional.of(wrong);
            } catch (DecodingException e) {
                return Optional.empty();
            }
        }

        /** A rejected call must not have changed a byte. */
        private void apply(Person person, Call call) {
            if (!checking) {
                world.apply(person.account(), call);
                return;
            }
            var before = world.dump();
            switch (world.apply(person.account(), call)) {
                case DispatchResult.Applied _ -> applied++;
                case DispatchResult.Rejected rejected -> {
                    assertThat(rejected.error()).as("%s", rejected).isNotEqualTo(LedgerError.INTERNAL);
                    assertThat(rejected.detail()).isNotBlank();
                    assertThat(world.dump()).as("%s", call).isEqualTo(before);
                }
            }
        }

        private void call() {
            if (world.people.size() < 4) {
                world.user("someone " + names++);
                return;
            }
            Person who = anybody();
            switch (random.nextInt(15)) {
                case 0 -> world.user("someone " + names++);
                case 1, 2, 3, 4 -> submit(who, new Call.RegisterForWork(form()));
                case 5 -> publishFeed(who);
                case 6, 7 -> publishPlan(who);
                case 8 ->
                    submit(
                            who,
                            new Call.Transfer(
                                    anybody().account(), random.nextLong() >>> random.nextInt(64) & Long.MAX_VALUE));
                case 9 -> submit(who, new Samples(random.nextLong()).call());
                case 10 -> submit(who, new Call.AmendmentReport(random.nextInt(200), List.of()));
                case 11, 12 -> changePlan(who);
                case 13 ->
                    submit(
                            who,
                            switch (random.nextInt(6)) {
                                case 0 -> new Call.PauseWork(world.number + random.nextInt(20));
                                case 1 -> new Call.ResumeWork();
                                case 2 -> new Call.StopWork();
                                default -> traffic(who);
                            });
                default -> wrongReport(who);
            }
        }

        private Call traffic(Person who) {
            List<HostedPosition> hosting = world.jobs(who.id()).hosting();
            return hosting.isEmpty()
                    ? new Call.ReportTraffic(1, 0, 1)
                    : new Call.ReportTraffic(
                            hosting.getFirst().contract(), hosting.getFirst().position(), random.nextInt(1_000_000));
        }

        /** Mostly by its sponsor. */
        private void changePlan(Person anybody) {
            List<Plan> plans = people().stream()
                    .flatMap(one -> world.queries().getPlansBySponsor(one.id()).stream())
                    .toList();
            if (plans.isEmpty()) {
                return;
            }
            Plan plan = plans.get(random.nextInt(plans.size()));
            Person who = random.nextInt(8) == 0 ? anybody : world.person(plan.sponsor());
            submit(
                    who,
                    switch (random.nextInt(6)) {
                        case 0 -> new Call.CancelPlan(plan.id());
                        case 1 -> new Call.PausePlan(plan.id());
                        case 2, 3 -> new Call.ResumePlan(plan.id());
                        default ->
                            new Call.UpdatePlan(
                                    plan.id(),
                                    new Until(world.nowMs + random.nextInt(120_000), random.nextInt(2) * 1_000_000L),
                                    random.nextInt(100_000),
                                    0,
                                    plan.sources(),
                                    random.nextBoolean()
                                            ? List.of()
                                            : plan.program().subList(0, 1),
                                    random.nextInt(4) > 0 ? List.of() : List.of((long) random.nextInt(3)));
                    });
        }

        private void wrongReport(Person who) {
            long id = random.nextInt(300);
            world.queries().getAmendmentByID(id).ifPresent(amendment -> submit(who, report(amendment)));
            world.queries().getStorageChallengeByID(id).ifPresent(challenge -> {
                if (challenge.open()) {
                    submit(who, world.answer(challenge));
                }
            });
        }

        private Form form() {
            List<List<String>> regions = List.of(List.of(), List.of("EU"), List.of("US", "EU"));
            return new Form(
                    1 + random.nextInt(200_000),
                    random.nextInt(100_000_000),
                    1 + random.nextInt(3),
                    "host:" + (1 + random.nextInt(65_535)),
                    regions.get(random.nextInt(3)),
                    random.nextInt(4) == 0 ? world.nowMs + 10_000 : 0,
                    random.nextInt(4) == 0 ? world.nowMs + 20_000 : 0);
        }

        private void publishFeed(Person who) {
            String name = "feed " + random.nextInt(6);
            long length = 1L + random.nextInt(150);
            submit(
                    who,
                    new Call.PublishFeed(
                            World.coreKey(name), new Bytes(new byte[0]), World.head(name, 0, length, 100)));
            world.queries()
                    .getFeedByKey(World.coreKey(name))
                    .ifPresent(feed -> feeds.add(new World.Published(feed.id(), feed.key(), feed.length())));
        }

        private void publishPlan(Person who) {
            if (feeds.isEmpty()) {
                publishFeed(who);
                return;
            }
            List<Segment> program = new ArrayList<>();
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                World.Published feed = feeds.get(random.nextInt(feeds.size()));
                long start = random.nextInt((int) feed.length());
                program.add(new Segment(
                        feed.id(), feed.length(), start, start + 1 + random.nextInt((int) (feed.length() - start))));
            }
            List<List<String>> regions = List.of(List.of(), List.of(), List.of("EU"));
            submit(
                    who,
                    new Call.PublishPlan(
                            List.of(new Part(
                                    program,
                                    random.nextBoolean(),
                                    regions.get(random.nextInt(3)),
                                    Hours.ALWAYS,
                                    ServiceLevel.ANY)),
                            1 + random.nextInt(3),
                            0,
                            Until.time(world.nowMs + random.nextInt(120_000)),
                            random.nextInt(2) == 0 ? random.nextInt(40_000) : World.TOKEN / 20,
                            0,
                            List.of("127.0.0.1:3000")));
        }
    }
}
