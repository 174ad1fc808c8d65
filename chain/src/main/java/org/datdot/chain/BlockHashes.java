package org.datdot.chain;

import org.datdot.crypto.Hash;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;

/** The hashes that mortal extrinsics of the block after the parent may name. */
record BlockHashes(long parentNumber, Hash parentHash, StateReader state) {
    /** The number of the block they are in. */
    long blockNumber() {
        return parentNumber + 1;
    }

    /** The hash of a block, or null when it is not there yet or not kept any more. */
    @Nullable
    Hash of(long number) {
        return number == parentNumber
                ? parentHash
                : ChainStorage.BLOCK_HASH.get(state, number).orElse(null);
    }
}
