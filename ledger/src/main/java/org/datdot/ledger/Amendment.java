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
 * @param deadlineBlock when the attestor must have reported
 * @param status where it stands
 */
public record Amendment(
        long id,
        long contract,
        AmendmentKind kind,
        long attestor,
        List<Assignment> assignments,
        long createdBlock,
        long deadlineBlock,
        AmendmentStatus status)
        implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Amendment> CODEC = new Codec<>(
            (encoder, value) -> {
                encoder.compact(value.id());
                encoder.compact(value.contract());
                Codecs.AMENDMENT_KIND.write().accept(encoder, value.kind());
                encoder.compact(value.attestor());
                Codecs.ASSIGNMENTS.write().accept(encoder, value.assignments());
                encoder.compact(value.createdBlock());
                encoder.compact(value.deadlineBlock());
                Codecs.AMENDMENT_STATUS.write().accept(encoder, value.status());
            },
            decoder -> new Amendment(
                    decoder.compact(),
                    decoder.compact(),
                    Codecs.AMENDMENT_KIND.read().apply(decoder),
                    decoder.compact(),
                    Codecs.ASSIGNMENTS.read().apply(decoder),
                    decoder.compact(),
                    decoder.compact(),
                    Codecs.AMENDMENT_STATUS.read().apply(decoder)));

    Amendment with(AmendmentStatus newStatus) {
        return new Amendment(id, contract, kind, attestor, assignments, createdBlock, deadlineBlock, newStatus);
    }

    /** The assignment of a position. */
    public Optional<Assignment> assignment(int position) {
        return assignments.stream().filter(one -> one.position() == position).findFirst();
    }
}
