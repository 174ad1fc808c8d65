package org.datdot.ledger;

/**
 * Something the ledger does by itself in a later block.
 *
 * @param kind what
 * @param id of the object it is about
 * @param from where to go on, for what is done in steps
 */
record Task(Kind kind, long id, long from) {
    static final Codec<Task> CODEC = Codec.of(Task.class);

    Task(Kind kind, long id) {
        this(kind, id, 0);
    }

    enum Kind {
        AMENDMENT_DEADLINE,
        DRAW_STORAGE_CHALLENGE,
        CHALLENGE_DEADLINE,
        /** The id is a contract's. */
        RETRY_CONTRACT,
        ACCUSATION_DEADLINE,
        DRAW_PERFORMANCE_CHALLENGE,
        COMMIT_DEADLINE,
        REVEAL_DEADLINE,
        /** From a place in the hoster's list. */
        PAY_HOSTER,
        DROP_HOSTER,
        /** From a place in the plan's list of contracts; so are the next two. */
        END_PLAN,
        DROP_PARTS,
        RESUME_PLAN,
        /** From a place among the feed's followers. */
        GROW_PLANS;
    }
}
