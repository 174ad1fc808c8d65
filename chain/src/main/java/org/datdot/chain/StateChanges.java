package org.datdot.chain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a block changed, in the order of keys.
 *
 * @param list one change a key
 */
record StateChanges(List<Change> list) {
    /** An entry's new value, or null where it was deleted. */
    @SuppressWarnings("ArrayRecordComponent")
    record Change(byte[] key, byte @Nullable [] value) {}
}
