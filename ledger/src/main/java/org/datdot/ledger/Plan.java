package org.datdot.ledger;

import java.util.List;

/**
 * What a sponsor asks and pays for.
 *
 * @param id its number
 * @param sponsor the user who pays
 * @param program what is to be hosted, and how
 * @param replicas copies asked for
 * @param sealing how replicas are sealed; 0 is plain
 * @param fromMs when it was published
 * @param until when it ends, besides its budget
 * @param budget units reserved for it so far
 * @param paid units paid from it so far
 * @param mostPrice units for a GiB and hour that a hoster may ask; 0 means as much as the budget lasts for
 * @param sources host:port where encoders find the data at first, besides what they find by the feeds' keys
 * @param status where it stands
 * @param paused whether it is stored but not served, at the sponsor's wish
 * @param hostedMs when all of it was hosted; 0 means not yet
 * @param servedBytes bytes its hosters served to readers, as they report it
 * @param contracts the contracts it was split into
 */
@Variant(2)
public record Plan(
        long id,
        long sponsor,
        List<Part> program,
        int replicas,
        int sealing,
        long fromMs,
        Until until,
        long budget,
        long paid,
        long mostPrice,
        List<String> sources,
        PlanStatus status,
        boolean paused,
        long hostedMs,
        long servedBytes,
        List<Long> contracts)
        implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Plan> CODEC = Codec.of(Plan.class);

    /** Units still reserved. */
    public long remaining() {
        return status == PlanStatus.ENDED ? 0 : Math.subtractExact(budget, paid);
    }

    /** The time it ends, milliseconds since 1970; 0 means none was given. */
    public long untilMs() {
        return until.timeMs();
    }

    /** All blocks it asks for, whatever part they are in. */
    public List<Segment> segments() {
        return program.stream().flatMap(part -> part.segments().stream()).toList();
    }

    /** Whether it goes on: neither ended nor about to. */
    public boolean open() {
        return status == PlanStatus.SETUP || status == PlanStatus.HOSTED;
    }

    Plan paying(long units) {
        return with(program, until, budget, Math.addExact(paid, units), status, paused, hostedMs, servedBytes);
    }

    Plan withMore(long units) {
        return with(program, until, Math.addExact(budget, units), paid, status, paused, hostedMs, servedBytes);
    }

    Plan with(PlanStatus newStatus, long newHostedMs) {
        return with(program, until, budget, paid, newStatus, paused, newHostedMs, servedBytes);
    }

    Plan with(List<Part> newProgram, Until newUntil) {
        return with(newProgram, newUntil, budget, paid, status, paused, hostedMs, servedBytes);
    }

    Plan paused(boolean newPaused) {
        return with(program, until, budget, paid, status, newPaused, hostedMs, servedBytes);
    }

    Plan served(long bytes) {
        long more = Math.addExact(servedBytes, bytes);
        return with(program, until, budget, paid, status, paused, hostedMs, more);
    }

    private Plan with(
            List<Part> newProgram,
            Until newUntil,
            long newBudget,
            long newPaid,
            PlanStatus newStatus,
            boolean newPaused,
            long newHostedMs,
            long newServedBytes) {
        return new Plan(
                id,
                sponsor,
                newProgram,
                replicas,
                sealing,
                fromMs,
                newUntil,
                newBudget,
                newPaid,
                mostPrice,
                sources,
                newStatus,
                newPaused,
                newHostedMs,
                newServedBytes,
                contracts);
    }

    Plan with(List<String> newSources, long newMostPrice, List<Long> newContracts) {
        return new Plan(
                id,
                sponsor,
                program,
                replicas,
                sealing,
                fromMs,
                until,
                budget,
                paid,
                newMostPrice,
                newSources,
                status,
                paused,
                hostedMs,
                servedBytes,
                newContracts);
    }

    Plan with(List<Long> newContracts) {
        return with(sources, mostPrice, newContracts);
    }
}
