package org.datdot.ledger;

/** Where a storage challenge stands. In SCALE one byte, the ordinal. */
public enum ChallengeStatus {
    /** Waits for its answer. */
    OPEN,
    /** Answered. */
    PASSED,
    /** Not answered in time. */
    FAILED,
    /** What it asks for is not hosted any more. */
    CANCELLED
}
