package org.datdot.chain;

import java.util.List;

/**
 * What a round came to.
 *
 * @param included the extrinsics that took effect, applied or rejected by the pallet: with the header they are the block
 * @param refused those which leave no trace
 * @param changes what to write to the state
 * @param events in order; their indexes are those of the included extrinsics
 */
public record RoundResult(
        List<Extrinsic> included, List<Refusal> refused, StateChanges changes, List<EventRecord> events) {
    /**
     * An extrinsic that cannot be in this round.
     *
     * @param index its place in the round
     * @param reason the kind a pool refuses such an extrinsic with
     * @param detail for people
     */
    public record Refusal(int index, PoolException.Kind reason, String detail) {}

    /** Keeps lists that cannot change. */
    public RoundResult {
        included = List.copyOf(included);
        refused = List.copyOf(refused);
        events = List.copyOf(events);
    }
}
