package org.datdot.ledger;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.datdot.crypto.Ed25519;

/** Draws providers for vacant positions, takes the attestors' reports, and draws again where somebody failed. */
final class Amendments {
    /** A source that is away is asked for after at most 64 times the first delay. */
    private static final long MOST_DOUBLINGS = 6;

    private final Execution execution;

    Amendments(Execution execution) {
        this.execution = execution;
    }

    /** Draws an amendment for all vacant positions of a contract; where providers are too few, the contract waits. */
    void fill(long contractId) {
        Contract contract = execution.item(Contract.class, contractId);
        Plan plan = execution.item(Plan.class, contract.plan());
        List<Integer> vacant = vacant(contract);
        boolean wanted = contract.open()
                && plan.open()
                && !plan.paused()
                && contract.retryBlock() <= execution.block().number()
                && !plan.program().get(contract.part()).segments().isEmpty();
        if (vacant.isEmpty() || !wanted) {
            return;
        }
        if (!execution.mayDraw()) {
            new Waiting(execution.state()).add(contractId);
            return;
        }
        // The id is part of the draw; it is taken even where the draw fails, so that the next try draws anew.
        long id = execution.newId();
        // One copy more is better than none; but nothing is begun by halves.
        int least = vacant.size() < contract.positions().size() ? 1 : vacant.size();
        Optional<Draw.Drawn> drawn = Optional.empty();
        for (int count = vacant.size(); drawn.isEmpty() && count >= least; count--) {
            drawn = Draw.amendment(execution, contract, plan, id, vacant.subList(0, count));
        }
        if (drawn.isEmpty() || drawn.get().assignments().size() < vacant.size()) {
            await(contractId);
        }
        drawn.ifPresent(found -> begin(amendment(id, contract, found), contract));
    }

    /** Encoders have time to encode, then the attestor to check one replica after the other, then the report to arrive. */
    private Amendment amendment(long id, Contract contract, Draw.Drawn drawn) {
        Parameters parameters = execution.parameters();
        long now = execution.block().number();
        int sealing = execution.item(Plan.class, contract.plan()).sealing();
        long one = Math.ceilDiv(contract.estimatedBytes(), parameters.encodedBytesPerBlock(sealing));
        long all = Math.multiplyExact(
                Math.ceilDiv(contract.estimatedBytes(), parameters.verifiedBytesPerBlock(sealing)),
                drawn.assignments().size());
        long encodedBy = Math.addExact(now, Math.addExact(parameters.encodingDuration(), one));
        long attestedBy = Math.addExact(encodedBy, Math.addExact(parameters.attestingDuration(), all));
        AmendmentKind kind = contract.hostedOnce()
                ? AmendmentKind.HOSTER_REPLACEMENT
                : contract.amendments() == 0 ? AmendmentKind.HOSTING_SETUP : AmendmentKind.RETRY;
        return new Amendment(
                id,
                contract.id(),
                kind,
                drawn.attestor(),
                drawn.assignments(),
                now,
                encodedBy,
                attestedBy,
                Math.addExact(attestedBy, Math.max(1, parameters.amendmentFollowupDelay())),
                AmendmentStatus.IN_PROGRESS);
    }

    /** Draws for many contracts: as many as a block may, the others wait for their turn. */
    void fillAll(List<Long> contracts) {
        contracts.forEach(this::fill);
    }

    private static List<Integer> vacant(Contract contract) {
        List<Integer> vacant = new ArrayList<>();
        for (int i = 0; i < contract.positions().size(); i++) {
            if (contract.positions().get(i).status() == PositionStatus.VACANT) {
                vacant.add(i);
            }
        }
        return vacant;
    }

    private void await(long contractId) {
        if (new Waiting(execution.state()).add(contractId)) {
            execution.emit(new Event.WaitingForProviders(contractId));
        }
    }

    /** Tries the contracts that wait, oldest first. */
    void tryWaiting() {
        if (Storage.PROVIDER_COUNT.get(execution.state()).orElse(0L) == 0) {
            return;
        }
        List<Long> first =
                new Waiting(execution.state()).take(execution.parameters().contractActivationCap());
        int events = execution.events().size();
        for (long contract : first) {
            fill(contract);
        }
        // Who waits on is no news.
        List<Event> caused =
                execution.events().subList(events, execution.events().size());
        caused.removeIf(event -> event instanceof Event.WaitingForProviders still && first.contains(still.contract()));
    }

