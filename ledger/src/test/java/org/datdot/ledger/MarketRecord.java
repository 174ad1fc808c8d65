package org.datdot.ledger;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** What happened in a market, and the report of it. */
final class MarketRecord {
    private final Market market;
    private final Map<Long, Long> began = new HashMap<>();
    private final Map<Long, Long> incompleteSince = new TreeMap<>();
    private final Map<Long, Long> caughtAfter = new HashMap<>();
    private final Map<Long, Long> firstHosted = new HashMap<>();
    private final Map<Long, Long> slashed = new HashMap<>();
    private final Map<Long, Long> positions = new HashMap<>();
    private final Map<Long, Long> notStored = new HashMap<>();
    private final Map<Long, Integer> held = new HashMap<>();
    private final Map<Long, Long> proven = new HashMap<>();
    private long longestUnproven;
    private long longestIncomplete;
    private long amendments;
    private long challenges;
    private long absences;
    private long returns;
    private long measurements;
    private long plans;
    private long ended;
    private long lost;

    MarketRecord(Market market) {
        this.market = market;
    }

    void joined(long user, long wealth) {
        began.put(user, wealth);
    }

    long openPlans() {
        return plans - ended;
    }

    void note(List<Event> events) {
        events.forEach(this::note);
    }

    private void note(Event event) {
        World world = market.world;
        switch (event) {
            case Event.NewAmendment(long id, long contract) -> {
                amendments++;
                incompleteSince.putIfAbsent(contract, world.number);
            }
            case Event.NewStorageChallenge one -> challenges++;
            case Event.NewPerformanceChallenge one -> measurements++;
            case Event.HosterAbsent one -> absences++;
            case Event.HosterReturned one -> returns++;
            case Event.HosterActivated(long contract, int position, long hoster) -> {
                firstHosted.putIfAbsent(hoster, world.number);
                positions.merge(hoster, 1L, Long::sum);
                if (held.merge(hoster, 1, Integer::sum) == 1) {
                    proven.put(hoster, world.number);
                }
                if (!market.stores(contract, position)) {
                    notStored.merge(hoster, 1L, Long::sum);
                }
                if (world.contract(contract).complete()) {
                    complete(contract);
                }
            }
            case Event.StorageChallengeConfirmed(long challenge, long hoster) -> proven.put(hoster, world.number);
            case Event.StorageChallengeFailed(long challenge, long hoster) ->
                longestUnproven = Math.max(
                        longestUnproven, world.number - Objects.requireNonNull(proven.get(hoster), "it holds nothing"));
            case Event.DropHosting(long contract, int position, long hoster) -> {
                held.merge(hoster, -1, Integer::sum);
                if (world.contract(contract).open()) {
                    incompleteSince.putIfAbsent(contract, world.number);
                }
            }
            case Event.NewPlan(long plan) -> plans++;
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

    private void complete(long contract) {
        Long since = incompleteSince.remove(contract);
        if (since != null) {
            longestIncomplete = Math.max(longestIncomplete, market.world.number - since);
        }
    }

    /** The longest a contract was without all its copies, in blocks; those that still are count too. */
    long longestIncomplete() {
        long longest = longestIncomplete;
        for (long since : incompleteSince.values()) {
            longest = Math.max(longest, market.world.number - since);
        }
        return longest;
    }

    /** The longest from a hoster's last proof, or the first copy it took, until it was given up, in blocks. */
    long longestUnproven() {
        return longestUnproven;
    }

    long returns() {
        return returns;
    }

    /** What a provider gained since it joined. */
    long gained(long user) {
        return market.wealth(market.world.person(user)) - Objects.requireNonNull(began.get(user));
    }

    /** One row for each strategy; the honest ones first. */
    List<MarketRow> rows() {
        Map<String, List<Long>> byName = new TreeMap<>(
                (a, b) -> a.equals(b) ? 0 : a.equals("Honest") ? -1 : b.equals("Honest") ? 1 : a.compareTo(b));
        market.users()
                .forEach(user -> byName.computeIfAbsent(market.strategy(user).name(), _ -> new ArrayList<>())
                        .add(user));
        List<MarketRow> rows = new ArrayList<>();
        byName.forEach((name, users) -> rows.add(row(name, users)));
        return rows;
    }

    private MarketRow row(String name, List<Long> users) {
        List<Long> caught = users.stream()
                .map(caughtAfter::get)
                .filter(Objects::nonNull)
                .sorted()
                .toList();
        long hosted = sum(users, positions);
        return new MarketRow(
                name,
                users.size(),
                mean(users, this::gained),
                mean(users, user -> slashed.getOrDefault(user, 0L)),
                caught.size(),
                caught.isEmpty() ? Double.NaN : caught.get(caught.size() / 2) / (double) Market.BLOCKS_PER_DAY,
                mean(users, user -> 1000 * market.world.user(user).failures()) / 1000.0,
                mean(users, user -> 1000 * market.world.user(user).disputes()) / 1000.0,
                hosted == 0 ? 0 : 100.0 * sum(users, notStored) / hosted);
    }

    private static long sum(Collection<Long> users, Map<Long, Long> numbers) {
        return users.stream().mapToLong(user -> numbers.getOrDefault(user, 0L)).sum();
    }

    private static long mean(Collection<Long> users, ToLongFunction<Long> number) {
        return Math.round(users.stream().mapToLong(number).average().orElseThrow());
    }

    /** Honest providers that lost collateral. Whoever leaves pays for its replacement, which is no punishment. */
    Collection<Long> honestSlashed() {
        Collection<Long> honest = new HashSet<>();
        slashed.keySet().stream()
                .filter(user -> market.world.user(user).form().isPresent()
                        && market.strategy(user).honest())
                .forEach(honest::add);
        return honest;
    }

    String text() {
        StringBuilder out = new StringBuilder(String.format(
                Locale.ROOT,
                "%d plans, %d amendments, %d storage challenges, %d absences (%d came back), %d measurements; longest"
                        + " without all copies %d blocks, from the last proof until given up %d, lost %d; the griefing"
                        + " sponsor paid %d, the rescuing one %d%n",
                plans,
                amendments,
                challenges,
                absences,
                returns,
                measurements,
                longestIncomplete(),
                longestUnproven,
                lost,
                market.grieferLost(),
                market.rescuerLost()));
        out.append(MarketRow.HEADER);
        rows().forEach(row -> out.append(row.text()));
        return out.toString();
    }
}
