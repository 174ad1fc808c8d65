package org.datdot.ledger;

/** Where a plan stands. In SCALE one byte, the ordinal. */
public enum PlanStatus {
    /** Not all of it is hosted yet. */
    SETUP,
    /** All of it is, or was, hosted. */
    HOSTED,
    /** Over: its time, its budget, or all its copies are gone. */
    ENDED,
    /** About to be over: its contracts are released, some in each block. */
    ENDING
}
