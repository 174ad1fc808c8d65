package org.datdot.ledger;

/** What a payment is for. In SCALE one byte, the ordinal. */
public enum PaymentReason {
    /** A replica was encoded. */
    ENCODING,
    /** A setup was verified and reported. */
    ATTESTING,
    /** Data was stored, and that was proven. */
    STORING,
    /** A hoster was measured. */
    MEASURING
}
