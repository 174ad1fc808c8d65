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
            List<Part> program,
            int replicas,
            int sealing,
            Until until,
            long budget,
            long mostPrice,
            List<String> sources)
            implements Call {
        /** Fixed blocks in some regions until a time, for as high a price as the budget lasts for. */
        public PublishPlan(
                List<Segment> segments,
                int replicas,
                int sealing,
                long untilMs,
                long budget,
                List<String> regions,
                List<String> sources) {
            this(
                    List.of(new Part(segments, false, regions, Hours.ALWAYS, ServiceLevel.ANY)),
                    replicas,
                    sealing,
                    Until.time(untilMs),
                    budget,
                    0,
                    sources);
        }
    }

    /** The attestor's report of an amendment. */
    @Variant(4)
    record AmendmentReport(long amendment, List<Outcome> outcomes) implements Call {}

    /** A hoster's answer to a storage challenge: one proof for each check, in order. */
    @Variant(5)
    record SubmitStorageChallenge(long challenge, List<StorageProof> proofs) implements Call {}

    /** An attestor's commitment or report of a performance challenge. */
    @Variant(6)
    record SubmitPerformanceChallenge(long challenge, PerformanceSubmission submission) implements Call {}

    /** Changes a plan: its end and sources and price as given, units and parts in addition; dropped parts by their place in the program. */
    @Variant(7)
    record UpdatePlan(
            long plan,
            Until until,
            long moreBudget,
            long mostPrice,
            List<String> sources,
            List<Part> added,
            List<Long> dropped)
            implements Call {}

    /** Has a plan stored but not served, and nothing new set up. */
    @Variant(8)
    record PausePlan(long plan) implements Call {}

    /** Has a paused plan served again. */
    @Variant(9)
    record ResumePlan(long plan) implements Call {}

    /** Ends a plan; what is left of the budget comes back. */
    @Variant(10)
    record CancelPlan(long plan) implements Call {}

    /** Takes no jobs and no challenges before a block, within the allowance. */
    @Variant(11)
    record PauseWork(long untilBlock) implements Call {}

    /** Ends such a pause early. */
    @Variant(12)
    record ResumeWork() implements Call {}

    /** Withdraws the offer and gives all positions up, for what their replacement costs. */
    @Variant(13)
    record StopWork() implements Call {}

    /** Denies an accusation. */
    @Variant(14)
    record ContradictAccusation(long accusation) implements Call {}

    /** Bytes a hoster served to readers since its last report. */
    @Variant(15)
    record ReportTraffic(long contract, int position, long bytes) implements Call {}

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
