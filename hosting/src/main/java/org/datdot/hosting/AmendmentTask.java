package org.datdot.hosting;

import java.util.List;
import org.datdot.crypto.Hash;
import org.jspecify.annotations.Nullable;

/**
 * An open amendment, with everything its participants need to act on it.
 *
 * @param id the amendment's id
 * @param contract the contract it sets up
 * @param encodedByBlock until when encoders have time, and are not accused
 * @param attestedByBlock until when hosters have time, and are not accused
 * @param deadlineBlock from which block on a silent attestor has failed
 * @param sealing how replicas are to be sealed
 * @param segments the contract's segments
 * @param attestor who checks
 * @param positions who encodes and hosts which position
 */
record AmendmentTask(
        long id,
        long contract,
        long encodedByBlock,
        long attestedByBlock,
        long deadlineBlock,
        int sealing,
        List<ReplicaSegment> segments,
        Party attestor,
        List<Seat> positions) {

    /** Copies the lists. */
    AmendmentTask {
        segments = List.copyOf(segments);
        positions = List.copyOf(positions);
    }

    /** One position of the contract and who is to fill it. */
    record Seat(int position, Party encoder, Party hoster) {}

    /** The seat of a position, or null when the amendment is not about it. */
    @Nullable
    Seat seat(int position) {
        for (Seat seat : positions) if (seat.position() == position) return seat;
        return null;
    }

    /** The name of a position's replica. */
    ReplicaId replica(Seat seat) {
        return new ReplicaId(id, seat.position());
    }

    /** What a position's replica must hold. */
    ReplicaSpec spec(Hash genesis, Seat seat) {
        return new ReplicaSpec(genesis, contract, replica(seat), segments, sealing);
    }
}
