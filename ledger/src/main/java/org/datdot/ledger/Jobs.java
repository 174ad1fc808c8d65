package org.datdot.ledger;

import java.util.List;
import java.util.Optional;

/**
 * Everything a user owes now; the one entry a node looks at after each block.
 *
 * @param amendments amendments it is drawn for and that are in progress
 * @param hosting positions it stores and serves
 * @param challenge the storage challenge it must answer
 * @param performances performance challenges it must measure for
 * @param accusations accusations against it which it may contradict
 */
public record Jobs(
        List<Long> amendments,
        List<HostedPosition> hosting,
        Optional<Long> challenge,
        List<Long> performances,
        List<Long> accusations) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Jobs> CODEC = Codec.of(Jobs.class);

    /** Nothing. */
    public static final Jobs NONE = new Jobs(List.of(), List.of(), Optional.empty(), List.of(), List.of());

    Jobs withAmendments(List<Long> ids) {
        return new Jobs(ids, hosting, challenge, performances, accusations);
    }

    Jobs withHosting(List<HostedPosition> positions) {
        return new Jobs(amendments, positions, challenge, performances, accusations);
    }

    Jobs withChallenge(Optional<Long> id) {
        return new Jobs(amendments, hosting, id, performances, accusations);
    }

    Jobs withPerformances(List<Long> ids) {
        return new Jobs(amendments, hosting, challenge, ids, accusations);
    }

    Jobs withAccusations(List<Long> ids) {
        return new Jobs(amendments, hosting, challenge, performances, ids);
    }
}
