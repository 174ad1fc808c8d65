package org.datdot.ledger;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of a plan, small enough to be set up at once.
 *
 * @param id its number
 * @param plan the plan it belongs to
 * @param part which part of the plan's program, from 0
 * @param segments its blocks, in order
 * @param estimatedBytes how large it is about, from the feeds' sizes
 * @param status where it stands
 * @param hostedOnce whether all positions were active at some time
 * @param amendments amendments drawn for it so far
 * @param unreachable amendments in a row whose encoders could not reach any source
 * @param retryBlock not drawn for before this block; 0 means at any time
 * @param positions its copies
 */
@Variant(3)
public record Contract(
        long id,
        long plan,
        int part,
        List<Segment> segments,
        long estimatedBytes,
        ContractStatus status,
        boolean hostedOnce,
        long amendments,
        long unreachable,
        long retryBlock,
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

    /** Whether it goes on: neither lost nor over. */
    public boolean open() {
        return status == ContractStatus.SETUP || status == ContractStatus.HOSTED;
    }

    Contract with(int position, Position value) {
        List<Position> changed = new ArrayList<>(positions);
        changed.set(position, value);
        return with(status, hostedOnce, amendments, unreachable, retryBlock, List.copyOf(changed));
    }

    Contract with(ContractStatus newStatus, boolean newHostedOnce) {
        return with(newStatus, newHostedOnce, amendments, unreachable, retryBlock, positions);
    }

    Contract amended() {
        return with(status, hostedOnce, Math.addExact(amendments, 1), unreachable, 0, positions);
    }

    Contract reached() {
        return with(status, hostedOnce, amendments, 0, 0, positions);
    }

    Contract unreachable(long newRetryBlock) {
        return with(status, hostedOnce, amendments, Math.addExact(unreachable, 1), newRetryBlock, positions);
    }

    private Contract with(
            ContractStatus newStatus,
            boolean newHostedOnce,
            long newAmendments,
            long newUnreachable,
            long newRetryBlock,
            List<Position> newPositions) {
        return new Contract(
                id,
                plan,
                part,
                segments,
                estimatedBytes,
                newStatus,
                newHostedOnce,
                newAmendments,
                newUnreachable,
                newRetryBlock,
                newPositions);
    }
}
