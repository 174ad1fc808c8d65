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
 * @param pausedUntilBlock not drawn for a job before this block
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
        long pausedUntilBlock,
        long storedBytes,
        long setupJobs)
        implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<User> CODEC = Codec.of(User.class);

    /** Successes less five times the failures. */
    public long rating() {
        return Math.subtractExact(successes, Math.multiplyExact(5, failures));
    }

    /** What a draw counts it with: {@code 10 + rating}, from 1 to 100. */
    public long weight() {
        return Math.clamp(Math.addExact(10, rating()), 1L, 100L);
    }

    User with(Form newForm) {
        return new User(
                id,
                account,
                signingKey,
                noiseKey,
                Optional.of(newForm),
                successes,
                failures,
                0,
                storedBytes,
                setupJobs);
    }

    User succeeded() {
        return new User(
                id,
                account,
                signingKey,
                noiseKey,
                form,
                Math.addExact(successes, 1),
                failures,
                pausedUntilBlock,
                storedBytes,
                setupJobs);
    }

    User failed(long pauseUntilBlock) {
        return new User(
                id,
                account,
                signingKey,
                noiseKey,
                form,
                successes,
                Math.addExact(failures, 1),
                Math.max(pausedUntilBlock, pauseUntilBlock),
                storedBytes,
                setupJobs);
    }

    User stored(long moreBytes) {
        long bytes = Math.addExact(storedBytes, moreBytes);
        return new User(
                id, account, signingKey, noiseKey, form, successes, failures, pausedUntilBlock, bytes, setupJobs);
    }

    User jobs(long more) {
        long jobs = Math.addExact(setupJobs, more);
        return new User(
                id, account, signingKey, noiseKey, form, successes, failures, pausedUntilBlock, storedBytes, jobs);
    }
}
