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
@Variant(3)
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
    public static final Codec<Contract> CODEC = Codec.of(Contract.class);

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
