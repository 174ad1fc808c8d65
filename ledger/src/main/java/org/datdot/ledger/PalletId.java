package org.datdot.ledger;

/** The parts of the ledger that clients see, under their names and numbers in calls, events, errors and storage keys. */
public enum PalletId {
    /** Accounts, blocks, and what became of extrinsics. */
    SYSTEM(0, "System"),
    /** Hosting. */
    DATDOT(1, "DatDot"),
    /** Units. */
    BALANCES(2, "Balances"),
    /** Time. */
    TIMESTAMP(3, "Timestamp");

    private final int index;
    private final String palletName;

    PalletId(int index, String palletName) {
        this.index = index;
        this.palletName = palletName;
    }

    /** Its number. */
    public int index() {
        return index;
    }

    /** Its name. */
    public String palletName() {
        return palletName;
    }
}
