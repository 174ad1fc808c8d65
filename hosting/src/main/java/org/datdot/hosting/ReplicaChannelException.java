package org.datdot.hosting;

/** A peer broke the rules of the replica channel (docs/protocol.md 4.1). Closes the connection it came from. */
public final class ReplicaChannelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says which rule. */
    public ReplicaChannelException(String message) {
        super(message);
    }
}
