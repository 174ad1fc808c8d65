package org.datdot.ledger;

import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;

/** What happened in a block. SCALE: a byte for the kind, in the order below, then the fields. */
public sealed interface Event {
    /** How events are written. */
    Codec<Event> CODEC = new Codec<>(Event::write, Event::read);

    /** How payment reasons are written. */
    Codec<PaymentReason> REASON = Codec.constant(PaymentReason.class);

    /** How errors are written. */
    Codec<LedgerError> ERROR = Codec.constant(LedgerError.class);

    /** An account became a user. */
    record NewUser(long user) implements Event {}

    /** A user offers to work, or changed the offer. */
    record ProviderRegistered(long user) implements Event {}

    /** A feed, or a longer head of it, is known. */
    record FeedPublished(long feed, long length) implements Event {}

    /** A plan was published and its budget reserved. */
    record NewPlan(long plan) implements Event {}

    /** A plan was given a contract. */
    record NewContract(long contract, long plan) implements Event {}

    /** Providers were drawn; they see it among their jobs. */
    record NewAmendment(long amendment, long contract) implements Event {}

    /** Some positions of an amendment were not filled. */
    record AmendmentFailed(long amendment, long contract) implements Event {}

    /** Too few providers fit; the contract waits for more. */
    record WaitingForProviders(long contract) implements Event {}

    /** A position is stored and served. */
    record HosterActivated(long contract, int position, long hoster) implements Event {}

    /** All positions of a contract are stored and served. */
    record HostingStarted(long contract, long plan) implements Event {}

    /** A hoster must show leaves. */
    record NewStorageChallenge(long challenge, long hoster) implements Event {}

    /** It showed them. */
    record StorageChallengeConfirmed(long challenge, long hoster) implements Event {}

    /** It did not, in time. */
    record StorageChallengeFailed(long challenge, long hoster) implements Event {}

    /** A hoster is to delete a position. */
    record DropHosting(long contract, int position, long hoster) implements Event {}

    /** Every copy of a contract is gone. */
    record ContractLost(long contract, long plan) implements Event {}

    /** A plan is over; what was left of its budget is free again. */
    record PlanEnded(long plan, long refund) implements Event {}

    /** A payment out of a plan. */
    record Paid(long plan, long user, long units, PaymentReason reason) implements Event {}

    /** A provider failed and is not drawn before a block. */
    record ProviderPaused(long user, long untilBlock) implements Event {}

    /** Units moved. */
    record Transfer(AccountId from, AccountId to, long units) implements Event {}

    /** The extrinsic applied. */
    record ExtrinsicSuccess() implements Event {}

    /** The extrinsic was rejected. */
    record ExtrinsicFailed(LedgerError error, String detail) implements Event {}

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

    private static void write(ScaleEncoder encoder, Event event) {
        switch (event) {
            case NewUser(long user) -> encoder.u8(0).compact(user);
            case ProviderRegistered(long user) -> encoder.u8(1).compact(user);
            case FeedPublished(long feed, long length) ->
                encoder.u8(2).compact(feed).compact(length);
            case NewPlan(long plan) -> encoder.u8(3).compact(plan);
            case NewContract(long contract, long plan) ->
                encoder.u8(4).compact(contract).compact(plan);
            case NewAmendment(long amendment, long contract) ->
                encoder.u8(5).compact(amendment).compact(contract);
            case AmendmentFailed(long amendment, long contract) ->
                encoder.u8(6).compact(amendment).compact(contract);
            case WaitingForProviders(long contract) -> encoder.u8(7).compact(contract);
            case HosterActivated(long contract, int position, long hoster) ->
                encoder.u8(8).compact(contract).u8(position).compact(hoster);
            case HostingStarted(long contract, long plan) ->
                encoder.u8(9).compact(contract).compact(plan);
            case NewStorageChallenge(long challenge, long hoster) ->
                encoder.u8(10).compact(challenge).compact(hoster);
            case StorageChallengeConfirmed(long challenge, long hoster) ->
                encoder.u8(11).compact(challenge).compact(hoster);
            case StorageChallengeFailed(long challenge, long hoster) ->
                encoder.u8(12).compact(challenge).compact(hoster);
            case DropHosting(long contract, int position, long hoster) ->
                encoder.u8(13).compact(contract).u8(position).compact(hoster);
            case ContractLost(long contract, long plan) ->
                encoder.u8(14).compact(contract).compact(plan);
            case PlanEnded(long plan, long refund) ->
                encoder.u8(15).compact(plan).compact(refund);
            case Paid(long plan, long user, long units, PaymentReason reason) ->
                REASON.write().accept(encoder.u8(16).compact(plan).compact(user).compact(units), reason);
            case ProviderPaused(long user, long untilBlock) ->
                encoder.u8(17).compact(user).compact(untilBlock);
            case Transfer(AccountId from, AccountId to, long units) ->
                encoder.u8(18).fixed(from.bytes()).fixed(to.bytes()).compact(units);
            case ExtrinsicSuccess() -> encoder.u8(19);
            case ExtrinsicFailed(LedgerError error, String detail) -> {
                ERROR.write().accept(encoder.u8(20), error);
                encoder.string(detail);
            }
        }
    }

    private static Event read(ScaleDecoder decoder) {
        int kind = decoder.u8();
        return switch (kind) {
            case 0 -> new NewUser(decoder.compact());
            case 1 -> new ProviderRegistered(decoder.compact());
            case 2 -> new FeedPublished(decoder.compact(), decoder.compact());
            case 3 -> new NewPlan(decoder.compact());
            case 4 -> new NewContract(decoder.compact(), decoder.compact());
            case 5 -> new NewAmendment(decoder.compact(), decoder.compact());
            case 6 -> new AmendmentFailed(decoder.compact(), decoder.compact());
            case 7 -> new WaitingForProviders(decoder.compact());
            case 8 -> new HosterActivated(decoder.compact(), decoder.u8(), decoder.compact());
            case 9 -> new HostingStarted(decoder.compact(), decoder.compact());
            case 10 -> new NewStorageChallenge(decoder.compact(), decoder.compact());
            case 11 -> new StorageChallengeConfirmed(decoder.compact(), decoder.compact());
            case 12 -> new StorageChallengeFailed(decoder.compact(), decoder.compact());
            case 13 -> new DropHosting(decoder.compact(), decoder.u8(), decoder.compact());
            case 14 -> new ContractLost(decoder.compact(), decoder.compact());
            case 15 -> new PlanEnded(decoder.compact(), decoder.compact());
            case 16 ->
                new Paid(
                        decoder.compact(),
                        decoder.compact(),
                        decoder.compact(),
                        REASON.read().apply(decoder));
            case 17 -> new ProviderPaused(decoder.compact(), decoder.compact());
            case 18 ->
                new Transfer(
                        Codecs.ACCOUNT.read().apply(decoder),
                        Codecs.ACCOUNT.read().apply(decoder),
                        decoder.compact());
            case 19 -> new ExtrinsicSuccess();
            case 20 -> new ExtrinsicFailed(ERROR.read().apply(decoder), decoder.string());
            default -> throw new DecodingException("no event has number " + kind);
        };
    }
}
