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
    public static final Codec<Jobs> CODEC = Codec.of(Jobs.class);

    /** Nothing. */
    public static final Jobs NONE = new Jobs(List.of(), List.of(), Optional.empty());
}
