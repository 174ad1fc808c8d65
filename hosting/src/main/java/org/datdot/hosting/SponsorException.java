package org.datdot.hosting;

/** A sponsor's data cannot be hosted as asked; the message says why and what to do. */
public final class SponsorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says why and what to do. */
    public SponsorException(String message) {
        super(message);
    }
}
