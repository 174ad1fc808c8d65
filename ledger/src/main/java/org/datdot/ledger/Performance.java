package org.datdot.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Performance challenges: attestors read from a hoster as ordinary readers; they commit, then reveal, and the median counts (docs/protocol.md 5.5). */
final class Performance {
    private final Execution execution;

    Performance(Execution execution) {
        this.execution = execution;
    }

    /** Makes sure that a hoster is measured again; once only, however often it is called. */
    void scheduleNext(long user) {
        if (Storage.PERFORMANCE_DUE.get(execution.state(), user).isEmpty()) {
            scheduleIn(user, Math.max(1, execution.parameters().periods().performanceDelay()));
        }
    }

    private void scheduleIn(long user, long blocks) {
        Storage.PERFORMANCE_DUE.put(
                execution.state(), user, Math.addExact(execution.block().number(), blocks));
        execution.schedule(blocks, new Task(Task.Kind.DRAW_PERFORMANCE_CHALLENGE, user));
    }

    /** Draws a position of the hoster and who reads from it. */
    void draw(long user) {
        State state = execution.state();
        if (Storage.PERFORMANCE_DUE.get(state, user).orElse(Long.MAX_VALUE)
                > execution.block().number()) {
            return;
        }
        Storage.PERFORMANCE_DUE.remove(state, user);
        List<HostedPosition> hosting = execution.jobs(user).hosting();
        if (hosting.isEmpty() || Storage.DEPARTING.get(state, user).isPresent()) {
            return;
        }
        Periods periods = execution.parameters().periods();
        long closed = Challenges.closed(execution, execution.user(user), periods.measuringDuration());
        if (closed > 0) {
            // Who is absent may be back earlier.
            scheduleIn(user, Math.min(closed, Math.max(1, periods.performanceDelay())));
            return;
        }
        scheduleNext(user);
        long id = execution.newId();
        HostedPosition drawn =
                hosting.get((int) execution.chance("measured position", id).below(hosting.size()));
        Contract contract = execution.item(Contract.class, drawn.contract());
        Plan plan = execution.item(Plan.class, contract.plan());
        // One at a time for each hoster, and none while the plan is not served.
        if (plan.paused() || !plan.open() || unsettled(user)) {
            return;
        }
        List<Long> attestors =
                execution.user(user).form().isEmpty() ? List.of() : Draw.attestors(execution, contract, plan, user, id);
        if (!attestors.isEmpty()) {
            begin(id, user, drawn, attestors);
        }
    }

    private boolean unsettled(long user) {
        return Storage.LAST_PERFORMANCE
                .get(execution.state(), user)
                .flatMap(id -> execution.find(PerformanceChallenge.class, id))
                .filter(one ->
                        one.status() == PerformanceStatus.COMMITTING || one.status() == PerformanceStatus.REVEALING)
                .isPresent();
    }

    private void begin(long id, long hoster, HostedPosition position, List<Long> attestors) {
        State state = execution.state();
        // The one before is forgotten now: events tell of it.
        Storage.LAST_PERFORMANCE.get(state, hoster).ifPresent(last -> Storage.ITEMS.remove(state, last));
        Storage.LAST_PERFORMANCE.put(state, hoster, id);
        Periods periods = execution.parameters().periods();
        long commit = Math.max(1, periods.measuringDuration());
        long reveal = Math.addExact(commit, Math.max(1, periods.revealDuration()));
        long now = execution.block().number();
        List<PerformanceChallenge.Report> reports = new ArrayList<>();
        for (long attestor : attestors) {
            reports.add(new PerformanceChallenge.Report(attestor, Optional.empty(), Optional.empty()));
            execution.updateJobs(attestor, jobs -> jobs.withPerformances(Execution.plus(jobs.performances(), id)));
        }
        execution.put(new PerformanceChallenge(
                id,
                hoster,
                position.contract(),
                position.position(),
                List.copyOf(reports),
                Math.addExact(now, commit),
                Math.addExact(now, reveal),
                PerformanceStatus.COMMITTING));
        execution.schedule(commit + 1, new Task(Task.Kind.COMMIT_DEADLINE, id));
        execution.schedule(reveal + 1, new Task(Task.Kind.REVEAL_DEADLINE, id));
        execution.emit(new Event.NewPerformanceChallenge(id, hoster));
    }

    void submit(AccountId account, Call.SubmitPerformanceChallenge call) {
        User caller = execution.caller(account);
        PerformanceChallenge challenge = execution
                .find(PerformanceChallenge.class, call.challenge())
                .orElseThrow(() -> new Rejection(
                        LedgerError.UNKNOWN_CHALLENGE, "there is no performance challenge " + call.challenge()));
        PerformanceChallenge.Report report = challenge
                .report(caller.id())
                .orElseThrow(() -> new Rejection(
                        LedgerError.NOT_THE_ATTESTOR,
                        "user " + caller.id() + " was not drawn for performance challenge " + challenge.id()));
        PerformanceChallenge changed = switch (call.submission()) {
            case PerformanceSubmission.Commit commit -> committed(challenge, report, commit);
            case PerformanceSubmission.Reveal reveal -> revealed(challenge, report, reveal);
        };
        execution.put(changed);
    }

