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
    public static final Codec<Check> CODEC = Codec.of(Check.class);
}
