package org.datdot.ledger;

/** Where a performance challenge stands. In SCALE one byte, the ordinal. */
public enum PerformanceStatus {
    /** Attestors measure and commit. */
    COMMITTING,
    /** They reveal. */
    REVEALING,
    /** The median counts. */
    SETTLED,
    /** Nobody revealed, or the position is gone. */
    VOID
}
