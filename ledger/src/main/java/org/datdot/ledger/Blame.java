package org.datdot.ledger;

import java.util.Optional;

/**
 * Who failed in a setup. What two parties say of what passed between them cannot be checked; what one says on the ledger can. So an accused
 * provider that is silent until the deadline has failed, and one that contradicts makes it a dispute: it counts a little against both, and who lies
 * about many is in many disputes, each of the others in one.
 */
final class Blame {
    private final Execution execution;

    Blame(Execution execution) {
        this.execution = execution;
    }

    void accuse(Amendment amendment, int position, long accused) {
        long id = execution.newId();
        long delay = Math.max(1, execution.parameters().periods().accusationDelay());
        long until = Math.addExact(execution.block().number(), delay);
        execution.put(new Accusation(id, amendment.id(), position, accused, amendment.attestor(), until));
        execution.updateJobs(accused, jobs -> jobs.withAccusations(Execution.plus(jobs.accusations(), id)));
        // Not drawn again before it is decided: it may well be away.
        execution.updateUser(accused, user -> user.suspended(until));
        execution.schedule(Math.addExact(delay, 1), new Task(Task.Kind.ACCUSATION_DEADLINE, id));
        execution.emit(new Event.Accused(id, accused));
    }

    void contradict(AccountId account, Call.ContradictAccusation call) {
        User caller = execution.caller(account);
        Optional<Accusation> found = execution
                .find(Accusation.class, call.accusation())
                .filter(one -> one.accused() == caller.id()
                        && one.untilBlock() >= execution.block().number());
        Accusation accusation = found.orElseThrow(() -> new Rejection(
                LedgerError.UNKNOWN_ACCUSATION,
                "there is no accusation " + call.accusation() + " against user " + caller.id() + " in time"));
        close(accusation);
        execution.updateUser(accusation.accused(), User::disputed);
        execution.updateUser(accusation.attestor(), User::disputed);
        execution.emit(new Event.AccusationDisputed(accusation.id(), accusation.accused(), accusation.attestor()));
        denied(accusation);
    }

    /** Whom most of those it worked with contradict has failed itself. */
    private void denied(Accusation accusation) {
        State state = execution.state();
        long denied = Storage.DENIED.get(state, accusation.amendment()).orElse(0L) + 1;
        Storage.DENIED.put(state, accusation.amendment(), denied);
        long positions = execution
                .item(Amendment.class, accusation.amendment())
                .assignments()
                .size();
        if (denied >= 2 && denied - 1 == Math.max(1, positions / 2)) {
            new Hosting(execution).undone(accusation.attestor(), Strikes.Kind.ATTESTING);
        }
    }

    private void close(Accusation accusation) {
        Storage.ITEMS.remove(execution.state(), accusation.id());
        execution.updateJobs(
                accusation.accused(),
                jobs -> jobs.withAccusations(Execution.minus(jobs.accusations(), accusation.id())));
    }

    void deadline(long id) {
        execution.find(Accusation.class, id).ifPresent(accusation -> {
            close(accusation);
            execution.emit(new Event.AccusationUpheld(id, accusation.accused()));
            new Hosting(execution).undone(accusation.accused(), Strikes.Kind.WORKING);
        });
    }
}
