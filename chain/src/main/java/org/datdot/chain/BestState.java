package org.datdot.chain;

import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;

/** Reads the state of whatever block is best at each read. */
record BestState(Chain chain) implements StateReader {
    @Override
    public byte @Nullable [] get(byte[] key) {
        return chain.best().state().get(key);
    }

    @Override
    public void forEach(byte[] prefix, Visitor visitor) {
        chain.best().state().forEach(prefix, visitor);
    }
}
