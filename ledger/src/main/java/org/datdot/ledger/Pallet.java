package org.datdot.ledger;

import java.util.ArrayList;
import java.util.List;

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

    /** What the ledger does by itself at the beginning of a block: deadlines, challenges, ends of plans, waiting contracts. Bounded; what is too much waits. */
    public List<Event> onInitialize(State state, BlockContext block) {
        Execution execution = new Execution(state, config, block);
        Storage.BLOCK_NUMBER.put(state, block.number());
        Storage.NOW.put(state, block.timestampMs());
        new Hosting(execution).endPlans(END_SECONDS_PER_BLOCK);
        work(execution);
        new Amendments(execution).tryWaiting();
        return List.copyOf(execution.events());
    }

    private static void work(Execution execution) {
        State state = execution.state();
        long number = execution.block().number();
        List<Task> tasks = new ArrayList<>(Storage.CARRIED_OVER.get(state).orElse(List.of()));
        boolean carried = !tasks.isEmpty();
        tasks.addAll(Storage.AGENDA.get(state, number).orElse(List.of()));
        int now = (int) Math.min(tasks.size(), execution.parameters().agendaPerBlock());
        if (carried || now < tasks.size()) {
            Storage.CARRIED_OVER.put(state, List.copyOf(tasks.subList(now, tasks.size())));
        }
        Storage.AGENDA.remove(state, number);
        for (Task task : tasks.subList(0, now)) {
            switch (task.kind()) {
                case AMENDMENT_DEADLINE -> new Amendments(execution).deadline(task.id());
                case DRAW_STORAGE_CHALLENGE -> new Challenges(execution).draw(task.id());
                case CHALLENGE_DEADLINE -> new Challenges(execution).deadline(task.id());
            }
        }
    }

    /** Applies a call in full, or rejects it and leaves the state as it was. Total: it never throws, whatever the call. */
    public DispatchResult apply(State state, AccountId origin, Call call, BlockContext block) {
        OverlayState overlay = new OverlayState(state);
        Execution execution = new Execution(overlay, config, block);
        try {
            dispatch(execution, origin, call);
        } catch (Rejection rejection) {
            return new DispatchResult.Rejected(rejection.error(), rejection.detail());
        } catch (RuntimeException e) {
            // An amount that overflows or an object that is not there: the call is refused and shows in the events.
            // Only
            // this package's own messages are quoted: those of the JDK may differ from one version to the next.
            String detail = e instanceof IllegalStateException ? ": " + e.getMessage() : "";
            return new DispatchResult.Rejected(
                    LedgerError.INTERNAL, e.getClass().getSimpleName() + detail);
        }
        overlay.commitTo(state);
        return new DispatchResult.Applied(List.copyOf(execution.events()));
    }

    /** Pays what a signer adds to have its extrinsic included, to the treasury; in full, or nothing. Total like {@link #apply}. */
    public DispatchResult payTip(State state, AccountId origin, long tip, BlockContext block) {
        return apply(state, origin, new Call.Transfer(treasury(state), tip), block);
    }

    private static AccountId treasury(State state) {
        return Storage.TREASURY.get(state).orElseThrow(() -> new IllegalStateException("the chain has no genesis"));
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
        }
    }
}
