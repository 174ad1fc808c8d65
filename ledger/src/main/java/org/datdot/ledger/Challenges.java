package org.datdot.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.datdot.crypto.Hash;

/** Storage challenges: leaves drawn over all a hoster stores, answered with Merkle proofs that the ledger verifies itself. */
final class Challenges {
    /** How often it is tried whether a provider works again that does not at this hour. */
    private static final long CLOSED_RETRY_MS = 300_000;

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
        scheduleIn(user, Math.max(1, execution.parameters().challengeDelay()));
    }

    private void scheduleIn(long user, long blocks) {
        Storage.CHALLENGE_DUE.put(
                execution.state(), user, Math.addExact(execution.block().number(), blocks));
        execution.schedule(blocks, new Task(Task.Kind.DRAW_STORAGE_CHALLENGE, user));
    }

    /** In how many blocks a provider works again; 0 when it works now, and for some blocks more. */
    static long closed(Execution execution, User user, long forBlocks) {
        long now = execution.block().number();
        long away = Math.max(user.pauses().untilBlock(), user.absence().untilBlock());
        if (away > now) {
            return away - now;
        }
        long blockMs = Math.max(1, execution.parameters().periods().blockMs());
        long begin = execution.block().timestampMs();
        long end = Math.addExact(begin, Math.multiplyExact(blockMs, forBlocks));
        boolean works = user.form().map(form -> form.hours().covers(begin, end)).orElse(true);
        return works ? 0 : Math.max(1, CLOSED_RETRY_MS / blockMs);
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
        if (hosting.isEmpty() || Storage.DEPARTING.get(state, user).isPresent()) {
            return;
        }
        long delay = Math.max(1, execution.parameters().challengeResponseDelay());
        long closed = closed(execution, execution.user(user), delay + 1);
        if (closed > 0) {
            scheduleIn(user, closed);
            return;
        }
        begin(user, hosting, Math.addExact(execution.block().number(), delay), ChallengeStatus.OPEN);
    }

    private void begin(long user, List<HostedPosition> hosting, long deadline, ChallengeStatus status) {
        long id = execution.newId();
        long now = execution.block().number();
        execution.put(new StorageChallenge(id, user, checks(id, hosting), now, deadline, status));
        execution.updateJobs(user, jobs -> jobs.withChallenge(Optional.of(id)));
        execution.schedule(Math.addExact(deadline - now, 1), new Task(Task.Kind.CHALLENGE_DEADLINE, id));
        execution.emit(new Event.NewStorageChallenge(id, user));
    }

    private List<Check> checks(long id, List<HostedPosition> hosting) {
        long leaves = 0;
        for (HostedPosition one : hosting) {
            leaves = Math.addExact(leaves, one.leaves());
        }
        Chance chance = execution.chance("storage challenge", id);
        List<Check> checks = new ArrayList<>();
        for (long i = 0; i < execution.parameters().leavesPerChallenge(); i++) {
            long leaf = chance.below(leaves);
            int at = 0;
            while (leaf >= hosting.get(at).leaves()) {
                leaf -= hosting.get(at++).leaves();
            }
            HostedPosition drawn = hosting.get(at);
            checks.add(new Check(drawn.contract(), drawn.position(), leaf));
        }
        return List.copyOf(checks);
    }

    /** A leaf that was drawn, with the path to the root that encoder and hoster signed in the setup; plain and sealed replicas alike. */
    private void verify(int i, StorageChallenge challenge, StorageProof proof) {
        Check check = challenge.checks().get(i);
        if (!held(challenge, check)) {
            // It was told to drop that one meanwhile; whatever it says of it is as good as anything.
            return;
        }
        if (proof.leafIndex() != check.leafIndex()) {
            throw new Rejection(LedgerError.REPLAYED_PROOF, asked(i, check) + ", but leaf " + proof.leafIndex());
        }
        List<Position> positions =
                execution.item(Contract.class, check.contract()).positions();
        ReplicaStatement replica = positions
                .get(check.position())
                .replica()
                .orElseThrow(() -> new IllegalStateException("an active position without a replica: " + check));
        Optional<Hash> root = proof.root(replica.leafCount(), replica.encodedBytes());
        if (root.equals(Optional.of(replica.root()))) {
            return;
        }
        boolean foreign = positions.stream()
                .flatMap(other -> other.replica().stream())
                .anyMatch(other ->
                        proof.root(other.leafCount(), other.encodedBytes()).equals(Optional.of(other.root())));
        if (foreign) {
            throw new Rejection(LedgerError.FOREIGN_PROOF, asked(i, check) + ", but another position's replica");
        }
        throw new Rejection(LedgerError.INVALID_PROOF, asked(i, check));
    }

    private static String asked(int i, Check check) {
        return "proof " + i + " does not show leaf " + check.leafIndex() + " of contract " + check.contract()
                + ", position " + check.position();
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
                challenge.status() != ChallengeStatus.PASSED,
                LedgerError.CHALLENGE_ANSWERED,
                "challenge " + challenge.id() + " was answered already");
        Rejection.unless(
                challenge.open() && execution.block().number() <= challenge.deadlineBlock(),
                LedgerError.CHALLENGE_EXPIRED,
                "challenge " + challenge.id() + " is over: " + challenge.status() + ", deadline block "
                        + challenge.deadlineBlock());
        requireProof(
                call.proofs().size() == challenge.checks().size(),
                call.proofs().size() + " proofs for " + challenge.checks().size() + " checks");
        for (int i = 0; i < call.proofs().size(); i++) {
            verify(i, challenge, call.proofs().get(i));
        }
        close(challenge, ChallengeStatus.PASSED);
        if (caller.absence().now()) {
            comeBack(challenge.id(), caller);
        } else {
            execution.updateUser(caller.id(), User::succeeded);
        }
        execution.emit(new Event.StorageChallengeConfirmed(challenge.id(), caller.id()));
        Storage.PROVEN.put(execution.state(), caller.id(), execution.block().timestampMs());
        paySome(caller.id(), 0);
        scheduleNext(caller.id());
    }

    private static void requireProof(boolean holds, String detail) {
        Rejection.unless(holds, LedgerError.INVALID_PROOF, detail);
    }

    private void close(StorageChallenge challenge, ChallengeStatus status) {
        execution.put(challenge.with(status));
        execution.updateJobs(challenge.hoster(), jobs -> jobs.withChallenge(Optional.empty()));
    }

    /** Pays a hoster for the time proven, so many positions at a time, the rest in the next blocks; a plan that cannot pay in full ends. */
    void paySome(long user, long from) {
        List<HostedPosition> hosting = execution.jobs(user).hosting();
        long proven = Storage.PROVEN.get(execution.state(), user).orElse(0L);
        long end =
                Math.min(hosting.size(), from + execution.parameters().periods().positionsPerTask());
        Money money = new Money(execution);
        for (HostedPosition hosted : hosting.subList((int) Math.min(from, end), (int) end)) {
            Contract contract = execution.item(Contract.class, hosted.contract());
            Position position = contract.positions().get(hosted.position());
            // A plan that ended while an earlier one of this loop was paid has taken its positions.
            boolean holds = position.status() == PositionStatus.ACTIVE && position.hoster() == user;
            execution.worked(1);
            if (holds && !money.settle(hosted.contract(), hosted.position(), proven)) {
                new Plans(execution).end(contract.plan());
            }
        }
        if (end < hosting.size()) {
            execution.schedule(1, new Task(Task.Kind.PAY_HOSTER, user, end));
        }
    }

    /** A deadline of a challenge has passed. What was answered is forgotten now: events tell of it. */
    void deadline(long challengeId) {
        StorageChallenge challenge = execution.item(StorageChallenge.class, challengeId);
        switch (challenge.status()) {
            case OPEN -> miss(challenge);
            case MISSED -> fail(challenge);
            case PASSED, FAILED, CANCELLED -> Storage.ITEMS.remove(execution.state(), challengeId);
        }
    }

    /** The hoster may be cut off: it is left what it has, and may still answer, as long as it is not away too often. */
    private void miss(StorageChallenge challenge) {
        long now = execution.block().number();
        Absence absence = execution
                .user(challenge.hoster())
                .absence()
                .begin(now, execution.parameters().periods());
        if (absence.untilBlock() <= now) {
            fail(challenge);
            return;
        }
        execution.put(challenge.missed(absence.untilBlock()));
        execution.updateUser(challenge.hoster(), user -> user.with(absence));
        new Hosting(execution).fail(challenge.hoster());
        execution.schedule(absence.untilBlock() - now + 1, new Task(Task.Kind.CHALLENGE_DEADLINE, challenge.id()));
        execution.emit(new Event.HosterAbsent(challenge.id(), challenge.hoster(), absence.untilBlock()));
    }

    /** What it proves now it may have had all the time, or not: the time in between is not paid for. */
    private void comeBack(long challenge, User hoster) {
        long now = execution.block().timestampMs();
        long unpaid = now - Storage.PROVEN.get(execution.state(), hoster.id()).orElse(now);
        Absence over = hoster.absence().end(execution.block().number(), unpaid);
        execution.updateUser(hoster.id(), user -> user.with(over));
        execution.emit(new Event.HosterReturned(challenge, hoster.id(), unpaid));
    }

    private void fail(StorageChallenge challenge) {
        close(challenge, ChallengeStatus.FAILED);
        Absence absence = execution.user(challenge.hoster()).absence();
        if (absence.now()) {
            Absence over = absence.end(execution.block().number(), 0);
            execution.updateUser(challenge.hoster(), user -> user.with(over));
        }
        execution.emit(new Event.StorageChallengeFailed(challenge.id(), challenge.hoster()));
        Hosting hosting = new Hosting(execution);
        hosting.fail(challenge.hoster());
        hosting.depart(challenge.hoster(), Storage.Departure.FAILED);
    }

    /** Whether the hoster still has what a check asks for, and not another replica in its place. */
    private boolean held(StorageChallenge challenge, Check check) {
        Position position =
                execution.item(Contract.class, check.contract()).positions().get(check.position());
        return position.status() == PositionStatus.ACTIVE
                && position.hoster() == challenge.hoster()
                && position.amendment() < challenge.id();
    }

    /**
     * A position was taken from its hoster. The challenge goes on for what else it asks for; where that is nothing, it is drawn anew over the rest. Who is
     * absent has to answer that one then: no plan's end helps it over what it has lost.
     */
    void positionDropped(long user, long contract, int index) {
        Optional<Long> open = execution.jobs(user).challenge();
        if (open.isEmpty()) {
            return;
        }
        StorageChallenge challenge = execution.item(StorageChallenge.class, open.get());
        boolean asked = challenge.checks().stream()
                .anyMatch(check -> check.contract() == contract && check.position() == index);
        if (!asked || !challenge.open() || challenge.checks().stream().anyMatch(check -> held(challenge, check))) {
            return;
        }
        close(challenge, ChallengeStatus.CANCELLED);
        List<HostedPosition> rest = execution.jobs(user).hosting();
        if (challenge.status() == ChallengeStatus.OPEN) {
            scheduleNext(user);
        } else if (rest.isEmpty()) {
            comeBack(challenge.id(), execution.user(user));
        } else {
            long now = execution.block().number();
            long until = execution.user(user).absence().untilBlock();
            long delay = Math.max(1, execution.parameters().challengeResponseDelay());
            begin(user, rest, Math.max(until, Math.addExact(now, delay)), ChallengeStatus.MISSED);
        }
    }
}
