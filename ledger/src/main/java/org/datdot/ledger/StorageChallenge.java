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
@Variant(5)
public record StorageChallenge(
        long id, long hoster, List<Check> checks, long createdBlock, long deadlineBlock, ChallengeStatus status)
        implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<StorageChallenge> CODEC = Codec.of(StorageChallenge.class);

    /** Whether it waits for an answer, in time or late. */
    public boolean open() {
        return status == ChallengeStatus.OPEN || status == ChallengeStatus.MISSED;
    }

    StorageChallenge missed(long untilBlock) {
        return new StorageChallenge(id, hoster, checks, createdBlock, untilBlock, ChallengeStatus.MISSED);
    }

    StorageChallenge with(ChallengeStatus newStatus) {
        return new StorageChallenge(id, hoster, checks, createdBlock, deadlineBlock, newStatus);
    }
}
