package org.datdot.ledger;

/** Where a storage challenge stands. In SCALE one byte, the ordinal. */
public enum ChallengeStatus {
    /** Waits for its answer. */
    OPEN,
    /** Answered. */
    PASSED,
    /** Not answered, and the hoster did not come back. */
    FAILED,
    /** What it asks for is not hosted any more. */
    CANCELLED,
    /** Not answered in time; the hoster is absent, and may still come back with the answer. */
    MISSED
}
