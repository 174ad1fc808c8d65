package org.datdot.hypercore;

/** A proof, signature or manifest from outside does not verify. It says nothing about the local core: drop the sender. */
public final class InvalidProofException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what did not verify. */
    public InvalidProofException(String message) {
        super(message);
    }

    /** Says what did not verify and what it failed with. */
    public InvalidProofException(String message, Throwable cause) {
        super(message, cause);
    }
}
