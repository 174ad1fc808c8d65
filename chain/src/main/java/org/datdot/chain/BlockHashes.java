package org.datdot.chain;

import org.datdot.crypto.Hash;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;

/** The hashes that mortal extrinsics of the block after {@code parent} may name. */
record BlockHashes(Header parent, StateReader state) {
    /** The number of the block they are in. */
    long blockNumber() {
        return parent.number() + 1;
    }

    /** The hash of a block, or null when it is not there yet or not kept any more. */
    @Nullable
    Hash of(long number) {
        return number == parent.number()
                ? parent.hash()
                : ChainStorage.BLOCK_HASH.get(state, number).orElse(null);
    }
}
