package org.datdot.ledger;

import org.jspecify.annotations.Nullable;

/** The ledger's state as seen by who may not change it: a map from byte keys to byte values. Keys are ordered as unsigned bytes. */
public interface StateReader {
    /** The value under a key, or null; the caller must not change the array. */
    byte @Nullable [] get(byte[] key);

    /** Shows every entry whose key begins with {@code prefix}, in key order. */
    void forEach(byte[] prefix, Visitor visitor);

    /** Sees entries. */
    interface Visitor {
        /** One entry; false ends the walk. */
        boolean visit(byte[] key, byte[] value);
    }
}
