package org.datdot.ledger;

/**
 * Something the ledger does by itself in a later block.
 *
 * @param kind what
 * @param id of the amendment, challenge or user it is about
 */
record Task(Kind kind, long id) {
    static final Codec<Task> CODEC = Codec.of(Task.class);

    enum Kind {
        AMENDMENT_DEADLINE,
        DRAW_STORAGE_CHALLENGE,
        CHALLENGE_DEADLINE
    }
}
