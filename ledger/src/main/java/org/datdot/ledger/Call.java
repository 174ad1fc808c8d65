package org.datdot.ledger;

import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;

/** What an account may ask of the ledger (docs/protocol.md 5.3). SCALE: the pallet's number, the call's {@link Variant} number, the components: a new call is a new record here and a branch in {@link Pallet}. */
public sealed interface Call {
    /** How calls are written. */
    Codec<Call> CODEC = DerivedCodecs.dispatched(Call.class, "Call");

    /** The same, for what is made of calls. */
    static Codec<Call> codec() {
        return CODEC;
    }

    /** Moves free units to another account. */
    @Variant(value = 0, name = "transfer_allow_death", pallet = PalletId.BALANCES)
    record Transfer(AccountId to, long amount) implements Call {}

    /** Makes the account a user, with its signing and noise keys. */
    @Variant(0)
    record NewUser(PublicKey signingKey, PublicKey noiseKey) implements Call {}

    /** Offers to work, or changes the offer. */
    @Variant(1)
    record RegisterForWork(Form form) implements Call {}

    /** Makes a hypercore and a signed head of it known. */
    @Variant(2)
    record PublishFeed(CoreKey key, Bytes manifest, FeedHead head) implements Call {}

    /** Asks for hosting and reserves the budget. */
    @Variant(3)
    record PublishPlan(
            List<Segment> program,
            int replicas,
            int sealing,
            long untilMs,
            long budget,
            List<String> regions,
            List<String> sources)
            implements Call {}

    /** The attestor's report of an amendment. */
    @Variant(4)
    record AmendmentReport(long amendment, List<Outcome> outcomes) implements Call {}

    /** A hoster's answer to a storage challenge: one proof for each check, in order. */
    @Variant(5)
    record SubmitStorageChallenge(long challenge, List<StorageProof> proofs) implements Call {}

    /** The call's bytes. */
    default byte[] encode() {
        return CODEC.encode(this);
    }

    /**
     * Takes a call off.
     *
     * @throws DecodingException when it is none
     */
    static Call decode(ScaleDecoder decoder) {
        return CODEC.read().apply(decoder);
    }
}