    private void begin(Amendment amendment, Contract before) {
        execution.put(amendment);
        Contract contract = before.amended();
        Money money = new Money(execution);
        join(amendment.attestor(), amendment.id());
        for (Assignment assignment : amendment.assignments()) {
            join(assignment.encoder(), amendment.id());
            join(assignment.hoster(), amendment.id());
            User hoster = execution.user(assignment.hoster());
            long bytes = contract.estimatedBytes();
            long price = hoster.form().orElseThrow().pricePerGibHour();
            long collateral = money.collateral(price, bytes);
            Balances.reserve(execution.state(), hoster.account(), collateral);
            money.agreed(contract.plan(), price);
            execution.put(hoster.stored(bytes));
            contract = contract.with(
                    assignment.position(), Position.setup(assignment, amendment.id(), price, bytes, collateral));
        }
        execution.put(contract);
        long now = execution.block().number();
        execution.schedule(amendment.deadlineBlock() - now, new Task(Task.Kind.AMENDMENT_DEADLINE, amendment.id()));
        execution.emit(new Event.NewAmendment(amendment.id(), contract.id()));
    }

    private void join(long user, long amendment) {
        execution.updateUser(user, one -> one.jobs(1));
        execution.updateJobs(user, jobs -> jobs.withAmendments(Execution.plus(jobs.amendments(), amendment)));
    }

    private void leave(long user, long amendment) {
        execution.updateUser(user, one -> one.jobs(-1));
        execution.updateJobs(user, jobs -> jobs.withAmendments(Execution.minus(jobs.amendments(), amendment)));
    }

    void report(AccountId account, Call.AmendmentReport call) {
        User caller = execution.caller(account);
        Amendment amendment = execution
                .find(Amendment.class, call.amendment())
                .orElseThrow(() ->
                        new Rejection(LedgerError.UNKNOWN_AMENDMENT, "there is no amendment " + call.amendment()));
        Rejection.unless(
                amendment.attestor() == caller.id(),
                LedgerError.NOT_THE_ATTESTOR,
                "user " + caller.id() + " is not the attestor of amendment " + amendment.id());
        Rejection.unless(
                amendment.status() == AmendmentStatus.IN_PROGRESS,
                LedgerError.AMENDMENT_EXPIRED,
                "amendment " + amendment.id() + " is " + amendment.status() + " already");
        Map<Integer, Outcome> outcomes = match(amendment, call.outcomes());
        // In the order of positions: which mistake is named must not depend on a map.
        amendment.assignments().forEach(one -> check(amendment, one, outcomes.get(one.position())));

        boolean complete = call.outcomes().stream().allMatch(Outcome.Hosted.class::isInstance);
        end(amendment, complete ? AmendmentStatus.DONE : AmendmentStatus.FAILED);
        boolean sourceReached = outcomes.values().stream().anyMatch(Amendments::encoded);
        for (Assignment assignment : amendment.assignments()) {
            settle(amendment, assignment, outcomes.get(assignment.position()), sourceReached);
        }
        boolean nobodyReached =
                outcomes.values().stream().anyMatch(Outcome.SourceUnreachable.class::isInstance) && !sourceReached;
        if (nobodyReached) {
            unreachable(amendment.contract());
        } else {
            execution.updateUser(caller.id(), User::succeeded);
        }
        if (complete) {
            new Hosting(execution).done(caller.id(), Strikes.Kind.ATTESTING);
        } else {
            execution.emit(new Event.AmendmentFailed(amendment.id(), amendment.contract()));
        }
        new Hosting(execution).announceWhenComplete(amendment.contract());
        fill(amendment.contract());
    }

