package org.datdot.ledger;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.datdot.crypto.Ed25519;
import org.datdot.ledger.World.Person;

/**
 * A market with attackers in it, played by seeded dice on the pallet as it is: providers come and go, change their prices, are cut off for some hours;
 * plans end and others begin. A block is two hours, so that a year takes minutes; deadlines are as long as they are by the number of blocks.
 */
final class Market {
    static final long HOUR_MS = 3_600_000;

    private static final long BLOCK_MS = 2 * HOUR_MS;
    private static final int BLOCKS_PER_DAY = 12;
    /** Fewer blocks than every deadline has. */
    private static final int LONGEST_PARTITION = 2;

    private static final long USUAL_PRICE = World.TOKEN;

    final World world;
    private final Random random;
    private final int plansAtOnce;
    private final Map<Long, Strategy> strategies = new HashMap<>();
    private final Map<Long, Long> prices = new HashMap<>();
    private final Map<Long, Long> began = new HashMap<>();
    private final Map<Long, Long> offlineUntil = new HashMap<>();
    private final TreeSet<Long> busy = new TreeSet<>();
    private final Counts seen = new Counts();
    private final List<Person> sponsors = new ArrayList<>();
    private final List<Person> griefers = new ArrayList<>();
    private final Map<Long, Long> incompleteSince = new TreeMap<>();
    private final Map<Long, Long> caughtAfter = new HashMap<>();
    private final Map<Long, Long> firstHosted = new HashMap<>();
    private final Map<Long, Long> slashed = new HashMap<>();
    private int feeds;
    private int joined;
    private long longestIncomplete;
    private long lost;
    private long ended;
    private final Map<Long, Measurement> kept = new HashMap<>();

    /** What was drawn and published in all. */
    private static final class Counts {
        long amendments;
        long challenges;
        long measurements;
        long plans;
    }

    /** Three in five are honest, the others attackers of all kinds in turn. */
    Market(long seed, int providers, int plans) {
        random = new Random(seed);
        world = new World(parameters(), "market " + seed, World.START_MS);
        plansAtOnce = plans;
        List<Strategy> attackers = Strategy.attackers();
        for (int i = 0; i < providers; i++) {
            join(i % 5 < 3 ? new Strategy() : attackers.get((i / 5 * 2 + i % 5 - 3) % attackers.size()));
        }
        for (int i = 0; i < Math.max(2, plans / 10); i++) {
            sponsors.add(world.user("sponsor " + i));
        }
        griefers.add(world.user("griefing sponsor"));
    }

    static Parameters parameters() {
        return Parameters.defaults()
                .with("NewUserEndowment", 100 * World.TOKEN)
                .with("BlockMs", BLOCK_MS)
                .with("ChallengeDelay", BLOCKS_PER_DAY)
                .with("ChallengeResponseDelay", 4)
                .with("FailPause", BLOCKS_PER_DAY)
                .with("PerformanceDelay", 7 * BLOCKS_PER_DAY)
                .with("MeasuringDuration", 4)
                .with("RevealDuration", 4)
                .with("AccusationDelay", 4)
                .with("SourceRetryDelay", BLOCKS_PER_DAY);
    }

    /** Blocks in which a contract with enough providers has all its copies again: so many setups, each to its last deadline. */
    static long bound() {
        Parameters parameters = parameters();
        long setup = parameters.encodingDuration()
                + parameters.attestingDuration()
                + parameters.amendmentFollowupDelay()
                + 5; // bytes of one contract of this market, and the blocks in between
        return 6 * setup;
    }

    private Person join(Strategy strategy) {
        int number = joined++;
        Person person = world.user("provider " + number);
        strategies.put(person.id(), strategy);
        prices.put(person.id(), strategy.price(USUAL_PRICE / 2 + random.nextLong(USUAL_PRICE / 2)));
        began.put(person.id(), wealth(person));
        world.submit(person, new Call.RegisterForWork(form(person)));
        return person;
    }

    Form form(Person person) {
        long number = person.id();
        return new Form(
                1L << 36,
                Objects.requireNonNull(prices.get(person.id())),
                4,
                // Each in a network of its own.
                "10." + number / 256 % 256 + "." + number % 256 + ".1:4000",
                List.of("R" + number % 4),
                0,
                0);
    }

    private long wealth(Person person) {
        AccountData data = world.queries().getAccount(person.account());
        return data.free() + data.reserved();
    }

