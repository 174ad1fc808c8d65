package org.datdot.chain;

import org.datdot.ledger.LedgerError;

/** The ledger executed a call and rejected it by one of its rules. Sending the same call again fails again until the state changed. */
public final class LedgerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final LedgerError error;
    private final String detail;

    /**
     * @param error the rule that was broken
     * @param detail what exactly did not fit
     */
    public LedgerException(LedgerError error, String detail) {
        super(detail.isEmpty() ? error.toString() : error + ": " + detail);
        this.error = error;
        this.detail = detail;
    }

    /** The rule that was broken. */
    public LedgerError error() {
        return error;
    }

    /** What exactly did not fit; may be empty. */
    public String detail() {
        return detail;
    }
}
