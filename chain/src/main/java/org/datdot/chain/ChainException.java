package org.datdot.chain;

import org.jspecify.annotations.Nullable;

/** The chain's data cannot be opened, read or extended. The message says what to do; what is stored stays as it is. */
public final class ChainException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What went wrong. */
    public enum Kind {
        /** Another process has the data directory open. */
        IN_USE,
        /** There is no chain in the directory. */
        NOT_FOUND,
        /** The directory holds a chain with another genesis. */
        OTHER_CHAIN,
        /** The directory was written by a version of DatDot whose format this one does not know. */
        UNKNOWN_VERSION,
        /** The database or a block in it is damaged. */
        DAMAGED,
        /** A part of a state is not kept any more. */
        STATE_GONE,
        /** The disk is full. */
        NO_SPACE,
        /** The operating system refuses to read or write. */
        IO,
        /** A block breaks a rule of the chain. */
        INVALID_BLOCK,
        /** An earlier write failed; the chain is read-only until it is opened again. */
        STOPPED,
        /** The chain was closed. */
        CLOSED,
        /** The address to listen on is taken or cannot be used. */
        ADDRESS
    }

    private final Kind kind;

    ChainException(Kind kind, String message) {
        this(kind, message, null);
    }

    ChainException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What was given is not the chain it is said to be, or breaks its rules. */
    public static ChainException notTheChain(String why) {
        return new ChainException(Kind.INVALID_BLOCK, why);
    }

    /** What went wrong. */
    public Kind kind() {
        return kind;
    }
}
