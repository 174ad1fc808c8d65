package org.datdot.ledger;

/** Thrown inside a call's execution to reject it; {@link Pallet#apply} turns it into a {@link DispatchResult}. Carries no stack trace. */
final class Rejection extends RuntimeException {
    private final transient LedgerError error;

    Rejection(LedgerError error, String detail) {
        super(detail, null, false, false);
        this.error = error;
    }

    LedgerError error() {
        return error;
    }

    String detail() {
        return String.valueOf(getMessage());
    }

    /** Rejects unless a condition holds. */
    static void unless(boolean holds, LedgerError error, String detail) {
        if (!holds) {
            throw new Rejection(error, detail);
        }
    }
}