    private Strategy strategy(long user) {
        return Objects.requireNonNull(strategies.get(user));
    }

    private boolean online(long user) {
        return offlineUntil.getOrDefault(user, 0L) <= world.number;
    }

    int sealing(long contract) {
        return world.plan(world.contract(contract).plan()).sealing();
    }

    long activeSince(Check check) {
        return world.contract(check.contract())
                .positions()
                .get(check.position())
                .sinceMs();
    }

    long hash(String purpose, long id) {
        return new Chance(World.GENESIS, purpose, id).below(1L << 40);
    }

    void tryCall(Person person, Call call) {
        if (world.apply(person.account(), call) instanceof DispatchResult.Applied applied) {
            note(applied.events());
        }
    }

    private void submit(Person person, Call call) {
        note(world.submit(person, call));
    }

    /** So many days. */
    void play(int days) {
        for (int i = 0; i < days * BLOCKS_PER_DAY; i++) {
            note(world.block(BLOCK_MS));
            weather();
            publish();
            for (long user : List.copyOf(busy)) {
                if (online(user)) {
                    work(world.person(user));
                }
            }
            if (i % BLOCKS_PER_DAY == 0) {
                strategies.forEach((user, strategy) -> strategy.besides(this, world.person(user)));
            }
            world.events.clear();
            Balances.audit(world.state);
        }
    }

    /** Some are cut off, some change their price, one leaves and another comes. */
    private void weather() {
        List<Long> users = new ArrayList<>(new TreeSet<>(strategies.keySet()));
        for (int i = 0; i < Math.ceilDiv(users.size(), 100); i++) {
            long cut = users.get(random.nextInt(users.size()));
            offlineUntil.put(cut, world.number + 1 + random.nextInt(LONGEST_PARTITION));
        }
        if (random.nextInt(4) == 0) {
            long region = random.nextInt(40);
            users.stream()
                    .filter(user -> user % 40 == region)
                    .forEach(user -> offlineUntil.put(user, world.number + LONGEST_PARTITION));
        }
        for (int i = 0; i < Math.ceilDiv(users.size(), 400); i++) {
            Person changes = world.person(users.get(random.nextInt(users.size())));
            if (strategy(changes.id()).honest()
                    && world.user(changes.id()).form().isPresent()) {
                prices.put(changes.id(), USUAL_PRICE / 2 + random.nextLong(USUAL_PRICE / 2));
                tryCall(changes, new Call.RegisterForWork(form(changes)));
            }
        }
        if (random.nextInt(BLOCKS_PER_DAY) == 0) {
            Person leaves = world.person(users.get(random.nextInt(users.size())));
            if (strategy(leaves.id()).honest() && world.user(leaves.id()).form().isPresent()) {
                tryCall(leaves, new Call.StopWork());
                join(new Strategy());
            }
        }
    }

    private void publish() {
        long open = seen.plans - ended;
        for (long i = open; i < plansAtOnce; i++) {
            Person sponsor = sponsors.get(random.nextInt(sponsors.size()));
            publish(sponsor, i % 2 == 0 ? 0 : 1, (5 + random.nextInt(20)) * 24L * HOUR_MS);
        }
        if (random.nextInt(10 * BLOCKS_PER_DAY) == 0) {
            publish(griefers.getFirst(), 0, 5 * 24 * HOUR_MS);
        }
    }

    private void publish(Person sponsor, int sealing, long forMs) {
        World.Published feed = world.feed(sponsor, "feed " + feeds++, 100 + random.nextInt(300), 20);
        Call.PublishPlan call = world.planCall(feed, 3, forMs, World.TOKEN);
        submit(
                sponsor,
                new Call.PublishPlan(
                        call.program(), 3, sealing, call.until(), call.budget(), call.mostPrice(), call.sources()));
    }

    private boolean sourceAway(Amendment amendment) {
        long sponsor = world.plan(world.contract(amendment.contract()).plan()).sponsor();
        return griefers.stream().anyMatch(one -> one.id() == sponsor);
    }

