package org.datdot.ledger;

import java.util.List;
import java.util.Optional;

/**
 * Everything a user owes now; the one entry a node looks at after each block.
 *
 * @param amendments amendments it is drawn for and that are in progress
 * @param hosting positions it stores and serves
 * @param challenge the storage challenge it must answer
 */
public record Jobs(List<Long> amendments, List<HostedPosition> hosting, Optional<Long> challenge) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Jobs> CODEC = new Codec<>(
            (encoder, value) -> {
                Codecs.IDS.write().accept(encoder, value.amendments());
                Codecs.HOSTED_POSITIONS.write().accept(encoder, value.hosting());
                Codecs.OPTIONAL_ID.write().accept(encoder, value.challenge());
            },
            decoder -> new Jobs(
                    Codecs.IDS.read().apply(decoder),
                    Codecs.HOSTED_POSITIONS.read().apply(decoder),
                    Codecs.OPTIONAL_ID.read().apply(decoder)));

    /** Nothing. */
    public static final Jobs NONE = new Jobs(List.of(), List.of(), Optional.empty());
}
