package org.datdot.ledger;

import java.util.Optional;
import org.datdot.crypto.Signature;

/** What an attestor reports of one position. */
public sealed interface Outcome {
    /** SCALE: a byte for the kind, then the fields. */
    Codec<Outcome> CODEC = Codec.of(Outcome.class);

    /** The position it is about. */
    int position();

    /** The encoder encoded, the hoster stored; both signed. */
    @Variant(0)
    record Hosted(int position, SignedStatement replica, Signature receipt) implements Outcome {}

    /** The encoder signed that it reached no source: nobody's fault but the source's, unless another encoder did reach one. */
    @Variant(3)
    record SourceUnreachable(int position, Signature signature) implements Outcome {}

    /** The encoder did not deliver a replica that verifies. An accusation: the encoder may contradict. */
    @Variant(1)
    record EncoderFailed(int position) implements Outcome {}

    /** The hoster did not sign. An accusation: the hoster may contradict. With the encoder's statement the encoder is paid all the same. */
    @Variant(2)
    record HosterFailed(int position, Optional<SignedStatement> replica) implements Outcome {}

    /** A replica statement with its encoder's signature. */
    record SignedStatement(ReplicaStatement statement, Signature signature) {
        static final Codec<SignedStatement> CODEC = Codec.of(SignedStatement.class);
    }
}
