package org.datdot.hypercore;

/** A block is not here and no peer has sent it in the time given. */
public final class BlockNotAvailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says which block, and what was tried. */
    public BlockNotAvailableException(String message) {
        super(message);
    }
}
