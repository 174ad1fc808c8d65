package org.datdot.ledger;

/** Where an amendment stands. In SCALE one byte, the ordinal. */
public enum AmendmentStatus {
    /** Providers are at work. */
    IN_PROGRESS,
    /** Every position was filled. */
    DONE,
    /** The attestor reported failures. */
    FAILED,
    /** The attestor was silent. */
    TIMED_OUT,
    /** Its plan ended meanwhile. */
    CANCELLED
}
