package org.datdot.ledger;

import java.util.List;
import java.util.Optional;

/**
 * DatDot's rules as a deterministic state machine: the same blocks give the same state, on every machine, for ever. No I/O, no clock, no randomness of
 * its own. Everything it needs comes through {@link Config} and the block. Not thread-safe; one caller at a time.
 */
public final class Pallet {
    /** Seconds of plan ends looked at in one block: a day's worth after a long stop takes nine blocks. */
    private static final int END_SECONDS_PER_BLOCK = 10_000;

    private final Config config;

    /** In a chain that gives it its parameters. */
    public Pallet(Config config) {
        this.config = config;
    }

    /** Makes the first units; called once, on an empty state. */
    public void genesis(State state, Genesis genesis) {
        Balances.genesis(state, genesis);
        Storage.TREASURY.put(state, genesis.treasury());
        Storage.NEXT_ID.put(state, 1L);
    }

    /**
     * What the ledger does by itself at the beginning of a block: block reward, ends of plans, deadlines, challenges, waiting contracts. Bounded; what is
     * too much waits.
     */
    public List<Event> onInitialize(State state, BlockContext block) {
        Execution execution = new Execution(state, config, block);
        Storage.BLOCK_NUMBER.put(state, block.number());
        Storage.NOW.put(state, block.timestampMs());
        issue(state, block.number());
        new Plans(execution).endDue(END_SECONDS_PER_BLOCK);
        work(execution);
        new Amendments(execution).tryWaiting();
        return List.copyOf(execution.events());
    }

    private void issue(State state, long number) {
        Economy economy = config.parameters().economy();
        long halvings = economy.rewardHalvingBlocks() == 0 ? 0 : number / economy.rewardHalvingBlocks();
        long reward = halvings >= Long.SIZE - 1 ? 0 : economy.blockReward() >>> halvings;
        if (reward > 0) {
            Balances.issue(state, reward);
        }
    }

    /** Does what is due, until the block has done enough: a task counts one, and one more for each position it touched. */
    private static void work(Execution execution) {
        Agenda agenda = new Agenda(execution.state());
        long most = execution.parameters().agendaPerBlock();
        execution.takeWork();
        for (long done = 0; done < most; ) {
            Optional<Task> task = agenda.next(execution.block().number());
            if (task.isEmpty()) {
                return;
            }
            run(execution, task.get());
            done += 1 + execution.takeWork();
        }
    }

    private static void run(Execution execution, Task task) {
        switch (task.kind()) {
            case AMENDMENT_DEADLINE -> new Amendments(execution).deadline(task.id());
            case DRAW_STORAGE_CHALLENGE -> new Challenges(execution).draw(task.id());
            case CHALLENGE_DEADLINE -> new Challenges(execution).deadline(task.id());
            case RETRY_CONTRACT -> new Amendments(execution).fill(task.id());
            case ACCUSATION_DEADLINE -> new Blame(execution).deadline(task.id());
            case DRAW_PERFORMANCE_CHALLENGE -> new Performance(execution).draw(task.id());
            case COMMIT_DEADLINE -> new Performance(execution).commitDeadline(task.id());
            case REVEAL_DEADLINE -> new Performance(execution).revealDeadline(task.id());
            case PAY_HOSTER -> new Challenges(execution).paySome(task.id(), task.from());
            case DROP_HOSTER -> new Hosting(execution).dropSome(task.id());
            case END_PLAN -> new Plans(execution).endSome(task.id(), task.from());
            case DROP_PARTS -> new Plans(execution).dropParts(task.id(), task.from());
            case RESUME_PLAN -> new Plans(execution).resumeSome(task.id(), task.from());
            case GROW_PLANS -> new Growth(execution).growSome(task.id(), task.from());
        }
    }

