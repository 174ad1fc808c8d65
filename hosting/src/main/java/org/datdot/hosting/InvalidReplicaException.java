package org.datdot.hosting;

/**
 * A replica somebody else made does not hold what it must: a root, a statement, a range proof or a block differs. It says
 * nothing about the local disk; the one who made or forwarded the replica is at fault.
 */
public final class InvalidReplicaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what differs. */
    public InvalidReplicaException(String message) {
        super(message);
    }

    /** Says what differs and how it was found. */
    public InvalidReplicaException(String message, Throwable cause) {
        super(message, cause);
    }
}
