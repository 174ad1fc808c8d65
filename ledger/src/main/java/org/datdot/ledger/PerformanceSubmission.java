package org.datdot.ledger;

import org.datdot.crypto.Hash;

/** What an attestor of a performance challenge submits: first a commitment, later what is behind it. */
public sealed interface PerformanceSubmission {
    /** SCALE: a byte for the kind, then the fields. */
    Codec<PerformanceSubmission> CODEC = Codec.of(PerformanceSubmission.class);

    /** A measurement's {@link Measurement#commitment}. */
    @Variant(0)
    record Commit(Hash commitment) implements PerformanceSubmission {}

    /** The measurement and the salt that were committed to. */
    @Variant(1)
    record Reveal(Measurement measurement, Hash salt) implements PerformanceSubmission {}
}
