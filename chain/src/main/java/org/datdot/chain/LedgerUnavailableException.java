package org.datdot.chain;

import org.jspecify.annotations.Nullable;

/** The ledger could not be reached, did not answer in time, or its client was closed. */
public final class LedgerUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Says what was tried and what to do. */
    public LedgerUnavailableException(String message) {
        super(message);
    }

    /** Says what was tried and what to do. */
    public LedgerUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
