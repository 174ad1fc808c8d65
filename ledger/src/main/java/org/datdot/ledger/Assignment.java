package org.datdot.ledger;

/**
 * Who was drawn for one position.
 *
 * @param position which of the contract's positions
 * @param encoder the encoder
 * @param hoster the hoster
 */
public record Assignment(int position, long encoder, long hoster) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Assignment> CODEC = new Codec<>(
            (encoder, value) -> {
                encoder.u8(value.position());
                encoder.compact(value.encoder());
                encoder.compact(value.hoster());
            },
            decoder -> new Assignment(decoder.u8(), decoder.compact(), decoder.compact()));
}
