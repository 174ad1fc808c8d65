package org.datdot.ledger;

import java.util.Optional;
import org.datdot.crypto.PublicKey;

/**
 * An account that takes part: sponsor and provider at once.
 *
 * @param id its number
 * @param account who owns the balance
 * @param signingKey verifies replica statements and receipts
 * @param noiseKey its identity on connections
 * @param form its offer, empty as long as it does not provide
 * @param successes jobs and challenges done
 * @param failures jobs and challenges failed
 * @param disputes accusations it made or met that nobody can decide
 * @param pausedUntilBlock not drawn for a job before this block, because it failed
 * @param pauses its own pauses
 * @param measured what performance challenges found
 * @param strikes jobs it left undone, by kind
 * @param storedBytes encoded bytes it hosts or is setting up
 * @param setupJobs setup jobs it is in now
 */
@Variant(0)
public record User(
        long id,
        AccountId account,
        PublicKey signingKey,
        PublicKey noiseKey,
        Optional<Form> form,
        long successes,
        long failures,
        long disputes,
        long pausedUntilBlock,
        PauseAllowance pauses,
        Measured measured,
        Strikes strikes,
        long storedBytes,
        long setupJobs)
        implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<User> CODEC = Codec.of(User.class);

    /** Somebody new. */
    User(long id, AccountId account, PublicKey signingKey, PublicKey noiseKey) {
        this(
                id,
                account,
                signingKey,
                noiseKey,
                Optional.empty(),
                0,
                0,
                0,
                0,
                PauseAllowance.UNUSED,
                Measured.NEVER,
                Strikes.NONE,
                0,
                0);
    }

    /** Successes less five times the failures and twice the disputes. */
    public long rating() {
        long bad = Math.addExact(Math.multiplyExact(5, failures), Math.multiplyExact(2, disputes));
        return Math.subtractExact(successes, bad);
    }

    /** What a draw counts it with: {@code 10 + rating}, from 1 to 100. */
    public long weight() {
        return Math.clamp(Math.addExact(10, rating()), 1L, 100L);
    }

    /** Whether it is not drawn in a block, because it failed or because it asked for a pause. */
    public boolean pausedAt(long block) {
        return Math.max(pausedUntilBlock, pauses.untilBlock()) > block;
    }

    /** With an offer, or without one; who failed stays paused. */
    User with(Optional<Form> newForm) {
        return with(
                newForm,
                successes,
                failures,
                disputes,
                pausedUntilBlock,
                pauses,
                measured,
                strikes,
                storedBytes,
                setupJobs);
    }

    User succeeded() {
        long more = Math.addExact(successes, 1);
        return with(
                form, more, failures, disputes, pausedUntilBlock, pauses, measured, strikes, storedBytes, setupJobs);
    }

    User failed(long pauseUntilBlock) {
        long until = Math.max(pausedUntilBlock, pauseUntilBlock);
        long more = Math.addExact(failures, 1);
        return with(form, successes, more, disputes, until, pauses, measured, strikes, storedBytes, setupJobs);
    }

    /** Not drawn for a while, without having failed. */
    User suspended(long untilBlock) {
        long until = Math.max(pausedUntilBlock, untilBlock);
        return with(form, successes, failures, disputes, until, pauses, measured, strikes, storedBytes, setupJobs);
    }

    User disputed() {
        long more = Math.addExact(disputes, 1);
        return with(
                form, successes, failures, more, pausedUntilBlock, pauses, measured, strikes, storedBytes, setupJobs);
    }

    User with(PauseAllowance newPauses) {
        return with(
                form,
                successes,
                failures,
                disputes,
                pausedUntilBlock,
                newPauses,
                measured,
                strikes,
                storedBytes,
                setupJobs);
    }

    User with(Measured newMeasured) {
        return with(
                form,
                successes,
                failures,
                disputes,
                pausedUntilBlock,
                pauses,
                newMeasured,
                strikes,
                storedBytes,
                setupJobs);
    }

    User with(Strikes newStrikes) {
        return with(
                form,
                successes,
                failures,
                disputes,
                pausedUntilBlock,
                pauses,
                measured,
                newStrikes,
                storedBytes,
                setupJobs);
    }

    User stored(long moreBytes) {
        long bytes = Math.addExact(storedBytes, moreBytes);
        return with(form, successes, failures, disputes, pausedUntilBlock, pauses, measured, strikes, bytes, setupJobs);
    }

    User jobs(long more) {
        long jobs = Math.addExact(setupJobs, more);
        return with(
                form, successes, failures, disputes, pausedUntilBlock, pauses, measured, strikes, storedBytes, jobs);
    }

    private User with(
            Optional<Form> newForm,
            long newSuccesses,
            long newFailures,
            long newDisputes,
            long newPausedUntil,
            PauseAllowance newPauses,
            Measured newMeasured,
            Strikes newStrikes,
            long newStoredBytes,
            long newSetupJobs) {
        return new User(
                id,
                account,
                signingKey,
                noiseKey,
                newForm,
                newSuccesses,
                newFailures,
                newDisputes,
                newPausedUntil,
                newPauses,
                newMeasured,
                newStrikes,
                newStoredBytes,
                newSetupJobs);
    }
}
