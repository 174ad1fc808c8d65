package org.datdot.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Hash;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;

/** Random values of every type that has an encoding. */
final class Samples {
    private final Random random;

    Samples(long seed) {
        random = new Random(seed);
    }

    byte[] bytes(int length) {
        byte[] out = new byte[length];
        random.nextBytes(out);
        return out;
    }

    long number() {
        return random.nextLong() >>> (1 + random.nextInt(63));
    }

    int u8() {
        return random.nextInt(256);
    }

    <T> List<T> list(Supplier<T> one) {
        List<T> out = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            out.add(one.get());
        }
        return List.copyOf(out);
    }

    <T> Optional<T> optional(Supplier<T> one) {
        return random.nextBoolean() ? Optional.of(one.get()) : Optional.empty();
    }

    <E extends Enum<E>> E constant(Class<E> type) {
        E[] all = type.getEnumConstants();
        return all[random.nextInt(all.length)];
    }

    String string() {
        String[] some = {"", "EU", "host:1", "\u4f60\u597d", "a longer text than the others"};
        return some[random.nextInt(some.length)];
    }

    Hash hash() {
        return new Hash(bytes(32));
    }

    PublicKey key() {
        return new PublicKey(bytes(32));
    }

    CoreKey coreKey() {
        return new CoreKey(bytes(32));
    }

    AccountId account() {
        return new AccountId(bytes(32));
    }

    Signature signature() {
        return new Signature(bytes(64));
    }

    Bytes blob() {
        return new Bytes(bytes(random.nextInt(100)));
    }

    Form form() {
        return new Form(
                number(),
                number(),
                number(),
                string(),
                list(this::string),
                number(),
                number(),
                hours(),
                number(),
                number());
    }

    Hours hours() {
        return new Hours(number(), number(), number());
    }

    Until until() {
        return new Until(number(), number());
    }

    Part part() {
        return new Part(
                list(this::segment),
                random.nextBoolean(),
                list(this::string),
                hours(),
                new ServiceLevel(number(), number(), number()));
    }

    Measurement measurement() {
        return new Measurement(random.nextBoolean(), number(), number());
    }

    PerformanceSubmission submission() {
        return random.nextBoolean()
                ? new PerformanceSubmission.Commit(hash())
                : new PerformanceSubmission.Reveal(measurement(), hash());
    }

    FeedHead head() {
        return new FeedHead(
                number(), number(), list(() -> new TreeNode(number(), number(), new TreeHash(bytes(32)))), blob());
    }

    Segment segment() {
        return new Segment(number(), number(), number(), number());
    }

    ReplicaStatement statement() {
        return new ReplicaStatement(number(), number(), u8(), number(), hash(), number(), number(), u8(), blob());
    }

    HosterReceipt receipt() {
        return new HosterReceipt(number(), number(), u8(), number(), hash());
    }

    StorageProof proof() {
        return new StorageProof(number(), bytes(random.nextInt(100)), list(this::hash));
    }

    Outcome outcome() {
        Supplier<Outcome.SignedStatement> signed = () -> new Outcome.SignedStatement(statement(), signature());
        return switch (random.nextInt(4)) {
            case 3 -> new Outcome.SourceUnreachable(u8(), signature());
            case 0 -> new Outcome.Hosted(u8(), signed.get(), signature());
            case 1 -> new Outcome.EncoderFailed(u8());
            default -> new Outcome.HosterFailed(u8(), optional(signed));
        };
    }

    Call call() {
        return switch (random.nextInt(17)) {
            case 0 -> new Call.Transfer(account(), number());
            case 1 -> new Call.NewUser(key(), key());
            case 2 -> new Call.RegisterForWork(form());
            case 3 -> new Call.PublishFeed(coreKey(), blob(), head());
            case 4 ->
                new Call.PublishPlan(list(this::part), u8(), u8(), until(), number(), number(), list(this::string));
            case 5 -> new Call.AmendmentReport(number(), list(this::outcome));
            case 6 -> new Call.SubmitPerformanceChallenge(number(), submission());
            case 7 ->
                new Call.UpdatePlan(
                        number(),
                        until(),
                        number(),
                        number(),
                        list(this::string),
                        list(this::part),
                        list(this::number));
            case 8 -> new Call.PausePlan(number());
            case 9 -> new Call.ResumePlan(number());
            case 10 -> new Call.CancelPlan(number());
            case 11 -> new Call.PauseWork(number());
            case 12 -> new Call.ResumeWork();
            case 13 -> new Call.StopWork();
            case 14 -> new Call.ContradictAccusation(number());
            case 15 -> new Call.ReportTraffic(number(), u8(), number());
            default -> new Call.SubmitStorageChallenge(number(), list(this::proof));
        };
    }

    Position position() {
        return new Position(
                constant(PositionStatus.class),
                number(),
                number(),
                number(),
                number(),
                number(),
                number(),
                optional(this::statement),
                number(),
                number(),
                number(),
                number(),
                number(),
                number());
    }

    Item item() {
        return switch (random.nextInt(8)) {
            case 0 ->
                new User(
                        number(),
                        account(),
                        key(),
                        key(),
                        optional(this::form),
                        number(),
                        number(),
                        number(),
                        number(),
                        new PauseAllowance(number(), number(), number()),
                        new Measured(number(), number(), number(), number()),
                        new Strikes(number(), number(), number()),
                        new Absence(number(), number(), number(), number(), number()),
                        number(),
                        number());
            case 1 -> new Feed(number(), coreKey(), blob(), number(), number());
            case 2 ->
                new Plan(
                        number(),
                        number(),
                        list(this::part),
                        u8(),
                        u8(),
                        number(),
                        until(),
                        number(),
                        number(),
                        number(),
                        list(this::string),
                        constant(PlanStatus.class),
                        random.nextBoolean(),
                        number(),
                        number(),
                        list(this::number));
            case 3 ->
                new Contract(
                        number(),
                        number(),
                        u8(),
                        list(this::segment),
                        number(),
                        constant(ContractStatus.class),
                        random.nextBoolean(),
                        number(),
                        number(),
                        number(),
                        list(this::position));
            case 4 ->
                new Amendment(
                        number(),
                        number(),
                        constant(AmendmentKind.class),
                        number(),
                        list(() -> new Assignment(u8(), number(), number())),
                        number(),
                        number(),
                        number(),
                        number(),
                        constant(AmendmentStatus.class));
            case 5 ->
                new PerformanceChallenge(
                        number(),
                        number(),
                        number(),
                        u8(),
                        list(() -> new PerformanceChallenge.Report(
                                number(), optional(this::hash), optional(this::measurement))),
                        number(),
                        number(),
                        constant(PerformanceStatus.class));
            case 6 -> new Accusation(number(), number(), u8(), number(), number(), number());
            default ->
                new StorageChallenge(
                        number(),
                        number(),
                        list(() -> new Check(number(), u8(), number())),
                        number(),
                        number(),
                        constant(ChallengeStatus.class));
        };
    }

    Event event() {
        return switch (random.nextInt(38)) {
            case 0 -> new Event.NewUser(number());
            case 1 -> new Event.ProviderRegistered(number());
            case 2 -> new Event.FeedPublished(number(), number());
            case 3 -> new Event.NewPlan(number());
            case 4 -> new Event.NewContract(number(), number());
            case 5 -> new Event.NewAmendment(number(), number());
            case 6 -> new Event.AmendmentFailed(number(), number());
            case 7 -> new Event.WaitingForProviders(number());
            case 8 -> new Event.HosterActivated(number(), u8(), number());
            case 9 -> new Event.HostingStarted(number(), number());
            case 10 -> new Event.NewStorageChallenge(number(), number());
            case 11 -> new Event.StorageChallengeConfirmed(number(), number());
            case 12 -> new Event.StorageChallengeFailed(number(), number());
            case 13 -> new Event.DropHosting(number(), u8(), number());
            case 14 -> new Event.ContractLost(number(), number());
            case 15 -> new Event.PlanEnded(number(), number());
            case 16 -> new Event.Paid(number(), number(), number(), constant(PaymentReason.class));
            case 17 -> new Event.ProviderPaused(number(), number());
            case 18 -> new Event.Transfer(account(), account(), number());
            case 19 -> new Event.ExtrinsicSuccess(dispatchInfo());
            case 20 -> new Event.PlanUpdated(number());
            case 21 -> new Event.PlanPaused(number());
            case 22 -> new Event.PlanResumed(number());
            case 23 -> new Event.PlanGrew(number(), number(), number());
            case 24 -> new Event.GrowthRefused(number(), number(), number());
            case 25 -> new Event.SourceUnreachable(number(), number(), number());
            case 26 -> new Event.Accused(number(), number());
            case 27 -> new Event.AccusationUpheld(number(), number());
            case 28 -> new Event.AccusationDisputed(number(), number(), number());
            case 29 -> new Event.Slashed(number(), number(), number());
            case 30 -> new Event.NewPerformanceChallenge(number(), number());
            case 31 -> new Event.PerformanceMeasured(number(), number(), measurement());
            case 32 -> new Event.PauseStarted(number(), number());
            case 33 -> new Event.PauseEnded(number());
            case 34 -> new Event.ProviderLeft(number());
            case 35 -> new Event.HosterAbsent(number(), number(), number());
            case 36 -> new Event.HosterReturned(number(), number(), number());
            default -> new Event.ExtrinsicFailed(constant(LedgerError.class), dispatchInfo(), string());
        };
    }

    DispatchInfo dispatchInfo() {
        return new DispatchInfo(
                new DispatchInfo.Weight(number(), number()),
                constant(DispatchInfo.DispatchClass.class),
                constant(DispatchInfo.Pays.class));
    }

    Jobs jobs() {
        return new Jobs(
                list(this::number),
                list(() -> new HostedPosition(number(), u8(), number())),
                optional(this::number),
                list(this::number),
                list(this::number));
    }

    Task task() {
        return new Task(constant(Task.Kind.class), number(), number());
    }

    AccountData accountData() {
        return new AccountData(number() & 0xffff_ffffL, number(), number());
    }

    Genesis genesis() {
        return new Genesis(account(), list(() -> new Genesis.Endowment(account(), number())));
    }
}