    private void work(Person self) {
        Strategy strategy = strategy(self.id());
        Jobs jobs = world.jobs(self.id());
        for (long id : jobs.amendments()) {
            Amendment amendment = world.amendment(id);
            if (amendment.attestor() == self.id()) {
                strategy.report(this, amendment).ifPresent(call -> submit(self, call));
            }
        }
        jobs.challenge().ifPresent(open -> prove(self, strategy, world.challenge(open)));
        for (long open : jobs.performances()) {
            measure(self, strategy, open);
        }
        // Who delivered says so; who did not has nothing to say.
        for (long open : jobs.accusations()) {
            if (strategy.encodes() && strategy.takesOver()) {
                submit(self, new Call.ContradictAccusation(open));
            }
        }
        Jobs left = world.jobs(self.id());
        if (left.amendments().isEmpty()
                && left.challenge().isEmpty()
                && left.performances().isEmpty()
                && left.accusations().isEmpty()) {
            busy.remove(self.id());
        }
    }

    private void prove(Person self, Strategy strategy, StorageChallenge challenge) {
        if (challenge.checks().stream().allMatch(check -> strategy.has(this, check))) {
            submit(self, world.answer(challenge));
        } else {
            strategy.otherwise(this, challenge).ifPresent(call -> tryCall(self, call));
        }
    }

    private void measure(Person self, Strategy strategy, long id) {
        PerformanceChallenge challenge =
                world.queries().getPerformanceChallengeByID(id).orElseThrow();
        boolean reached =
                online(challenge.hoster()) && strategy(challenge.hoster()).serves();
        Measurement truth = reached ? new Measurement(true, 20, 10_000_000) : Measurement.UNREACHABLE;
        // What was found is kept until it is revealed.
        Measurement found = strategy.measured(kept.computeIfAbsent(id * 10_000_000 + self.id(), _ -> truth));
        if (challenge.status() == PerformanceStatus.COMMITTING || strategy.reveals()) {
            world.measure(self.id(), id, found).ifPresent(call -> submit(self, call));
        }
    }

    private Outcome unreachable(Amendment amendment, Assignment of) {
        UnreachableStatement statement =
                new UnreachableStatement(amendment.contract(), amendment.id(), of.position(), of.encoder());
        return new Outcome.SourceUnreachable(
                of.position(),
                Ed25519.sign(
                        statement.signable(World.GENESIS),
                        world.person(of.encoder()).keys().signing().secretKey()));
    }

    /** What an honest attestor reports: at once when all is well, otherwise when it may accuse. */
    Optional<Call> truth(Amendment amendment) {
        if (sourceAway(amendment)) {
            List<Outcome> outcomes = new ArrayList<>();
            amendment.assignments().forEach(one -> outcomes.add(unreachable(amendment, one)));
            return Optional.of(new Call.AmendmentReport(amendment.id(), outcomes));
        }
        List<Outcome> outcomes = new ArrayList<>();
        long earliest = 0;
        for (Assignment one : amendment.assignments()) {
            if (!strategy(one.encoder()).encodes()) {
                outcomes.add(new Outcome.EncoderFailed(one.position()));
                earliest = Math.max(earliest, amendment.encodedByBlock());
            } else if (!strategy(one.hoster()).takesOver()) {
                outcomes.add(new Outcome.HosterFailed(one.position(), Optional.of(world.statement(amendment, one))));
                earliest = Math.max(earliest, amendment.attestedByBlock());
            } else if ((online(one.encoder()) && online(one.hoster())) || world.number > amendment.attestedByBlock()) {
                // Who was cut off is back before the time is over.
                outcomes.add(world.hosted(amendment, one));
            } else {
                return Optional.empty();
            }
        }
        return world.number > earliest
                ? Optional.of(new Call.AmendmentReport(amendment.id(), outcomes))
                : Optional.empty();
    }

    // What happened.

    private void note(List<Event> events) {
        for (Event event : events) {
            switch (event) {
                case Event.NewAmendment(long id, long contract) -> {
                    seen.amendments++;
                    Amendment amendment = world.amendment(id);
                    busy.add(amendment.attestor());
                    incompleteSince.putIfAbsent(contract, world.number);
                }
                case Event.NewStorageChallenge(long id, long hoster) -> {
                    seen.challenges++;
                    busy.add(hoster);
                }
                case Event.NewPerformanceChallenge(long id, long hoster) -> {
                    seen.measurements++;
                    world.queries()
                            .getPerformanceChallengeByID(id)
                            .ifPresent(one -> one.reports().forEach(report -> busy.add(report.attestor())));
                }
                case Event.Accused(long id, long user) -> busy.add(user);
                case Event.HosterActivated(long contract, int position, long hoster) -> {
                    firstHosted.putIfAbsent(hoster, world.number);
                    if (world.contract(contract).complete()) {
                        complete(contract);
                    }
                }
                case Event.DropHosting(long contract, int position, long hoster) -> {
                    if (world.contract(contract).open()) {
                        incompleteSince.putIfAbsent(contract, world.number);
                    }
                }
                case Event.NewPlan(long plan) -> seen.plans++;
                case Event.PlanEnded ending -> {
                    ended++;
                    world.plan(ending.plan()).contracts().forEach(incompleteSince::remove);
                }
                // Not a matter of providers: the data itself is away, or nobody is left who has it.
                case Event.SourceUnreachable away -> incompleteSince.remove(away.contract());
                case Event.ContractLost gone -> {
                    lost++;
                    incompleteSince.remove(gone.contract());
                }
                case Event.Slashed(long user, long plan, long units) -> slashed.merge(user, units, Long::sum);
                case Event.ProviderPaused(long user, long until) ->
                    caughtAfter.putIfAbsent(user, world.number - firstHosted.getOrDefault(user, world.number));
                default -> {}
            }
        }
    }

