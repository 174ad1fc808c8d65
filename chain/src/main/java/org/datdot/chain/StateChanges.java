package org.datdot.chain;

import java.util.ArrayList;
import java.util.List;
import org.datdot.ledger.OverlayState;
import org.jspecify.annotations.Nullable;

/**
 * What a block changes in the state, in the order of keys.
 *
 * @param list one change a key
 */
public record StateChanges(List<Change> list) {
    /** What an overlay changed. */
    static StateChanges of(OverlayState overlay) {
        List<Change> list = new ArrayList<>();
        overlay.changes().forEach((key, value) -> list.add(new Change(key, value.orElse(null))));
        return new StateChanges(list);
    }

    /** An entry's new value, or null where it was deleted. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Change(byte[] key, byte @Nullable [] value) {}
}