    private static PerformanceChallenge committed(
            PerformanceChallenge challenge, PerformanceChallenge.Report report, PerformanceSubmission.Commit commit) {
        require(
                challenge.status() == PerformanceStatus.COMMITTING
                        && report.commitment().isEmpty(),
                "challenge " + challenge.id() + " takes no commitment of user " + report.attestor() + " now");
        return challenge.with(
                new PerformanceChallenge.Report(report.attestor(), Optional.of(commit.commitment()), Optional.empty()));
    }

    private PerformanceChallenge revealed(
            PerformanceChallenge challenge, PerformanceChallenge.Report report, PerformanceSubmission.Reveal reveal) {
        require(
                challenge.status() == PerformanceStatus.REVEALING
                        && report.measurement().isEmpty(),
                "challenge " + challenge.id() + " takes no report of user " + report.attestor() + " now");
        Measurement measurement = reveal.measurement();
        require(
                measurement.reached() || measurement.equals(Measurement.UNREACHABLE),
                "where nothing was reached, nothing was measured");
        require(
                report.commitment().isPresent()
                        && report.commitment()
                                .get()
                                .equals(measurement.commitment(
                                        execution.config().genesis(),
                                        challenge.id(),
                                        report.attestor(),
                                        reveal.salt())),
                "user " + report.attestor() + " did not commit to this report of challenge " + challenge.id());
        return challenge.with(
                new PerformanceChallenge.Report(report.attestor(), report.commitment(), Optional.of(measurement)));
    }

    private static void require(boolean holds, String detail) {
        Rejection.unless(holds, LedgerError.INVALID_MEASUREMENT, detail);
    }

    /** Nobody commits any more: it is revealed from now on. */
    void commitDeadline(long id) {
        PerformanceChallenge challenge = execution.item(PerformanceChallenge.class, id);
        execution.put(challenge.with(PerformanceStatus.REVEALING));
    }

    /** The median counts; who said the same as most is paid, who revealed nothing has failed. */
    void revealDeadline(long id) {
        PerformanceChallenge challenge = execution.item(PerformanceChallenge.class, id);
        List<Measurement> revealed = new ArrayList<>();
        for (PerformanceChallenge.Report report : challenge.reports()) {
            execution.updateJobs(
                    report.attestor(), jobs -> jobs.withPerformances(Execution.minus(jobs.performances(), id)));
            report.measurement().ifPresent(revealed::add);
            if (report.measurement().isEmpty()) {
                new Hosting(execution).undone(report.attestor(), Strikes.Kind.MEASURING);
            }
        }
        // Fewer than half of those drawn are no majority of anything.
        if (2 * revealed.size() <= challenge.reports().size()) {
            execution.put(challenge.with(PerformanceStatus.VOID));
            return;
        }
        Measurement median = median(revealed);
        execution.put(challenge.with(PerformanceStatus.SETTLED));
        payAttestors(challenge, median.reached());
        execution.updateUser(challenge.hoster(), user -> rated(user, median));
        execution.emit(new Event.PerformanceMeasured(id, challenge.hoster(), median));
    }

    private void payAttestors(PerformanceChallenge challenge, boolean reached) {
        Money money = new Money(execution);
        long plan = execution.item(Contract.class, challenge.contract()).plan();
        for (PerformanceChallenge.Report report : challenge.reports()) {
            if (report.measurement().isEmpty()) {
                continue;
            }
            if (report.measurement().get().reached() != reached) {
                new Hosting(execution).disagreed(report.attestor());
            } else {
                new Hosting(execution).done(report.attestor(), Strikes.Kind.MEASURING);
                execution.updateUser(report.attestor(), User::succeeded);
                money.pay(
                        plan,
                        report.attestor(),
                        execution.parameters().economy().performanceFee(),
                        PaymentReason.MEASURING);
            }
        }
    }

    private static User rated(User hoster, Measurement median) {
        // Being slow or away costs rating and pay; only a storage proof takes positions and collateral.
        return median.reached()
                ? hoster.succeeded().with(hoster.measured().reached(median.latencyMs(), median.bytesPerSecond()))
                : hoster.failed(0).with(hoster.measured().unreachable());
    }

    /** Reached if most say so; of those the middle of each number, the worse one of two. */
    static Measurement median(List<Measurement> all) {
        List<Measurement> reached = all.stream().filter(Measurement::reached).toList();
        if (2 * reached.size() <= all.size()) {
            return Measurement.UNREACHABLE;
        }
        long latency = middle(reached, Measurement::latencyMs, reached.size() / 2);
        long rate = middle(reached, Measurement::bytesPerSecond, (reached.size() - 1) / 2);
        return new Measurement(true, latency, rate);
    }

    private static long middle(List<Measurement> reached, ToLongFunction<Measurement> number, int at) {
        return reached.stream().mapToLong(number).sorted().skip(at).findFirst().orElseThrow();
    }
}
