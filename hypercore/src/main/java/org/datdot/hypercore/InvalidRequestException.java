package org.datdot.hypercore;

/** A remote asked for something no honest reader asks for (out of bounds, contradictory). Count it against the sender. */
public final class InvalidRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what is wrong with the request. */
    public InvalidRequestException(String message) {
        super(message);
    }
}
