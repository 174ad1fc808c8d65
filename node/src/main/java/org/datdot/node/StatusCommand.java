package org.datdot.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.datdot.chain.LedgerClient;
import org.datdot.crypto.CoreKey;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Contract;
import org.datdot.ledger.Feed;
import org.datdot.ledger.Form;
import org.datdot.ledger.Plan;
import org.datdot.ledger.Position;
import org.datdot.ledger.PositionStatus;
import org.datdot.ledger.Queries;
import org.datdot.ledger.ReplicaStatement;
import org.datdot.ledger.Segment;
import org.datdot.ledger.User;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code datdot status [KEY]}: how a drive, or everything of mine, is hosted. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description =
                "Show the plans of a drive, or all of yours: who hosts what, proofs passed, what was paid and what is"
                        + " left.")
final class StatusCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Parameters(arity = "0..1", paramLabel = "KEY", description = "A drive's key; without it, all your plans.")
    @Nullable
    String key;

    @Override
    public Integer call() {
        try (LedgerClient ledger = global.ledger()) {
            Queries queries = new Queries(ledger.state());
            List<Plan> plans = key == null ? mine(queries) : ofDrive(queries, key);
            if (global.json) {
                Json.print(Json.object(
                        "block", queries.getBlockNumber(),
                        "plans", plans.stream().map(plan -> json(queries, plan)).toList()));
            } else {
                Console console = global.console();
                console.line("block " + queries.getBlockNumber() + ", "
                        + (plans.isEmpty() ? "no plans" : plans.size() + (plans.size() == 1 ? " plan" : " plans")));
                plans.forEach(plan -> show(console, queries, plan));
            }
        }
        return Exit.OK.code();
    }

    private List<Plan> mine(Queries queries) {
        AccountKeys keys = AccountFile.open(global.home().root().resolve("account"))
                .orElseThrow(() -> new NodeException(
                        Exit.NOT_FOUND,
                        "there is no account here yet: `datdot account` makes one, or name a drive's key"));
        return queries.getUserByAccount(keys.accountId())
                .map(user -> queries.getPlansBySponsor(user.id()))
                .orElse(List.of());
    }

    private static List<Plan> ofDrive(Queries queries, String text) {
        CoreKey driveKey = Arguments.key(text);
        Feed feed = queries.getFeedByKey(driveKey)
                .orElseThrow(() -> new NodeException(
                        Exit.NOT_FOUND,
                        "the ledger does not know " + driveKey + ": check the key, or `datdot host` it first"));
        return queries.getPlansByFeed(feed.id());
    }

    private static String end(Plan plan, long now) {
        if (plan.untilMs() == 0) return "ends with its budget";
        return plan.untilMs() > now ? "ends in " + Durations.text(Duration.ofMillis(plan.untilMs() - now)) : "over";
    }

    private static void show(Console console, Queries queries, Plan plan) {
        long now = queries.getTimestampMs();
        console.line("");
        console.line("plan " + plan.id() + ": " + plan.status().name().toLowerCase(java.util.Locale.ROOT) + ", "
                + plan.replicas() + " replicas, "
                + end(plan, now)
                + ", budget " + new Tokens(plan.budget()) + ", paid " + new Tokens(plan.paid()));
        for (Segment segment : plan.segments()) {
            queries.getFeedKey(segment.feed())
                    .ifPresent(feed ->
                            console.line("  feed " + feed + ", " + (segment.end() - segment.start()) + " blocks"));
        }
        List<List<String>> rows = new ArrayList<>();
        for (long id : plan.contracts()) {
            Contract contract = queries.getContractByID(id).orElseThrow();
            for (int i = 0; i < contract.positions().size(); i++) {
                Position position = contract.positions().get(i);
                rows.add(List.of(
                        String.valueOf(id),
                        String.valueOf(i),
                        position.status().name().toLowerCase(java.util.Locale.ROOT),
                        position.hoster() == 0 ? "-" : String.valueOf(position.hoster()),
                        address(queries, position),
                        position.replica()
                                .map(ReplicaStatement::encodedBytes)
                                .map(ByteSize::new)
                                .map(ByteSize::toString)
                                .orElse("-"),
                        String.valueOf(position.passed()),
                        new Tokens(position.paid()).toString()));
            }
        }
        console.table(
                List.of("contract", "position", "state", "hoster", "address", "stored", "proofs", "earned"), rows);
    }

    private static String address(Queries queries, Position position) {
        return position.status() == PositionStatus.ACTIVE
                ? queries.getUserByID(position.hoster())
                        .flatMap(User::form)
                        .map(Form::address)
                        .orElse("-")
                : "-";
    }

    private static Map<String, @Nullable Object> json(Queries queries, Plan plan) {
        List<Object> contracts = new ArrayList<>();
        for (long id : plan.contracts()) {
            Contract contract = queries.getContractByID(id).orElseThrow();
            contracts.add(Json.object(
                    "contract", id,
                    "status", contract.status().name(),
                    "blocks", contract.blocks(),
                    "positions",
                            contract.positions().stream()
                                    .map(position -> Json.object(
                                            "state", position.status().name(),
                                            "encoder", position.encoder(),
                                            "hoster", position.hoster(),
                                            "address", address(queries, position),
                                            "storedBytes",
                                                    position.replica()
                                                            .map(ReplicaStatement::encodedBytes)
                                                            .orElse(0L),
                                            "proofsPassed", position.passed(),
                                            "earnedUnits", position.paid()))
                                    .toList()));
        }
        return Json.object(
                "plan", plan.id(),
                "status", plan.status().name(),
                "replicas", plan.replicas(),
                "untilMs", plan.untilMs(),
                "budgetUnits", plan.budget(),
                "paidUnits", plan.paid(),
                "feeds",
                        plan.segments().stream()
                                .map(segment -> queries.getFeedKey(segment.feed())
                                        .map(CoreKey::toString)
                                        .orElse(""))
                                .toList(),
                "contracts", contracts);
    }
}
