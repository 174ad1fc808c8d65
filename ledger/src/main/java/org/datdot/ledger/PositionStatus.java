package org.datdot.ledger;

/** Where a position stands. In SCALE one byte, the ordinal. */
public enum PositionStatus {
    /** Nobody is drawn. */
    VACANT,
    /** An amendment is under way. */
    SETUP,
    /** Stored and served. */
    ACTIVE
}
