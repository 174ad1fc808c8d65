package org.datdot.ledger;

import org.datdot.crypto.CoreKey;

/**
 * A hypercore known to the ledger.
 *
 * @param id its number
 * @param key its key
 * @param manifest who may sign it, as its manifest is encoded
 * @param publisher the user who published it first
 * @param length the length in blocks of the longest head known
 */
@Variant(1)
public record Feed(long id, CoreKey key, Bytes manifest, long publisher, long length) implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Feed> CODEC = Codec.of(Feed.class);
}
