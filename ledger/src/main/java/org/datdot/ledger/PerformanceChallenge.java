package org.datdot.ledger;

import java.util.List;
import java.util.Optional;
import org.datdot.crypto.Hash;

/**
 * Attestors drawn to read from a hoster as ordinary readers, and what they found.
 *
 * @param id its number
 * @param hoster who is measured
 * @param contract the contract to read from
 * @param position the hoster's position in it
 * @param reports one for each attestor
 * @param commitUntilBlock the last block for commitments
 * @param revealUntilBlock the last block to reveal in
 * @param status where it stands
 */
@Variant(6)
public record PerformanceChallenge(
        long id,
        long hoster,
        long contract,
        int position,
        List<Report> reports,
        long commitUntilBlock,
        long revealUntilBlock,
        PerformanceStatus status)
        implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<PerformanceChallenge> CODEC = Codec.of(PerformanceChallenge.class);

    /**
     * An attestor's part.
     *
     * @param attestor the attestor
     * @param commitment what it committed to
     * @param measurement what it revealed
     */
    public record Report(long attestor, Optional<Hash> commitment, Optional<Measurement> measurement) {
        static final Codec<Report> CODEC = Codec.of(Report.class);
    }

    /** The part of an attestor, if it is one. */
    public Optional<Report> report(long attestor) {
        return reports.stream().filter(one -> one.attestor() == attestor).findFirst();
    }

    PerformanceChallenge with(Report report) {
        List<Report> changed = reports.stream()
                .map(one -> one.attestor() == report.attestor() ? report : one)
                .toList();
        return new PerformanceChallenge(
                id, hoster, contract, position, changed, commitUntilBlock, revealUntilBlock, status);
    }

    PerformanceChallenge with(PerformanceStatus newStatus) {
        return new PerformanceChallenge(
                id, hoster, contract, position, reports, commitUntilBlock, revealUntilBlock, newStatus);
    }
}
