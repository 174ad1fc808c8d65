package org.datdot.chain;

import java.util.List;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.encoding.ScaleEncoder;
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

    /** The state root after these changes (docs/protocol.md 6). */
    Hash root(Hash previousRoot) {
        ScaleEncoder out = new ScaleEncoder();
        out.list(list, (to, change) -> to.bytes(change.key).option(change.value, ScaleEncoder::bytes));
        return new Hash(Blake2b.hash(previousRoot.bytes(), out.toBytes()));
    }
}
