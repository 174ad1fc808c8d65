package org.datdot.hypercore;

/**
 * What a handle may do and what it keeps going.
 *
 * @param readOnly whether it refuses to append and to truncate, key pair or not
 * @param weak whether the core fetches nothing for its sake
 * @param exclusive whether no other exclusive handle may be open beside it
 * @param marking whether it marks the blocks that are read as those to keep
 */
record HandleKind(boolean readOnly, boolean weak, boolean exclusive, boolean marking) {
    static final HandleKind PLAIN = new HandleKind(false, false, false, false);
    static final HandleKind READ_ONLY = new HandleKind(true, false, false, false);
    static final HandleKind WEAK = new HandleKind(false, true, false, false);

    /** For another handle made from one of this kind. */
    HandleKind shared() {
        return new HandleKind(readOnly, weak, false, marking);
    }

    HandleKind alone() {
        return new HandleKind(readOnly, weak, true, marking);
    }

    HandleKind keeping() {
        return new HandleKind(readOnly, weak, false, true);
    }

    HandleKind reading() {
        return new HandleKind(true, weak, false, marking);
    }
}
