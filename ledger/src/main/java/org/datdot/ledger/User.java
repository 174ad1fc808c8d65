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
 * @param absence whether it is missed, and was before
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
        Absence absence,
        long storedBytes,
        long setupJobs)
        implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<User> CODEC = Codec.of(User.class);

    private static final long MOST_UPLOAD = 125_000_000;

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
                Absence.NEVER,
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

    /** Bytes in a second it is believed to send at most: what its offer says, and no more than a gigabit. */
    public long uploadLimit() {
        return form.map(Form::uploadBytesPerSecond)
                .filter(said -> said > 0)
                .map(said -> Math.min(said, MOST_UPLOAD))
                .orElse(MOST_UPLOAD);
    }

    /** Whether it is not drawn in a block, because it failed, because it asked for a pause, or because it is missed. */
    public boolean pausedAt(long block) {
        return Math.max(Math.max(pausedUntilBlock, pauses.untilBlock()), absence.untilBlock()) > block;
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
                absence,
                storedBytes,
                setupJobs);
    }

    User succeeded() {
        long more = Math.addExact(successes, 1);
        return with(
                form,
                more,
                failures,
                disputes,
                pausedUntilBlock,
                pauses,
                measured,
                strikes,
                absence,
                storedBytes,
                setupJobs);
    }

    User failed(long pauseUntilBlock) {
        long until = Math.max(pausedUntilBlock, pauseUntilBlock);
        long more = Math.addExact(failures, 1);
        return with(form, successes, more, disputes, until, pauses, measured, strikes, absence, storedBytes, setupJobs);
    }

    /** Not drawn for a while, without having failed. */
    User suspended(long untilBlock) {
        long until = Math.max(pausedUntilBlock, untilBlock);
        return with(
                form, successes, failures, disputes, until, pauses, measured, strikes, absence, storedBytes, setupJobs);
    }

    User disputed() {
        long more = Math.addExact(disputes, 1);
        return with(
                form,
                successes,
                failures,
                more,
                pausedUntilBlock,
                pauses,
                measured,
                strikes,
                absence,
                storedBytes,
                setupJobs);
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
                absence,
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
                absence,
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
                absence,
                storedBytes,
                setupJobs);
    }

    User with(Absence newAbsence) {
        return with(
                form,
                successes,
                failures,
                disputes,
                pausedUntilBlock,
                pauses,
                measured,
                strikes,
                newAbsence,
                storedBytes,
                setupJobs);
    }

    User stored(long moreBytes) {
        long bytes = Math.addExact(storedBytes, moreBytes);
        return with(
                form,
                successes,
                failures,
                disputes,
                pausedUntilBlock,
                pauses,
                measured,
                strikes,
                absence,
                bytes,
                setupJobs);
    }

    User jobs(long more) {
        long jobs = Math.addExact(setupJobs, more);
        return with(
                form,
                successes,
                failures,
                disputes,
                pausedUntilBlock,
                pauses,
                measured,
                strikes,
                absence,
                storedBytes,
                jobs);
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
            Absence newAbsence,
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
                newAbsence,
                newStoredBytes,
                newSetupJobs);
    }
}
