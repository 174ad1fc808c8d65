package org.datdot.ledger;

import java.math.BigInteger;
import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;

/** What an account may ask of the ledger (docs/protocol.md 5.3). SCALE: pallet index, call index, arguments. */
public sealed interface Call {
    /** How calls are written. */
    Codec<Call> CODEC = new Codec<>(Call::write, Call::decode);

    /** Moves free units to another account. */
    record Transfer(AccountId to, long amount) implements Call {}

    /** Makes the account a user, with its signing and noise keys. */
    record NewUser(PublicKey signingKey, PublicKey noiseKey) implements Call {}

    /** Offers to work, or changes the offer. */
    record RegisterForWork(Form form) implements Call {}

    /** Makes a hypercore and a signed head of it known. */
    record PublishFeed(CoreKey key, Bytes manifest, FeedHead head) implements Call {}

    /** Asks for hosting and reserves the budget. */
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
    record AmendmentReport(long amendment, List<Outcome> outcomes) implements Call {}

    /** A hoster's answer to a storage challenge: one proof for each check, in order. */
    record SubmitStorageChallenge(long challenge, List<StorageProof> proofs) implements Call {}

    /** The call's bytes. */
    default byte[] encode() {
        return CODEC.encode(this);
    }

    private static void write(ScaleEncoder encoder, Call call) {
        switch (call) {
            case Transfer(AccountId to, long amount) ->
                encoder.u8(0).u8(0).fixed(to.bytes()).compact(amount);
            case NewUser(PublicKey signingKey, PublicKey noiseKey) ->
                encoder.u8(1).u8(0).fixed(signingKey.bytes()).fixed(noiseKey.bytes());
            case RegisterForWork(Form form) ->
                Form.CODEC.write().accept(encoder.u8(1).u8(1), form);
            case PublishFeed(CoreKey key, Bytes manifest, FeedHead head) -> {
                encoder.u8(1).u8(2).fixed(key.bytes()).bytes(manifest.bytes());
                FeedHead.CODEC.write().accept(encoder, head);
            }
            case PublishPlan plan -> {
                encoder.u8(1).u8(3).list(plan.program(), Segment.CODEC.write());
                encoder.u8(plan.replicas())
                        .u8(plan.sealing())
                        .compact(plan.untilMs())
                        .compact(plan.budget());
                Codecs.STRINGS.write().accept(encoder, plan.regions());
                Codecs.STRINGS.write().accept(encoder, plan.sources());
            }
            case AmendmentReport(long amendment, List<Outcome> outcomes) ->
                encoder.u8(1).u8(4).compact(amendment).list(outcomes, Outcome.CODEC.write());
            case SubmitStorageChallenge(long challenge, List<StorageProof> proofs) ->
                encoder.u8(1).u8(5).compact(challenge).list(proofs, StorageProof.CODEC.write());
        }
    }

    /**
     * Takes a call off.
     *
     * @throws DecodingException when it is none
     */
    static Call decode(ScaleDecoder decoder) {
        int pallet = decoder.u8();
        int index = decoder.u8();
        return switch (pallet << 8 | index) {
            case 0x000 -> new Transfer(Codecs.ACCOUNT.read().apply(decoder), amount(decoder));
            case 0x100 ->
                new NewUser(
                        Codecs.PUBLIC_KEY.read().apply(decoder),
                        Codecs.PUBLIC_KEY.read().apply(decoder));
            case 0x101 -> new RegisterForWork(Form.CODEC.read().apply(decoder));
            case 0x102 ->
                new PublishFeed(
                        Codecs.CORE_KEY.read().apply(decoder),
                        new Bytes(decoder.bytes()),
                        FeedHead.CODEC.read().apply(decoder));
            case 0x103 ->
                new PublishPlan(
                        Codecs.SEGMENTS.read().apply(decoder),
                        decoder.u8(),
                        decoder.u8(),
                        decoder.compact(),
                        amount(decoder),
                        Codecs.STRINGS.read().apply(decoder),
                        Codecs.STRINGS.read().apply(decoder));
            case 0x104 -> new AmendmentReport(decoder.compact(), List.copyOf(decoder.list(Outcome.CODEC.read())));
            case 0x105 ->
                new SubmitStorageChallenge(decoder.compact(), List.copyOf(decoder.list(StorageProof.CODEC.read())));
            default -> throw new DecodingException("no call has pallet " + pallet + " and index " + index);
        };
    }

    /** An amount is a compact u128 on the wire; more than 2^63 - 1 units do not exist. */
    private static long amount(ScaleDecoder decoder) {
        BigInteger value = decoder.compactBig();
        if (value.bitLength() > 63) {
            throw new DecodingException("an amount above 2^63 - 1 units: " + value);
        }
        return value.longValue();
    }
}
