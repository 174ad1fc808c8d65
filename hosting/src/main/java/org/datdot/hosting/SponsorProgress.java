package org.datdot.hosting;

import org.datdot.crypto.CoreKey;
import org.datdot.ledger.PositionStatus;

/** What a {@link Sponsor} tells while its data is being set up. */
public sealed interface SponsorProgress {

    /** Who is told. Called from the sponsor's thread, never by two at once. */
    @FunctionalInterface
    interface Listener {
        /** Something went on. */
        void on(SponsorProgress progress);
    }

    /** The ledger knows this head of the feed. */
    record FeedKnown(CoreKey key, long lengthBlocks) implements SponsorProgress {}

    /** The plan is on the ledger; {@code resumed} when it was already before this call. */
    record PlanKnown(long plan, int contracts, boolean resumed) implements SponsorProgress {}

    /** A position went from one state to another; amendment and users are 0 while it is vacant. */
    record PositionChanged(
            long contract, int position, PositionStatus status, long amendment, long encoder, long hoster)
            implements SponsorProgress {}

    /** All positions of a contract are active. */
    record ContractHosted(long contract, int hostedContracts, int contracts) implements SponsorProgress {}

    /** All contracts of the plan are hosted. */
    record PlanHosted(long plan) implements SponsorProgress {}
}
