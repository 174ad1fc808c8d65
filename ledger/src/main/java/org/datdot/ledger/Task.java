package org.datdot.ledger;

/**
 * Something the ledger does by itself in a later block.
 *
 * @param kind what
 * @param id of the amendment, challenge or user it is about
 */
record Task(Kind kind, long id) {
    static final Codec<Task> CODEC = new Codec<>(
            (encoder, value) -> {
                Kind.CODEC.write().accept(encoder, value.kind());
                encoder.compact(value.id());
            },
            decoder -> new Task(Kind.CODEC.read().apply(decoder), decoder.compact()));

    enum Kind {
        AMENDMENT_DEADLINE,
        DRAW_STORAGE_CHALLENGE,
        CHALLENGE_DEADLINE;

        static final Codec<Kind> CODEC = Codec.constant(Kind.class);
    }
}
