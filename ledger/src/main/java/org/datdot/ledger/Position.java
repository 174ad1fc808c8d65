package org.datdot.ledger;

import java.util.Optional;

/**
 * One of a contract's copies: a paired encoder and hoster, and what became of them.
 *
 * @param status where it stands
 * @param encoder who encodes or encoded; 0 while vacant
 * @param hoster who hosts or will; 0 while vacant
 * @param amendment the amendment that set it up; 0 while vacant
 * @param pricePerGibHour the hoster's price when it was drawn
 * @param reservedBytes bytes counted against the hoster's disk
 * @param replica what is stored, once active
 * @param sinceMs when it became active
 * @param paidUntilMs stored time is paid up to here
 * @param passed storage challenges passed
 * @param paid units paid to the hoster
 */
public record Position(
        PositionStatus status,
        long encoder,
        long hoster,
        long amendment,
        long pricePerGibHour,
        long reservedBytes,
        Optional<ReplicaStatement> replica,
        long sinceMs,
        long paidUntilMs,
        long passed,
        long paid) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Position> CODEC = Codec.of(Position.class);

    /** Nobody there. */
    public static final Position VACANT =
            new Position(PositionStatus.VACANT, 0, 0, 0, 0, 0, Optional.empty(), 0, 0, 0, 0);
}
