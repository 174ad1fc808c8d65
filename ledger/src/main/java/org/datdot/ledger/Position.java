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
 * @param collateral units the hoster left for it
 * @param replica what is stored, once active
 * @param sinceMs when it became active
 * @param paidUntilMs stored time is paid up to here
 * @param unpaidMs how long its hoster was absent in all ({@link Absence}) when it was last paid
 * @param passed times it was paid for passed storage challenges
 * @param paid units paid to the hoster
 * @param reportedMs up to when the hoster has reported what it served
 */
public record Position(
        PositionStatus status,
        long encoder,
        long hoster,
        long amendment,
        long pricePerGibHour,
        long reservedBytes,
        long collateral,
        Optional<ReplicaStatement> replica,
        long sinceMs,
        long paidUntilMs,
        long unpaidMs,
        long passed,
        long paid,
        long reportedMs) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Position> CODEC = Codec.of(Position.class);

    /** Nobody there. */
    public static final Position VACANT =
            new Position(PositionStatus.VACANT, 0, 0, 0, 0, 0, 0, Optional.empty(), 0, 0, 0, 0, 0, 0);

    /** Somebody was drawn. */
    static Position setup(Assignment who, long amendment, long pricePerGibHour, long bytes, long collateral) {
        return new Position(
                PositionStatus.SETUP,
                who.encoder(),
                who.hoster(),
                amendment,
                pricePerGibHour,
                bytes,
                collateral,
                Optional.empty(),
                0,
                0,
                0,
                0,
                0,
                0);
    }

    /** Stored and served from now on. */
    Position active(ReplicaStatement stored, long nowMs, long hosterUnpaidMs) {
        return new Position(
                PositionStatus.ACTIVE,
                encoder,
                hoster,
                amendment,
                pricePerGibHour,
                stored.encodedBytes(),
                collateral,
                Optional.of(stored),
                nowMs,
                nowMs,
                hosterUnpaidMs,
                0,
                0,
                nowMs);
    }

    Position paid(long units, long untilMs, long hosterUnpaidMs) {
        return with(untilMs, hosterUnpaidMs, Math.addExact(passed, 1), Math.addExact(paid, units), reportedMs);
    }

    Position reported(long nowMs) {
        return with(paidUntilMs, unpaidMs, passed, paid, nowMs);
    }

    private Position with(long newPaidUntilMs, long newUnpaidMs, long newPassed, long newPaid, long newReportedMs) {
        return new Position(
                status,
                encoder,
                hoster,
                amendment,
                pricePerGibHour,
                reservedBytes,
                collateral,
                replica,
                sinceMs,
                newPaidUntilMs,
                newUnpaidMs,
                newPassed,
                newPaid,
                newReportedMs);
    }
}
