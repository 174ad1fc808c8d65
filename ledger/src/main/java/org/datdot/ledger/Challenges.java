package org.datdot.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Storage challenges: leaves drawn over all a hoster stores, answered with Merkle proofs that the ledger verifies itself. */
final class Challenges {
    private final Execution execution;

    Challenges(Execution execution) {
        this.execution = execution;
    }

    /** Makes sure that a hoster is challenged again; once only, however often it is called. */
    void scheduleNext(long user) {
        State state = execution.state();
        if (Storage.CHALLENGE_DUE.get(state, user).isPresent()
                || execution.jobs(user).challenge().isPresent()) {
            return;
        }
        long delay = Math.max(1, execution.parameters().challengeDelay());
        Storage.CHALLENGE_DUE.put(state, user, Math.addExact(execution.block().number(), delay));
        execution.schedule(delay, new Task(Task.Kind.DRAW_STORAGE_CHALLENGE, user));
    }

    /** Draws the leaves of a hoster's next challenge. */
    void draw(long user) {
        State state = execution.state();
        long due = Storage.CHALLENGE_DUE.get(state, user).orElse(Long.MAX_VALUE);
        if (due > execution.block().number()) {
            return;
        }
        Storage.CHALLENGE_DUE.remove(state, user);
        List<HostedPosition> hosting = execution.jobs(user).hosting();
        if (hosting.isEmpty()) {
            return;
        }
        long id = execution.newId();
        long delay = Math.max(1, execution.parameters().challengeResponseDelay());
        StorageChallenge challenge = new StorageChallenge(
                id,
                user,
                checks(id, hosting),
                execution.block().number(),
                Math.addExact(execution.block().number(), delay),
                ChallengeStatus.OPEN);
        execution.put(challenge);
        execution.updateJobs(user, jobs -> new Jobs(jobs.amendments(), jobs.hosting(), Optional.of(id)));
        execution.schedule(Math.addExact(delay, 1), new Task(Task.Kind.CHALLENGE_DEADLINE, id));
        execution.emit(new Event.NewStorageChallenge(id, user));
    }

    private List<Check> checks(long id, List<HostedPosition> hosting) {
        long leaves = 0;
        long[] counts = new long[hosting.size()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = replica(hosting.get(i)).leafCount();
            leaves = Math.addExact(leaves, counts[i]);
        }
        Chance chance = execution.chance("storage challenge", id);
        List<Check> checks = new ArrayList<>();
        for (long i = 0; i < execution.parameters().leavesPerChallenge(); i++) {
            long leaf = chance.below(leaves);
            int at = 0;
            while (leaf >= counts[at]) {
                leaf -= counts[at++];
            }
            HostedPosition drawn = hosting.get(at);
            checks.add(new Check(drawn.contract(), drawn.position(), leaf));
        }
        return List.copyOf(checks);
    }

    private ReplicaStatement replica(HostedPosition hosted) {
        return position(hosted.contract(), hosted.position())
                .replica()
                .orElseThrow(() -> new IllegalStateException("an active position without a replica: " + hosted));
    }

    private Position position(long contract, int index) {
        return execution.item(Contract.class, contract).positions().get(index);
    }

    void submit(AccountId account, Call.SubmitStorageChallenge call) {
        User caller = execution.caller(account);
        StorageChallenge challenge = execution
                .find(StorageChallenge.class, call.challenge())
                .orElseThrow(() -> new Rejection(
                        LedgerError.UNKNOWN_CHALLENGE, "there is no storage challenge " + call.challenge()));
        Rejection.unless(
                challenge.hoster() == caller.id(),
                LedgerError.NOT_THE_HOSTER,
                "challenge " + challenge.id() + " is for user " + challenge.hoster());
        Rejection.unless(
                challenge.status() == ChallengeStatus.OPEN && execution.block().number() <= challenge.deadlineBlock(),
                LedgerError.CHALLENGE_EXPIRED,
                "challenge " + challenge.id() + " is over: " + challenge.status() + ", deadline block "
                        + challenge.deadlineBlock());
        requireProof(
                call.proofs().size() == challenge.checks().size(),
                call.proofs().size() + " proofs for " + challenge.checks().size() + " checks");
        for (int i = 0; i < call.proofs().size(); i++) {
            Check check = challenge.checks().get(i);
            StorageProof proof = call.proofs().get(i);
            ReplicaStatement replica = replica(new HostedPosition(check.contract(), check.position()));
            requireProof(
                    proof.leafIndex() == check.leafIndex()
                            && proof.verify(replica.root(), replica.leafCount(), replica.encodedBytes()),
                    "proof " + i + " does not show leaf " + check.leafIndex() + " of contract " + check.contract()
                            + ", position " + check.position());
        }
        close(challenge, ChallengeStatus.PASSED);
        execution.updateUser(caller.id(), User::succeeded);
        execution.emit(new Event.StorageChallengeConfirmed(challenge.id(), caller.id()));
        pay(caller.id());
        scheduleNext(caller.id());
    }

