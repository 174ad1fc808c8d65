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
    public static final Codec<Assignment> CODEC = Codec.of(Assignment.class);
}
