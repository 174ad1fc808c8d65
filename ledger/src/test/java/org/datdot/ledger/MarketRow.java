package org.datdot.ledger;

import java.util.Locale;

/**
 * What became of the providers of one strategy, in units for one of them.
 *
 * @param strategy its name
 * @param count how many there are
 * @param gained what one gained, or lost
 * @param slashed collateral one lost
 * @param caught how many were paused or slashed
 * @param caughtDays how many days after it began to host, in the middle
 * @param failures what the ledger counts of one
 * @param disputes the same
 * @param notStored of a hundred positions, those its fellows let it prove without storing them
 */
record MarketRow(
        String strategy,
        int count,
        long gained,
        long slashed,
        int caught,
        double caughtDays,
        double failures,
        double disputes,
        double notStored) {
    static final String HEADER = String.format(
            Locale.ROOT,
            "%-20s %6s %12s %12s %7s %10s %9s %9s %10s%n",
            "strategy",
            "count",
            "gained",
            "slashed",
            "caught",
            "after days",
            "failures",
            "disputes",
            "not stored");

    String text() {
        return String.format(
                Locale.ROOT,
                "%-20s %6d %12d %12d %7d %10.1f %9.1f %9.1f %9.1f%%%n",
                strategy,
                count,
                gained,
                slashed,
                caught,
                caughtDays,
                failures,
                disputes,
                notStored);
    }
}