    private static void requireProof(boolean holds, String detail) {
        Rejection.unless(holds, LedgerError.INVALID_PROOF, detail);
    }

    private void close(StorageChallenge challenge, ChallengeStatus status) {
        execution.put(challenge.with(status));
        execution.updateJobs(challenge.hoster(), jobs -> new Jobs(jobs.amendments(), jobs.hosting(), Optional.empty()));
    }

    /** Pays a hoster for the time proven, position by position; a plan that cannot pay in full ends. */
    private void pay(long user) {
        Money money = new Money(execution);
        long now = execution.block().timestampMs();
        for (HostedPosition hosted : execution.jobs(user).hosting()) {
            Contract contract = execution.item(Contract.class, hosted.contract());
            Position position = contract.positions().get(hosted.position());
            if (position.status() != PositionStatus.ACTIVE || position.hoster() != user) {
                continue; // its plan ended while an earlier one of this loop was paid
            }
            long until =
                    Math.min(now, execution.item(Plan.class, contract.plan()).untilMs());
            long owed =
                    Money.storing(position.pricePerGibHour(), position.reservedBytes(), until - position.paidUntilMs());
            long paid = money.pay(contract.plan(), user, owed, PaymentReason.STORING);
            execution.put(contract.with(
                    hosted.position(),
                    new Position(
                            position.status(),
                            position.encoder(),
                            position.hoster(),
                            position.amendment(),
                            position.pricePerGibHour(),
                            position.reservedBytes(),
                            position.replica(),
                            position.sinceMs(),
                            paidUntil(position, until, owed),
                            Math.addExact(position.passed(), 1),
                            Math.addExact(position.paid(), paid))));
            if (paid < owed) {
                new Hosting(execution).end(contract.plan());
            }
        }
    }

    /** Until when a position is paid now. Time worth less than a unit is not forgotten, it counts the next time. */
    private static long paidUntil(Position position, long until, long owed) {
        long price = position.pricePerGibHour();
        if (price == 0 || until <= position.paidUntilMs()) {
            return Math.max(until, position.paidUntilMs());
        }
        long ms = Money.paidMs(price, position.reservedBytes(), owed);
        return Math.min(until, Math.addExact(position.paidUntilMs(), ms));
    }

    /** The deadline of a challenge has passed. What was answered is forgotten now: events tell of it. */
    void deadline(long challengeId) {
        StorageChallenge challenge = execution.item(StorageChallenge.class, challengeId);
        if (challenge.status() != ChallengeStatus.OPEN) {
            Storage.ITEMS.remove(execution.state(), challengeId);
            return;
        }
        close(challenge, ChallengeStatus.FAILED);
        execution.emit(new Event.StorageChallengeFailed(challengeId, challenge.hoster()));
        Hosting hosting = new Hosting(execution);
        hosting.fail(challenge.hoster());
        hosting.loseHoster(challenge.hoster());
    }

    /** A position was taken from its hoster: a challenge that asks for it cannot be answered any more, and is drawn anew over the rest. */
    void positionDropped(long user, long contract, int index) {
        Optional<Long> open = execution.jobs(user).challenge();
        if (open.isEmpty()) {
            return;
        }
        StorageChallenge challenge = execution.item(StorageChallenge.class, open.get());
        boolean asked = challenge.checks().stream()
                .anyMatch(check -> check.contract() == contract && check.position() == index);
        if (asked && challenge.status() == ChallengeStatus.OPEN) {
            close(challenge, ChallengeStatus.CANCELLED);
            scheduleNext(user);
        }
    }
}
