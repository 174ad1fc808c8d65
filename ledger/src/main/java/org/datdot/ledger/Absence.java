package org.datdot.ledger;

/**
 * A hoster that missed a storage challenge: it is not drawn, asked for anything else or paid until it answers that challenge, and keeps its positions
 * and its collateral if it does so in time (docs/protocol.md 5.5).
 *
 * @param sinceBlock when it was missed
 * @param untilBlock the last block in which it may come back; 0 when it is not absent
 * @param periodBlock when the period in progress began, in which absences are counted; 0 before the first
 * @param usedBlocks blocks it was absent in this period, before this absence
 * @param unpaidMs how long it was not paid for, in all absences that are over
 */
public record Absence(long sinceBlock, long untilBlock, long periodBlock, long usedBlocks, long unpaidMs) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Absence> CODEC = Codec.of(Absence.class);

    /** Never absent. */
    public static final Absence NEVER = new Absence(0, 0, 0, 0, 0);

    /** Whether it has still to come back. */
    public boolean now() {
        return untilBlock != 0;
    }

    /** Absent from a block on, for as long as the allowance of a period still has; at least for that block. */
    Absence begin(long block, Periods periods) {
        boolean fresh = periodBlock == 0 || block >= Math.addExact(periodBlock, periods.absencePeriod());
        long used = fresh ? 0 : usedBlocks;
        long left = Math.max(0, periods.absenceAllowance() - used);
        return new Absence(block, Math.addExact(block, left), fresh ? block : periodBlock, used, unpaidMs);
    }

    /** Back in a block, after a time that is not paid for. */
    Absence end(long block, long moreUnpaidMs) {
        long used = Math.addExact(usedBlocks, Math.max(0, block - sinceBlock));
        return new Absence(0, 0, periodBlock, used, Math.addExact(unpaidMs, Math.max(0, moreUnpaidMs)));
    }
}
