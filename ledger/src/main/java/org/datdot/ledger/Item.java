package org.datdot.ledger;

/** Any object of the ledger; all share one space of ids. SCALE: a byte for the kind, then the object. */
public sealed interface Item
        permits User, Feed, Plan, Contract, Amendment, StorageChallenge, PerformanceChallenge, Accusation {
    /** How items are written. */
    Codec<Item> CODEC = Codec.of(Item.class);

    /** Its number. */
    long id();
}