    private void complete(long contract) {
        Long since = incompleteSince.remove(contract);
        if (since != null) {
            longestIncomplete = Math.max(longestIncomplete, world.number - since);
        }
    }

    /** The longest a contract was without all its copies, in blocks; those that still are count too. */
    long longestIncomplete() {
        long longest = longestIncomplete;
        for (long since : incompleteSince.values()) {
            longest = Math.max(longest, world.number - since);
        }
        return longest;
    }

    long contractsLost() {
        return lost;
    }

    /** One row for each strategy; the honest ones first. */
    List<MarketRow> report() {
        Map<String, List<Long>> byName = new TreeMap<>(
                (a, b) -> a.equals(b) ? 0 : a.equals("Honest") ? -1 : b.equals("Honest") ? 1 : a.compareTo(b));
        strategies.forEach((user, strategy) ->
                byName.computeIfAbsent(strategy.name(), _ -> new ArrayList<>()).add(user));
        List<MarketRow> rows = new ArrayList<>();
        byName.forEach((name, users) -> {
            List<Long> caught = users.stream()
                    .map(caughtAfter::get)
                    .filter(Objects::nonNull)
                    .sorted()
                    .toList();
            rows.add(new MarketRow(
                    name,
                    users.size(),
                    mean(users, this::gained),
                    deviation(users),
                    mean(users, user -> slashed.getOrDefault(user, 0L)),
                    caught.size(),
                    caught.isEmpty() ? Double.NaN : caught.get(caught.size() / 2) / (double) BLOCKS_PER_DAY,
                    users.stream()
                            .mapToLong(user -> world.user(user).failures())
                            .average()
                            .orElseThrow(),
                    users.stream()
                            .mapToLong(user -> world.user(user).disputes())
                            .average()
                            .orElseThrow()));
        });
        return rows;
    }

    private long gained(long user) {
        return wealth(world.person(user)) - Objects.requireNonNull(began.get(user));
    }

    private double deviation(Collection<Long> users) {
        double mean = mean(users, this::gained);
        return Math.sqrt(users.stream()
                .mapToDouble(user -> (gained(user) - mean) * (gained(user) - mean))
                .average()
                .orElseThrow());
    }

    private static long mean(Collection<Long> users, java.util.function.ToLongFunction<Long> number) {
        return Math.round(users.stream().mapToLong(number).average().orElseThrow());
    }

    /** Honest providers that lost collateral. */
    Collection<Long> honestSlashed() {
        Collection<Long> honest = new HashSet<>();
        slashed.keySet().stream()
                .filter(user -> !left(user) && strategy(user).honest())
                .forEach(honest::add);
        return honest;
    }

    /** Whoever leaves pays for its replacement, which is no punishment. */
    private boolean left(long user) {
        return world.user(user).form().isEmpty();
    }

    /** What the griefing sponsor paid for nothing. */
    long grieferLost() {
        return 100 * World.TOKEN - wealth(griefers.getFirst());
    }

    String text() {
        StringBuilder out = new StringBuilder(String.format(
                Locale.ROOT,
                "%d plans, %d amendments, %d storage challenges, %d measurements; longest without all copies %d"
                        + " blocks, lost %d; the griefing sponsor paid %d%n",
                seen.plans,
                seen.amendments,
                seen.challenges,
                seen.measurements,
                longestIncomplete(),
                lost,
                grieferLost()));
        out.append(MarketRow.HEADER);
        report().forEach(row -> out.append(row.text()));
        return out.toString();
    }
}