    /**
     * Applies a call in full, or rejects it and leaves the state as it was but for the fee. Total: it never throws, whatever the call. Who cannot pay the
     * fee is rejected and pays nothing; a chain asks {@link Fees#payable} before it takes a call into a block.
     */
    public DispatchResult apply(State state, AccountId origin, Call call, BlockContext block) {
        OverlayState overlay = new OverlayState(state);
        Execution execution = new Execution(overlay, config, block);
        long fee = 0;
        try {
            fee = Fees.of(config.parameters(), call);
            Rejection.unless(
                    Fees.payable(state, config.parameters(), origin, call),
                    LedgerError.CANNOT_PAY_FEE,
                    "the fee is " + fee + " units, more than the account has free");
            dispatch(execution, origin, call);
            // New users pay from what they were endowed with; who does what was asked for does not pay.
            charge(overlay, origin, Fees.askedFor(call) ? 0 : fee);
        } catch (Rejection rejection) {
            // A rejected call costs its fee too; an account that was to be endowed first has less, or nothing.
            charge(state, origin, Math.min(fee, Balances.of(state, origin).free()));
            return new DispatchResult.Rejected(rejection.error(), rejection.detail());
        } catch (RuntimeException e) {
            charge(state, origin, Math.min(fee, Balances.of(state, origin).free()));
            // An amount that overflows or an object that is not there: the call is refused and shows in the events.
            // Only this package's own messages are quoted: those of the JDK may differ from one version to the next.
            String detail = e instanceof IllegalStateException ? ": " + e.getMessage() : "";
            return new DispatchResult.Rejected(
                    LedgerError.INTERNAL, e.getClass().getSimpleName() + detail);
        }
        overlay.commitTo(state);
        return new DispatchResult.Applied(List.copyOf(execution.events()));
    }

    /** Pays what a signer adds to have its extrinsic included, to the treasury; in full, or nothing. Never throws. */
    public DispatchResult payTip(State state, AccountId origin, long tip) {
        AccountId treasury = Balances.treasury(state);
        try {
            Balances.transfer(state, origin, treasury, tip);
        } catch (Rejection rejection) {
            return new DispatchResult.Rejected(rejection.error(), rejection.detail());
        }
        return new DispatchResult.Applied(List.of(new Event.Transfer(origin, treasury, tip)));
    }

    private static void charge(State state, AccountId origin, long fee) {
        if (fee > 0) {
            Balances.transfer(state, origin, Balances.treasury(state), fee);
        }
    }

    private static void dispatch(Execution execution, AccountId origin, Call call) {
        switch (call) {
            case Call.Transfer(AccountId to, long amount) -> {
                Balances.transfer(execution.state(), origin, to, amount);
                execution.emit(new Event.Transfer(origin, to, amount));
            }
            case Call.NewUser newUser -> new Enrolment(execution).newUser(origin, newUser);
            case Call.RegisterForWork(Form form) -> new Enrolment(execution).registerForWork(origin, form);
            case Call.PublishFeed feed -> new Publishing(execution).publishFeed(origin, feed);
            case Call.PublishPlan plan -> new Publishing(execution).publishPlan(origin, plan);
            case Call.AmendmentReport report -> new Amendments(execution).report(origin, report);
            case Call.SubmitStorageChallenge challenge -> new Challenges(execution).submit(origin, challenge);
            case Call.SubmitPerformanceChallenge challenge -> new Performance(execution).submit(origin, challenge);
            case Call.UpdatePlan update -> new Plans(execution).update(origin, update);
            case Call.PausePlan(long plan) -> new Plans(execution).pause(origin, plan);
            case Call.ResumePlan(long plan) -> new Plans(execution).resume(origin, plan);
            case Call.CancelPlan(long plan) -> new Plans(execution).cancel(origin, plan);
            case Call.PauseWork(long untilBlock) -> new Enrolment(execution).pause(origin, untilBlock);
            case Call.ResumeWork() -> new Enrolment(execution).resume(origin);
            case Call.StopWork() -> new Enrolment(execution).stop(origin);
            case Call.ContradictAccusation contradiction -> new Blame(execution).contradict(origin, contradiction);
            case Call.ReportTraffic traffic -> new Plans(execution).report(origin, traffic);
        }
    }
}
