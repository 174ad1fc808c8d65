package org.datdot.hypercore;

/** A tree node that is needed is not stored here: the core is sparse at that place. */
final class MissingNodeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MissingNodeException(long index) {
        super("tree node " + index + " is not stored here");
    }
}
