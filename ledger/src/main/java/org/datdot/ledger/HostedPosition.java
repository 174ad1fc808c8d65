package org.datdot.ledger;

/**
 * A position that a user hosts.
 *
 * @param contract the contract
 * @param position its position
 * @param leaves leaves of its replica, which storage challenges are drawn from
 */
public record HostedPosition(long contract, int position, long leaves) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<HostedPosition> CODEC = Codec.of(HostedPosition.class);

    /** Whether it is that position of that contract. */
    public boolean is(long thatContract, int thatPosition) {
        return contract == thatContract && position == thatPosition;
    }
}
