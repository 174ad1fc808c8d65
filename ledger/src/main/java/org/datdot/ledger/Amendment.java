package org.datdot.ledger;

import java.util.List;
import java.util.Optional;

/**
 * A change to who hosts a contract, while it is made.
 *
 * @param id its number
 * @param contract the contract
 * @param kind why it was drawn
 * @param attestor who verifies and reports
 * @param assignments who was drawn, for each position
 * @param createdBlock when it was drawn
 * @param encodedByBlock until when encoders have time; none is accused before
 * @param attestedByBlock until when the attestor has time to check and hand on; no hoster is accused before
 * @param deadlineBlock when the attestor must have reported
 * @param status where it stands
 */
@Variant(4)
public record Amendment(
        long id,
        long contract,
        AmendmentKind kind,
        long attestor,
        List<Assignment> assignments,
        long createdBlock,
        long encodedByBlock,
        long attestedByBlock,
        long deadlineBlock,
        AmendmentStatus status)
        implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Amendment> CODEC = Codec.of(Amendment.class);

    Amendment with(AmendmentStatus newStatus) {
        return new Amendment(
                id,
                contract,
                kind,
                attestor,
                assignments,
                createdBlock,
                encodedByBlock,
                attestedByBlock,
                deadlineBlock,
                newStatus);
    }

    /** The assignment of a position. */
    public Optional<Assignment> assignment(int position) {
        return assignments.stream().filter(one -> one.position() == position).findFirst();
    }
}
