package org.datdot.dht;

/** Why something the DHT was asked for did not happen. */
public final class DhtException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What went wrong, for programs. */
    public enum Reason {
        /** A node did not answer, however often it was asked. */
        TIMEOUT,
        /** No node answered that could store something: there is no network, or this node is cut off. */
        TOO_FEW_NODES,
        /** Every node that was asked to store something refused. */
        REFUSED,
        /** A newer mutable value is stored, or another one under the same number. */
        OUTDATED,
        /** More is under way than this node allows itself. */
        BUSY,
        /** This node was suspended. */
        SUSPENDED,
        /** This node was closed. */
        CLOSED,
        /** The calling thread was interrupted. */
        INTERRUPTED
    }

    private final Reason reason;

    /** Says what went wrong. */
    public DhtException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** With a message for people. */
    static DhtException of(Reason reason) {
        return new DhtException(
                reason,
                switch (reason) {
                    case TIMEOUT -> "no answer came";
                    case TOO_FEW_NODES -> "no node answered that could store something; check the bootstrap nodes";
                    case REFUSED -> "every node that was asked to store something refused";
                    case OUTDATED -> "a newer value, or another one with this number, is stored; use a higher number";
                    case BUSY -> "too many requests are under way; try again later";
                    case SUSPENDED -> "the node was suspended";
                    case CLOSED -> "the node was closed";
                    case INTERRUPTED -> "interrupted while waiting for the DHT";
                });
    }

    /** What went wrong. */
    public Reason reason() {
        return reason;
    }
}
