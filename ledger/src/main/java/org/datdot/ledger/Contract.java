package org.datdot.ledger;

import java.util.List;

/**
 * A part of a plan, small enough to be set up at once.
 *
 * @param id its number
 * @param plan the plan it belongs to
 * @param segments its blocks, in order
 * @param estimatedBytes how large it is about, from the feeds' sizes
 * @param status where it stands
 * @param hostedOnce whether all positions were active at some time
 * @param amendments amendments drawn for it so far
 * @param positions its copies
 */
public record Contract(
        long id,
        long plan,
        List<Segment> segments,
        long estimatedBytes,
        ContractStatus status,
        boolean hostedOnce,
        long amendments,
        List<Position> positions)
        implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Contract> CODEC = new Codec<>(
            (encoder, value) -> {
                encoder.compact(value.id());
                encoder.compact(value.plan());
                Codecs.SEGMENTS.write().accept(encoder, value.segments());
                encoder.compact(value.estimatedBytes());
                Codecs.CONTRACT_STATUS.write().accept(encoder, value.status());
                encoder.bool(value.hostedOnce());
                encoder.compact(value.amendments());
                Codecs.POSITIONS.write().accept(encoder, value.positions());
            },
            decoder -> new Contract(
                    decoder.compact(),
                    decoder.compact(),
                    Codecs.SEGMENTS.read().apply(decoder),
                    decoder.compact(),
                    Codecs.CONTRACT_STATUS.read().apply(decoder),
                    decoder.bool(),
                    decoder.compact(),
                    Codecs.POSITIONS.read().apply(decoder)));

    /** How many blocks. */
    public long blocks() {
        return segments.stream().mapToLong(Segment::blocks).sum();
    }

    /** Whether all copies are there. */
    public boolean complete() {
        return positions.stream().allMatch(position -> position.status() == PositionStatus.ACTIVE);
    }

    Contract with(int position, Position value) {
        java.util.ArrayList<Position> changed = new java.util.ArrayList<>(positions);
        changed.set(position, value);
        return new Contract(id, plan, segments, estimatedBytes, status, hostedOnce, amendments, List.copyOf(changed));
    }

    Contract with(ContractStatus newStatus, boolean newHostedOnce) {
        return new Contract(id, plan, segments, estimatedBytes, newStatus, newHostedOnce, amendments, positions);
    }

    Contract amended() {
        return new Contract(
                id, plan, segments, estimatedBytes, status, hostedOnce, Math.addExact(amendments, 1), positions);
    }
}
