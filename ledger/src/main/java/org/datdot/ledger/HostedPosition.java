package org.datdot.ledger;

/**
 * A position that a user hosts.
 *
 * @param contract the contract
 * @param position its position
 */
public record HostedPosition(long contract, int position) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<HostedPosition> CODEC = Codec.of(HostedPosition.class);
}
