package org.datdot.ledger;

import java.util.List;

/**
 * Leaves drawn over all a hoster stores.
 *
 * @param id its number
 * @param hoster who must answer
 * @param checks the leaves
 * @param createdBlock when it was drawn
 * @param deadlineBlock the last block in which an answer counts
 * @param status where it stands
 */
public record StorageChallenge(
        long id, long hoster, List<Check> checks, long createdBlock, long deadlineBlock, ChallengeStatus status)
        implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<StorageChallenge> CODEC = new Codec<>(
            (encoder, value) -> {
                encoder.compact(value.id());
                encoder.compact(value.hoster());
                Codecs.CHECKS.write().accept(encoder, value.checks());
                encoder.compact(value.createdBlock());
                encoder.compact(value.deadlineBlock());
                Codecs.CHALLENGE_STATUS.write().accept(encoder, value.status());
            },
            decoder -> new StorageChallenge(
                    decoder.compact(),
                    decoder.compact(),
                    Codecs.CHECKS.read().apply(decoder),
                    decoder.compact(),
                    decoder.compact(),
                    Codecs.CHALLENGE_STATUS.read().apply(decoder)));

    StorageChallenge with(ChallengeStatus newStatus) {
        return new StorageChallenge(id, hoster, checks, createdBlock, deadlineBlock, newStatus);
    }
}
