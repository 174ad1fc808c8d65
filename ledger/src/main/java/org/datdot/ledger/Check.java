package org.datdot.ledger;

/**
 * One leaf a hoster must show.
 *
 * @param contract the contract
 * @param position its position
 * @param leafIndex which leaf of the replica
 */
public record Check(long contract, int position, long leafIndex) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Check> CODEC = new Codec<>(
            (encoder, value) -> {
                encoder.compact(value.contract());
                encoder.u8(value.position());
                encoder.compact(value.leafIndex());
            },
            decoder -> new Check(decoder.compact(), decoder.u8(), decoder.compact()));
}
