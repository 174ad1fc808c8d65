package org.datdot.ledger;

import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;

/** What happened in a block. SCALE: the pallet's number, the event's {@link Variant} number, the components. */
public sealed interface Event {
    /** How events are written. */
    Codec<Event> CODEC = DerivedCodecs.dispatched(Event.class, "Event");

    /** The same, for what is made of events. */
    static Codec<Event> codec() {
        return CODEC;
    }

    /** An account became a user. */
    @Variant(0)
    record NewUser(long user) implements Event {}

    /** A user offers to work, or changed the offer. */
    @Variant(1)
    record ProviderRegistered(long user) implements Event {}

    /** A feed, or a longer head of it, is known. */
    @Variant(2)
    record FeedPublished(long feed, long length) implements Event {}

    /** A plan was published and its budget reserved. */
    @Variant(3)
    record NewPlan(long plan) implements Event {}

    /** A plan was given a contract. */
    @Variant(4)
    record NewContract(long contract, long plan) implements Event {}

    /** Providers were drawn; they see it among their jobs. */
    @Variant(5)
    record NewAmendment(long amendment, long contract) implements Event {}

    /** Some positions of an amendment were not filled. */
    @Variant(6)
    record AmendmentFailed(long amendment, long contract) implements Event {}

    /** Too few providers fit; the contract waits for more. */
    @Variant(7)
    record WaitingForProviders(long contract) implements Event {}

    /** A position is stored and served. */
    @Variant(8)
    record HosterActivated(long contract, int position, long hoster) implements Event {}

    /** All positions of a contract are stored and served. */
    @Variant(9)
    record HostingStarted(long contract, long plan) implements Event {}

    /** A hoster must show leaves. */
    @Variant(10)
    record NewStorageChallenge(long challenge, long hoster) implements Event {}

    /** It showed them. */
    @Variant(11)
    record StorageChallengeConfirmed(long challenge, long hoster) implements Event {}

    /** It did not, and did not come back in time either. */
    @Variant(12)
    record StorageChallengeFailed(long challenge, long hoster) implements Event {}

    /** A hoster is to delete a position. */
    @Variant(13)
    record DropHosting(long contract, int position, long hoster) implements Event {}

    /** Every copy of a contract is gone. */
    @Variant(14)
    record ContractLost(long contract, long plan) implements Event {}

    /** A plan is over; what was left of its budget is free again. */
    @Variant(15)
    record PlanEnded(long plan, long refund) implements Event {}

    /** A payment out of a plan. */
    @Variant(16)
    record Paid(long plan, long user, long units, PaymentReason reason) implements Event {}

    /** A provider failed and is not drawn before a block. */
    @Variant(17)
    record ProviderPaused(long user, long untilBlock) implements Event {}

    /** Units moved. */
    @Variant(value = 0, pallet = PalletId.BALANCES)
    record Transfer(AccountId from, AccountId to, long units) implements Event {}

    /** The extrinsic applied. */
    @Variant(value = 0, pallet = PalletId.SYSTEM)
    record ExtrinsicSuccess(DispatchInfo dispatchInfo) implements Event {}

    /** The extrinsic was rejected. */
    @Variant(value = 1, pallet = PalletId.SYSTEM)
    record ExtrinsicFailed(@Scale(name = "dispatch_error") LedgerError error, DispatchInfo dispatchInfo, String detail)
            implements Event {}

    /** A plan was changed by its sponsor. */
    @Variant(18)
    record PlanUpdated(long plan) implements Event {}

    /** A plan is stored but not served. */
    @Variant(19)
    record PlanPaused(long plan) implements Event {}

    /** A paused plan is served again. */
    @Variant(20)
    record PlanResumed(long plan) implements Event {}

    /** A plan follows a feed to a longer head. */
    @Variant(21)
    record PlanGrew(long plan, long feed, long length) implements Event {}

    /** A plan does not follow a feed to a longer head: its budget, or its number of contracts, is too small. */
    @Variant(22)
    record GrowthRefused(long plan, long feed, long length) implements Event {}

    /** No encoder reached a source of the plan; the contract is tried again from a block on. */
    @Variant(23)
    record SourceUnreachable(long contract, long plan, long retryBlock) implements Event {}

    /** An attestor says that a provider failed; it may contradict. */
    @Variant(24)
    record Accused(long accusation, long user) implements Event {}

    /** It did not, and has failed. */
    @Variant(25)
    record AccusationUpheld(long accusation, long user) implements Event {}

    /** It did: one of the two lies, and nobody knows which. */
    @Variant(26)
    record AccusationDisputed(long accusation, long user, long attestor) implements Event {}

    /** A hoster lost collateral, some of it to the plan. */
    @Variant(27)
    record Slashed(long user, long plan, long units) implements Event {}

    /** Attestors were drawn to measure a hoster. */
    @Variant(28)
    record NewPerformanceChallenge(long challenge, long hoster) implements Event {}

    /** The median of what they found. */
    @Variant(29)
    record PerformanceMeasured(long challenge, long hoster, Measurement measurement) implements Event {}

    /** A provider takes a pause of its own. */
    @Variant(30)
    record PauseStarted(long user, long untilBlock) implements Event {}

    /** It works again. */
    @Variant(31)
    record PauseEnded(long user) implements Event {}

    /** A provider withdrew its offer. */
    @Variant(32)
    record ProviderLeft(long user) implements Event {}

    /** A hoster did not answer in time; it keeps what it has if it answers until a block. */
    @Variant(33)
    record HosterAbsent(long challenge, long hoster, long untilBlock) implements Event {}

    /** It did, and is not paid for the time it was away. */
    @Variant(34)
    record HosterReturned(long challenge, long hoster, long unpaidMs) implements Event {}

    /** The bytes of {@link #CODEC}. */
    default byte[] encode() {
        return CODEC.encode(this);
    }

    /**
     * Takes one off.
     *
     * @throws DecodingException when the bytes are none
     */
    static Event decode(ScaleDecoder decoder) {
        return CODEC.read().apply(decoder);
    }
}