    /** Whether an encoder's signature shows that it had all blocks. */
    private static boolean encoded(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Hosted _ -> true;
            case Outcome.HosterFailed failed -> failed.replica().isPresent();
            case Outcome.EncoderFailed _, Outcome.SourceUnreachable _ -> false;
        };
    }

    /** No encoder reached a source: the contract is tried again after a while, each time after a longer one. */
    private void unreachable(long contractId) {
        Contract contract = execution.item(Contract.class, contractId);
        long doublings = Math.min(contract.unreachable(), MOST_DOUBLINGS);
        long delay =
                Math.multiplyExact(Math.max(1, execution.parameters().periods().sourceRetryDelay()), 1L << doublings);
        long retry = Math.addExact(execution.block().number(), delay);
        execution.put(contract.unreachable(retry));
        new Waiting(execution.state()).remove(contractId);
        execution.schedule(delay, new Task(Task.Kind.RETRY_CONTRACT, contractId));
        execution.emit(new Event.SourceUnreachable(contractId, contract.plan(), retry));
    }

    private static Map<Integer, Outcome> match(Amendment amendment, List<Outcome> reported) {
        Map<Integer, Outcome> outcomes = new HashMap<>();
        for (Outcome outcome : reported) {
            requireReport(
                    amendment.assignment(outcome.position()).isPresent()
                            && outcomes.put(outcome.position(), outcome) == null,
                    "position " + outcome.position() + " is not of this amendment, or reported twice");
        }
        requireReport(
                outcomes.size() == amendment.assignments().size(),
                "every position of the amendment must be reported, " + outcomes.size() + " of "
                        + amendment.assignments().size() + " are");
        return outcomes;
    }

    private void check(Amendment amendment, Assignment assignment, @org.jspecify.annotations.Nullable Outcome outcome) {
        switch (outcome) {
            case Outcome.Hosted hosted -> {
                checkStatement(amendment, assignment, hosted.replica());
                HosterReceipt receipt = new HosterReceipt(
                        amendment.contract(),
                        amendment.id(),
                        assignment.position(),
                        assignment.hoster(),
                        hosted.replica().statement().root());
                requireReport(
                        Ed25519.verify(
                                receipt.signable(execution.config().genesis()),
                                hosted.receipt(),
                                execution.user(assignment.hoster()).signingKey()),
                        "the receipt of position " + assignment.position() + " is not signed by hoster "
                                + assignment.hoster());
            }
            case Outcome.HosterFailed failed -> {
                requireTime(amendment.attestedByBlock(), "hoster " + assignment.hoster());
                failed.replica().ifPresent(replica -> checkStatement(amendment, assignment, replica));
            }
            case Outcome.EncoderFailed _ -> requireTime(amendment.encodedByBlock(), "encoder " + assignment.encoder());
            case Outcome.SourceUnreachable unreachable -> {
                UnreachableStatement statement = new UnreachableStatement(
                        amendment.contract(), amendment.id(), assignment.position(), assignment.encoder());
                requireReport(
                        Ed25519.verify(
                                statement.signable(execution.config().genesis()),
                                unreachable.signature(),
                                execution.user(assignment.encoder()).signingKey()),
                        "that position " + assignment.position() + " has no source is not signed by encoder "
                                + assignment.encoder());
            }
            case null -> throw new IllegalStateException("no outcome for position " + assignment.position());
        }
    }

    private void checkStatement(Amendment amendment, Assignment assignment, Outcome.SignedStatement replica) {
        ReplicaStatement statement = replica.statement();
        Contract contract = execution.item(Contract.class, amendment.contract());
        Plan plan = execution.item(Plan.class, contract.plan());
        long most = new Publishing(execution).most(contract.segments(), plan.sealing());
        requireReport(
                statement.encodedBytes() <= most,
                "the replica of position " + assignment.position() + " has " + statement.encodedBytes()
                        + " bytes; the contract's blocks have no more than " + most);
        requireReport(
                statement.contract() == amendment.contract()
                        && statement.amendment() == amendment.id()
                        && statement.position() == assignment.position()
                        && statement.encoder() == assignment.encoder()
                        && statement.sealing() == plan.sealing()
                        && statement.keyed()
                        && statement.leafCount() > 0
                        && statement.leafCount() == ReplicaHash.leafCount(statement.encodedBytes()),
                "the replica statement of position " + assignment.position() + " does not fit the amendment");
        requireReport(
                Ed25519.verify(
                        statement.signable(execution.config().genesis()),
                        replica.signature(),
                        execution.user(assignment.encoder()).signingKey()),
                "the replica of position " + assignment.position() + " is not signed by encoder "
                        + assignment.encoder());
    }

    private void requireTime(long untilBlock, String accused) {
        requireReport(
                execution.block().number() > untilBlock,
                accused + " has time until block " + untilBlock + ": report later");
    }

    private static void requireReport(boolean holds, String detail) {
        Rejection.unless(holds, LedgerError.INVALID_REPORT, detail);
    }

    private void settle(
            Amendment amendment,
            Assignment assignment,
            @org.jspecify.annotations.Nullable Outcome outcome,
            boolean sourceReached) {
        Hosting hosting = new Hosting(execution);
        switch (outcome) {
            case Outcome.Hosted hosted -> {
                hosting.activate(amendment, assignment, hosted.replica().statement());
                payEncoder(amendment, assignment, hosted.replica().statement());
                payAttestor(amendment, hosted.replica().statement());
                hosting.done(assignment.encoder(), Strikes.Kind.WORKING);
                hosting.done(assignment.hoster(), Strikes.Kind.WORKING);
            }
            case Outcome.EncoderFailed _ -> {
                hosting.vacate(amendment.contract(), assignment.position(), Hosting.Reason.RELEASED);
                new Blame(execution).accuse(amendment, assignment.position(), assignment.encoder());
            }
            case Outcome.SourceUnreachable _ -> {
                hosting.vacate(amendment.contract(), assignment.position(), Hosting.Reason.RELEASED);
                if (sourceReached) {
                    hosting.undone(assignment.encoder(), Strikes.Kind.WORKING);
                }
            }
            case Outcome.HosterFailed failed -> {
                hosting.vacate(amendment.contract(), assignment.position(), Hosting.Reason.RELEASED);
                new Blame(execution).accuse(amendment, assignment.position(), assignment.hoster());
                failed.replica().ifPresent(replica -> {
                    payEncoder(amendment, assignment, replica.statement());
                    payAttestor(amendment, replica.statement());
                });
            }
            case null -> throw new IllegalStateException("no outcome for position " + assignment.position());
        }
    }

    private void payEncoder(Amendment amendment, Assignment assignment, ReplicaStatement statement) {
        Money money = new Money(execution);
        long plan = execution.item(Contract.class, amendment.contract()).plan();
        money.pay(
                plan,
                assignment.encoder(),
                money.encodingFee(statement.encodedBytes(), statement.sealing()),
                PaymentReason.ENCODING);
        execution.updateUser(assignment.encoder(), User::succeeded);
    }

    private void payAttestor(Amendment amendment, ReplicaStatement statement) {
        Money money = new Money(execution);
        long plan = execution.item(Contract.class, amendment.contract()).plan();
        money.pay(plan, amendment.attestor(), money.attestingFee(statement.encodedBytes()), PaymentReason.ATTESTING);
    }

    /** The deadline of an amendment has come: an attestor that reported nothing has failed. */
    void deadline(long amendmentId) {
        Amendment amendment = execution.item(Amendment.class, amendmentId);
        if (amendment.status() != AmendmentStatus.IN_PROGRESS) {
            return;
        }
        cancel(amendment, AmendmentStatus.TIMED_OUT);
        new Hosting(execution).undone(amendment.attestor(), Strikes.Kind.ATTESTING);
        execution.emit(new Event.AmendmentFailed(amendment.id(), amendment.contract()));
        fill(amendment.contract());
    }

    /** Ends an amendment without a report; nobody else is blamed. */
    void cancel(Amendment amendment, AmendmentStatus status) {
        end(amendment, status);
        for (Assignment assignment : amendment.assignments()) {
            new Hosting(execution).vacate(amendment.contract(), assignment.position(), Hosting.Reason.RELEASED);
        }
    }

    private void end(Amendment amendment, AmendmentStatus status) {
        execution.put(amendment.with(status));
        leave(amendment.attestor(), amendment.id());
        for (Assignment assignment : amendment.assignments()) {
            leave(assignment.encoder(), amendment.id());
            leave(assignment.hoster(), amendment.id());
        }
    }
}
