package org.datdot.ledger;

/** Why an amendment was drawn. In SCALE one byte, the ordinal. */
public enum AmendmentKind {
    /** The contract's first. */
    HOSTING_SETUP,
    /** Positions that a former setup did not fill. */
    RETRY,
    /** A hoster failed. */
    HOSTER_REPLACEMENT
}
