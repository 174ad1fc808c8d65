package org.datdot.ledger;

/** Where a contract stands. In SCALE one byte, the ordinal. */
public enum ContractStatus {
    /** Not hosted completely yet. */
    SETUP,
    /** Hosted; single positions may be in replacement. */
    HOSTED,
    /** Every copy is gone. */
    LOST,
    /** Its plan has ended. */
    ENDED
}
