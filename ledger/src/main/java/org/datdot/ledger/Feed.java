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
public record Feed(long id, CoreKey key, Bytes manifest, long publisher, long length) implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Feed> CODEC = new Codec<>(
            (encoder, value) -> {
                encoder.compact(value.id());
                Codecs.CORE_KEY.write().accept(encoder, value.key());
                Bytes.CODEC.write().accept(encoder, value.manifest());
                encoder.compact(value.publisher());
                encoder.compact(value.length());
            },
            decoder -> new Feed(
                    decoder.compact(),
                    Codecs.CORE_KEY.read().apply(decoder),
                    Bytes.CODEC.read().apply(decoder),
                    decoder.compact(),
                    decoder.compact()));
}
