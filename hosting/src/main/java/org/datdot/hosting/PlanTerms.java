package org.datdot.hosting;

import java.util.List;

/**
 * What a sponsor asks for, besides the data itself; see {@code publishPlan} in docs/protocol.md 5.3.
 *
 * @param replicas copies of each block
 * @param sealing how replicas are sealed, {@link Sealing#PLAIN} or {@link Sealing#TRAPDOOR}
 * @param untilMs when hosting ends, milliseconds since 1970
 * @param budgetUnits the most that is paid, reserved at once
 * @param regions where hosters may be; empty means anywhere
 * @param sources {@code host:port} of nodes that have the data now
 */
public record PlanTerms(
        int replicas, int sealing, long untilMs, long budgetUnits, List<String> regions, List<String> sources) {

    /** Copies the lists. */
    public PlanTerms {
        regions = List.copyOf(regions);
        sources = List.copyOf(sources);
    }
}
