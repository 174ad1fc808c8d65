package org.datdot.ledger;

import java.util.Optional;
import org.datdot.crypto.Signature;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;

/** What an attestor reports of one position. */
public sealed interface Outcome {
    /** SCALE: a byte for the kind, then the fields. */
    Codec<Outcome> CODEC = new Codec<>(Outcome::write, Outcome::read);

    /** The position it is about. */
    int position();

    /** The encoder encoded, the hoster stored; both signed. */
    record Hosted(int position, SignedStatement replica, Signature receipt) implements Outcome {}

    /** The encoder did not deliver a replica that verifies. */
    record EncoderFailed(int position) implements Outcome {}

    /** The hoster did not sign; with the encoder's statement the encoder is paid all the same. */
    record HosterFailed(int position, Optional<SignedStatement> replica) implements Outcome {}

    /** A replica statement with its encoder's signature. */
    record SignedStatement(ReplicaStatement statement, Signature signature) {
        static final Codec<SignedStatement> CODEC = new Codec<>(
                (encoder, value) -> {
                    ReplicaStatement.CODEC.write().accept(encoder, value.statement());
                    encoder.fixed(value.signature().bytes());
                },
                decoder -> new SignedStatement(
                        ReplicaStatement.CODEC.read().apply(decoder), new Signature(decoder.fixed(Signature.BYTES))));
    }

    private static void write(ScaleEncoder encoder, Outcome outcome) {
        switch (outcome) {
            case Hosted(int position, SignedStatement replica, Signature receipt) -> {
                encoder.u8(0).u8(position);
                SignedStatement.CODEC.write().accept(encoder, replica);
                encoder.fixed(receipt.bytes());
            }
            case EncoderFailed(int position) -> encoder.u8(1).u8(position);
            case HosterFailed(int position, Optional<SignedStatement> replica) -> {
                encoder.u8(2).u8(position);
                SignedStatement.CODEC.optional().write().accept(encoder, replica);
            }
        }
    }

    private static Outcome read(ScaleDecoder decoder) {
        int kind = decoder.u8();
        int position = decoder.u8();
        return switch (kind) {
            case 0 ->
                new Hosted(
                        position,
                        SignedStatement.CODEC.read().apply(decoder),
                        new Signature(decoder.fixed(Signature.BYTES)));
            case 1 -> new EncoderFailed(position);
            case 2 ->
                new HosterFailed(
                        position, SignedStatement.CODEC.optional().read().apply(decoder));
            default -> throw new DecodingException("no outcome has number " + kind);
        };
    }
}
