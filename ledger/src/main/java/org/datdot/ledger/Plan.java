package org.datdot.ledger;

import java.util.List;

/**
 * What a sponsor asks and pays for.
 *
 * @param id its number
 * @param sponsor the user who pays
 * @param program what is to be hosted
 * @param replicas copies asked for
 * @param sealing how replicas are sealed; 0 is plain
 * @param fromMs when it was published
 * @param untilMs when it ends
 * @param budget units reserved for it at first
 * @param paid units paid from it so far
 * @param regions where hosters may be; empty means anywhere
 * @param sources host:port where encoders find the data at first
 * @param status where it stands
 * @param hostedMs when all of it was hosted; 0 means not yet
 * @param contracts the contracts it was split into
 */
@Variant(2)
public record Plan(
        long id,
        long sponsor,
        List<Segment> program,
        int replicas,
        int sealing,
        long fromMs,
        long untilMs,
        long budget,
        long paid,
        List<String> regions,
        List<String> sources,
        PlanStatus status,
        long hostedMs,
        List<Long> contracts)
        implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Plan> CODEC = Codec.of(Plan.class);

    /** Units still reserved. */
    public long remaining() {
        return status == PlanStatus.ENDED ? 0 : Math.subtractExact(budget, paid);
    }

    Plan paying(long units) {
        return new Plan(
                id,
                sponsor,
                program,
                replicas,
                sealing,
                fromMs,
                untilMs,
                budget,
                Math.addExact(paid, units),
                regions,
                sources,
                status,
                hostedMs,
                contracts);
    }

    Plan with(PlanStatus newStatus, long newHostedMs) {
        return new Plan(
                id,
                sponsor,
                program,
                replicas,
                sealing,
                fromMs,
                untilMs,
                budget,
                paid,
                regions,
                sources,
                newStatus,
                newHostedMs,
                contracts);
    }

    Plan with(List<Long> newContracts) {
        return new Plan(
                id,
                sponsor,
                program,
                replicas,
                sealing,
                fromMs,
                untilMs,
                budget,
                paid,
                regions,
                sources,
                status,
                hostedMs,
                newContracts);
    }
}
