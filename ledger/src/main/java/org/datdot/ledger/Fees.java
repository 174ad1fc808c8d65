package org.datdot.ledger;

import java.util.List;
import java.util.Optional;

/** What calls cost those who send them (docs/protocol.md 5.4): the one table of weights, and the fees made of them. */
public final class Fees {
    /** What a unit of weight counts as where clients expect a time: 10 microseconds, in picoseconds. */
    private static final long PICOSECONDS_PER_WEIGHT = 10_000_000;

    private static final long PICOSECONDS_PER_MS = 1_000_000_000;
    /** Time between blocks that counts for how much is in them. */
    private static final long MOST_BLOCK_MS = 60_000;

    /** What every extrinsic weighs beside its call: its signature is checked, its nonce counted, its fee and tip paid. */
    public static final long EXTRINSIC_WEIGHT = 12;

    private Fees() {}

    /**
     * What all extrinsics of a block may weigh together: a third of the time between two blocks, the rest is for the ledger's own agenda, the network and slower machines. Never
     * less than the heaviest call.
     */
    public static long blockWeight(Parameters parameters) {
        long millis = Math.clamp(parameters.periods().blockMs(), 0, MOST_BLOCK_MS) / 3;
        long units = millis * (PICOSECONDS_PER_MS / PICOSECONDS_PER_WEIGHT);
        return Math.max(heaviest(parameters), units);
    }

    /** Above any call that can be right: a plan of as many contracts as it may have, with as many copies. */
    private static long heaviest(Parameters parameters) {
        return 1_000 + contracts(parameters, Publishing.MOST_CONTRACTS, Math.clamp(parameters.maxReplicas(), 1, 1_000));
    }

    /** What an extrinsic with a call counts of {@link #blockWeight}. */
    public static long extrinsicWeight(Parameters parameters, Call call) {
        return EXTRINSIC_WEIGHT + weight(parameters, call);
    }

    /**
     * How much work a call is, in units of 10 microseconds: about one look-up and one write; more for calls with long lists. The numbers are those measured by {@code WeightTable} among the tests
     * ({@code bench/README.md}), rounded up.
     */
    static long weight(Parameters parameters, Call call) {
        return switch (call) {
            case Call.Transfer _ -> 2;
            case Call.NewUser _ -> 8;
            case Call.RegisterForWork _ -> 20;
            case Call.PublishFeed _ -> 20;
            case Call.PublishPlan plan -> 30 + program(parameters, plan.program(), plan.replicas());
            case Call.AmendmentReport report ->
                40 + 50L * report.outcomes().size() + (allHosted(report) ? 0 : draw(parameters));
            case Call.SubmitStorageChallenge challenge ->
                20 + 3L * challenge.proofs().size() + parameters.periods().positionsPerTask();
            case Call.SubmitPerformanceChallenge _ -> 5;
            case Call.UpdatePlan update ->
                30 + 2L * update.dropped().size() + program(parameters, update.added(), (int) parameters.maxReplicas());
            case Call.PausePlan _ -> 5;
            case Call.ResumePlan _ -> 5;
            case Call.CancelPlan _ -> 5;
            case Call.PauseWork _ -> 5;
            case Call.ResumeWork _ -> 5;
            case Call.StopWork _ -> 60;
            case Call.ContradictAccusation _ -> 30;
            case Call.ReportTraffic _ -> 5;
        };
    }

    /** Drawing who works on a contract: most of it is reading the candidates of each role, once for all of its positions. */
    private static long draw(Parameters parameters) {
        return Math.clamp(parameters.maxSelectedPerRole(), 0, 10_000) * 3L / 2;
    }

    private static boolean allHosted(Call.AmendmentReport report) {
        return report.outcomes().stream().allMatch(Outcome.Hosted.class::isInstance);
    }

    /** A contract is written once, and drawn for at once while a call may; what does not fit a number is refused elsewhere. */
    private static long program(Parameters parameters, List<Part> program, int replicas) {
        long blocks = 0;
        for (Part part : program) {
            for (Segment segment : part.segments()) {
                blocks += Math.clamp(segment.blocks(), 0, 1L << 40);
            }
        }
        long contracts = Math.min(Publishing.MOST_CONTRACTS, Math.ceilDiv(blocks, parameters.contractSetSize()));
        return contracts(parameters, contracts, replicas);
    }

    private static long contracts(Parameters parameters, long contracts, int replicas) {
        long drawn = Math.min(contracts, Math.max(0, parameters.contractActivationCap()));
        return contracts * (10 + 5L * replicas) + drawn * draw(parameters);
    }

    /** The fee of a call: units for its weight and for its bytes. */
    public static long of(Parameters parameters, Call call) {
        Economy economy = parameters.economy();
        long bytes = economy.feePerByte() == 0 ? 0 : call.encode().length;
        return Math.addExact(
                Math.multiplyExact(economy.feePerWeight(), weight(parameters, call)),
                Math.multiplyExact(economy.feePerByte(), bytes));
    }

    /**
     * What a call weighs and whether its signer pays, as clients of Substrate are told: before it is executed, and in its events. The state it reads is not
     * counted as proof.
     *
     * @param applied whether it was executed and not rejected
     */
    public static DispatchInfo info(Parameters parameters, Call call, boolean applied) {
        return new DispatchInfo(
                new DispatchInfo.Weight(Math.multiplyExact(weight(parameters, call), PICOSECONDS_PER_WEIGHT), 0),
                DispatchInfo.DispatchClass.NORMAL,
                applied && askedFor(call) ? DispatchInfo.Pays.NO : DispatchInfo.Pays.YES);
    }

    /**
     * Whether an account may send a call now: it can pay the fee, as a new user from its endowment, or it owes just this work. A chain takes no others
     * into its pool and blocks.
     */
    public static boolean payable(StateReader state, Parameters parameters, AccountId origin, Call call) {
        long fee = of(parameters, call);
        if (Balances.of(state, origin).free() >= fee) {
            return true;
        }
        Optional<Long> user = Storage.USER_BY_ACCOUNT.get(state, origin);
        return user.map(id -> owed(Storage.JOBS.get(state, id).orElse(Jobs.NONE), call))
                .orElse(call instanceof Call.NewUser && parameters.newUserEndowment() >= fee);
    }

    /** Work that is among a user's jobs: who has all units in collateral must be able to do it. */
    private static boolean owed(Jobs jobs, Call call) {
        return switch (call) {
            case Call.AmendmentReport report -> jobs.amendments().contains(report.amendment());
            case Call.SubmitStorageChallenge answer -> jobs.challenge().equals(Optional.of(answer.challenge()));
            case Call.SubmitPerformanceChallenge answer -> jobs.performances().contains(answer.challenge());
            case Call.ContradictAccusation answer -> jobs.accusations().contains(answer.accusation());
            default -> false;
        };
    }

    /** Work the ledger asked for: it is free when it was right. */
    static boolean askedFor(Call call) {
        return switch (call) {
            case Call.AmendmentReport _,
                    Call.SubmitStorageChallenge _,
                    Call.SubmitPerformanceChallenge _,
                    Call.ContradictAccusation _ -> true;
            default -> false;
        };
    }
}
