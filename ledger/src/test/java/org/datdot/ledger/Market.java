package org.datdot.ledger;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.datdot.crypto.Ed25519;
import org.datdot.ledger.World.Person;

/**
 * A market with attackers in it, played by seeded dice on the pallet as it is: providers come and go, change their prices, are cut off for some hours or most of a day;
 * plans end and others begin. A block is two hours, so that a year takes minutes; deadlines are as long as they are by the number of blocks.
 */
final class Market {
    static final long HOUR_MS = 3_600_000;
    static final int BLOCKS_PER_DAY = 12;

    private static final long BLOCK_MS = 2 * HOUR_MS;
    private static final long USUAL_PRICE = World.TOKEN;

    final World world;
    final MarketRecord record = new MarketRecord(this);
    final Weather weather;
    private final AuditedState state = new AuditedState();
    private final Random random;
    private final int plansAtOnce;
    private final boolean churns;
    private final Map<Long, Strategy> strategies = new HashMap<>();
    /** In the order in which they came, which is that of their numbers. */
    private final List<Long> users = new ArrayList<>();

    private final Map<Long, Long> prices = new HashMap<>();
    private final TreeSet<Long> busy = new TreeSet<>();
    private final List<Person> sponsors = new ArrayList<>();
    private final Person griefer;
    private final Person rescuer;
    private final Map<Long, World.Tree> trees = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, World.Tree> eldest) {
            return size() > 5_000;
        }
    };
    private final Set<Long> failed = new HashSet<>();
    private final Map<Long, Measurement> kept = new HashMap<>();
    private int feeds;
    private int joined;

    /** Three in five are honest, the others attackers of all kinds in turn. */
    static Market mixed(long seed, int providers, int plans) {
        List<Strategy> attackers = Strategy.attackers();
        return new Market(
                seed,
                providers,
                plans,
                true,
                i -> i % 5 < 3 ? new Strategy() : attackers.get((i / 5 * 2 + i % 5 - 3) % attackers.size()));
    }

    /** Of providers by their number, of whom the honest ones change their prices and leave for others, or nobody does. */
    Market(long seed, int providers, int plans, boolean churns, IntFunction<Strategy> kinds) {
        this.churns = churns;
        random = new Random(seed);
        weather = new Weather(new Random(seed + 1), 7 * BLOCKS_PER_DAY);
        world = new World(parameters(), "market " + seed, World.START_MS, state);
        plansAtOnce = plans;
        for (int i = 0; i < providers; i++) {
            join(kinds.apply(i));
        }
        for (int i = 0; i < Math.max(2, plans / 10); i++) {
            sponsors.add(world.user("sponsor " + i));
        }
        griefer = world.user("griefing sponsor");
        rescuer = world.user("rescuing sponsor");
    }

    static Parameters parameters() {
        return Parameters.defaults()
                .with("NewUserEndowment", 100 * World.TOKEN)
                .with("BlockMs", BLOCK_MS)
                .with("ChallengeDelay", BLOCKS_PER_DAY)
                .with("ChallengeResponseDelay", 4)
                .with("AbsenceAllowance", BLOCKS_PER_DAY)
                .with("AbsencePeriod", 7 * BLOCKS_PER_DAY)
                .with("FailPause", BLOCKS_PER_DAY)
                .with("PerformanceDelay", 7 * BLOCKS_PER_DAY)
                .with("MeasuringDuration", 4)
                .with("RevealDuration", 4)
                .with("AccusationDelay", 4)
                .with("SourceRetryDelay", BLOCKS_PER_DAY);
    }

    /** Blocks in which a contract with enough providers has all its copies again, once one was given up: so many setups, each to its last deadline. */
    static long bound() {
        Parameters parameters = parameters();
        long setup = parameters.encodingDuration()
                + parameters.attestingDuration()
                + parameters.amendmentFollowupDelay()
                + 5; // bytes of one contract of this market, and the blocks in between
        return 6 * setup;
    }

    /**
     * Blocks from a copy's loss until it is given up: the next challenge, its answer, the allowance, and the time to answer once more, as a challenge is drawn anew when all it asked an absent hoster for has
     * ended.
     */
    static long untilGivenUp() {
        Parameters parameters = parameters();
        return parameters.challengeDelay()
                + 2 * parameters.challengeResponseDelay()
                + parameters.periods().absenceAllowance()
                + 2;
    }

    private Person join(Strategy strategy) {
        int number = joined++;
        Person person = world.user("provider " + number);
        strategies.put(person.id(), strategy);
        users.add(person.id());
        prices.put(person.id(), strategy.price(USUAL_PRICE / 2 + random.nextLong(USUAL_PRICE / 2)));
        record.joined(person.id(), wealth(person));
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

    long wealth(Person person) {
        AccountData data = world.queries().getAccount(person.account());
        return data.free() + data.reserved();
    }

    Strategy strategy(long user) {
        return Objects.requireNonNull(strategies.get(user));
    }

    private boolean online(long user) {
        return weather.online(user, world.number);
    }

    List<Long> users() {
        return users;
    }

    /** Whether two attack together. */
    boolean fellows(long user, long other) {
        Strategy one = strategy(user);
        Strategy two = strategies.get(other);
        return two != null && !one.honest() && one.getClass() == two.getClass();
    }

    /** Whether the hoster of a position stores it. */
    boolean stores(long contract, int position) {
        Position held = world.contract(contract).positions().get(position);
        return strategy(held.hoster()).stores(this, held);
    }

    int sealing(long contract) {
        return world.plan(world.contract(contract).plan()).sealing();
    }

    boolean sealed(Position position) {
        return position.replica().orElseThrow().sealing() != 0;
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
            weather.pass(users, world.number);
            if (churns) {
                change();
            }
            publish();
            for (long user : List.copyOf(busy)) {
                if (online(user)) {
                    work(world.person(user));
                }
            }
            if (i % BLOCKS_PER_DAY == 0) {
                users.forEach(user -> strategy(user).besides(this, world.person(user)));
                Balances.audit(state);
            }
            world.events.clear();
            // All that is owned is all that was made, after each block.
            if (state.units() != Balances.TOTAL_ISSUANCE.get(state).orElseThrow()) {
                throw new IllegalStateException("owned are " + state.units() + " units");
            }
        }
    }

    /** Some change their price, one leaves and another comes. */
    private void change() {
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
        long open = record.openPlans();
        for (long i = open; i < plansAtOnce; i++) {
            Person sponsor = sponsors.get(random.nextInt(sponsors.size()));
            publish(sponsor, i % 2 == 0 ? 0 : 1, (5 + random.nextInt(20)) * 24L * HOUR_MS);
        }
        if (random.nextInt(10 * BLOCKS_PER_DAY) == 0) {
            publish(griefer, 0, 5 * 24 * HOUR_MS);
        }
        if (random.nextInt(BLOCKS_PER_DAY) == 0) {
            publish(rescuer, 1, 10 * 24 * HOUR_MS);
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
        return griefer.id() == sponsor;
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
            if (strategy.encodes() && strategy.takesOver() && !failed.contains(open)) {
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
        if (!strategy.answers(this, challenge)) {
            return;
        }
        if (challenge.checks().stream().allMatch(check -> !held(challenge, check) || strategy.has(this, check))) {
            submit(self, answer(challenge));
        } else {
            strategy.otherwise(this, challenge).ifPresent(call -> tryCall(self, call));
        }
    }

    private boolean held(StorageChallenge challenge, Check check) {
        Position position = world.contract(check.contract()).positions().get(check.position());
        return position.status() == PositionStatus.ACTIVE && position.hoster() == challenge.hoster();
    }

    /** As {@link World#answer}, with the trees of replicas made once. */
    private Call.SubmitStorageChallenge answer(StorageChallenge challenge) {
        List<StorageProof> proofs = new ArrayList<>();
        for (Check check : challenge.checks()) {
            if (held(challenge, check)) {
                Position position = world.contract(check.contract()).positions().get(check.position());
                int bytes = (int) position.replica().orElseThrow().encodedBytes();
                long amendment = position.amendment();
                proofs.add(trees.computeIfAbsent(
                                amendment * 100 + check.position(),
                                _ -> new World.Tree(World.replicaBytes(amendment, check.position(), bytes)))
                        .prove(check.leafIndex()));
            } else {
                proofs.add(new StorageProof(check.leafIndex(), new byte[0], List.of()));
            }
        }
        return new Call.SubmitStorageChallenge(challenge.id(), proofs);
    }

    private void measure(Person self, Strategy strategy, long id) {
        PerformanceChallenge challenge =
                world.queries().getPerformanceChallengeByID(id).orElseThrow();
        if (challenge.status() == PerformanceStatus.COMMITTING) {
            boolean reached =
                    online(challenge.hoster()) && strategy(challenge.hoster()).serves(this, challenge);
            Measurement truth = reached ? new Measurement(true, 20, 10_000_000) : Measurement.UNREACHABLE;
            // What was found is kept until it is revealed.
            Measurement found = kept.computeIfAbsent(
                    id * 10_000_000 + self.id(), _ -> strategy.measured(this, self, challenge, truth));
            world.measure(self.id(), id, found).ifPresent(call -> submit(self, call));
        } else if (strategy.reveals()) {
            Measurement found = kept.remove(id * 10_000_000 + self.id());
            // Who was cut off while it was measured has nothing to say.
            if (found != null) {
                world.measure(self.id(), id, found).ifPresent(call -> submit(self, call));
            }
        }
    }

    /** The rescuing sponsor ends those of its plans that a fellow is asked for. */
    void rescue(StorageChallenge challenge) {
        for (Check check : challenge.checks()) {
            Plan plan = world.plan(world.contract(check.contract()).plan());
            if (plan.sponsor() == rescuer.id() && plan.open()) {
                tryCall(rescuer, new Call.CancelPlan(plan.id()));
            }
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
            if (!strategy(one.encoder()).encodes() || cutOff(one.encoder(), amendment)) {
                outcomes.add(new Outcome.EncoderFailed(one.position()));
                earliest = Math.max(earliest, amendment.encodedByBlock());
            } else if (!strategy(one.hoster()).takesOver() || cutOff(one.hoster(), amendment)) {
                outcomes.add(new Outcome.HosterFailed(one.position(), Optional.of(world.statement(amendment, one))));
                earliest = Math.max(earliest, amendment.attestedByBlock());
            } else if ((online(one.encoder()) && online(one.hoster())) || world.number > amendment.attestedByBlock()) {
                // Who was cut off for a part of the time did its work in the other.
                outcomes.add(world.hosted(amendment, one));
            } else {
                return Optional.empty();
            }
        }
        return world.number > earliest
                ? Optional.of(new Call.AmendmentReport(amendment.id(), outcomes))
                : Optional.empty();
    }

    /** Whether somebody was away all the time of a setup, which is over. */
    private boolean cutOff(long user, Amendment amendment) {
        return world.number > amendment.attestedByBlock()
                && weather.awaySince(user, amendment.createdBlock(), world.number);
    }

    /** Who has something to do, and what is to be remembered. */
    private void note(List<Event> events) {
        record.note(events);
        for (Event event : events) {
            switch (event) {
                case Event.NewAmendment(long id, long contract) ->
                    busy.add(world.amendment(id).attestor());
                case Event.NewStorageChallenge(long id, long hoster) -> busy.add(hoster);
                case Event.NewPerformanceChallenge(long id, long hoster) ->
                    world.queries()
                            .getPerformanceChallengeByID(id)
                            .ifPresent(one -> one.reports().forEach(report -> busy.add(report.attestor())));
                case Event.Accused(long id, long user) -> {
                    busy.add(user);
                    Accusation accusation = world.queries()
                            .getItemByID(id)
                            .map(Accusation.class::cast)
                            .orElseThrow();
                    // An attacker's accusations are lies, others are not.
                    Amendment amendment = world.amendment(accusation.amendment());
                    if (cutOff(user, amendment)) {
                        failed.add(id);
                    }
                }
                default -> {}
            }
        }
    }

    /** What the griefing sponsor paid for nothing. */
    long grieferLost() {
        return 100 * World.TOKEN - wealth(griefer);
    }

    /** What the rescuing sponsor paid. */
    long rescuerLost() {
        return 100 * World.TOKEN - wealth(rescuer);
    }
}
