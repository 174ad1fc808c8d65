package org.datdot.ledger;

import java.math.BigInteger;

/** Prices, fees and payments of plans (docs/protocol.md 5.4). Exact: products are made in big integers and rounded down once. */
final class Money {
    private static final BigInteger GIB = BigInteger.ONE.shiftLeft(30);
    private static final BigInteger GIB_HOUR = GIB.multiply(BigInteger.valueOf(3_600_000));

    private final Execution execution;

    Money(Execution execution) {
        this.execution = execution;
    }

    long encodingFee(long bytes) {
        return fee(execution.parameters().encodingPricePerGib(), bytes);
    }

    long attestingFee(long bytes) {
        return fee(execution.parameters().attestingPricePerGib(), bytes);
    }

    private long fee(long pricePerGib, long bytes) {
        long units = BigInteger.valueOf(pricePerGib)
                .multiply(BigInteger.valueOf(bytes))
                .divide(GIB)
                .longValueExact();
        return Math.max(units, execution.parameters().minimumFee());
    }

    /** What storing costs: {@code price × bytes × ms / (GiB × hour)}, rounded down. */
    static long storing(long pricePerGibHour, long bytes, long ms) {
        return BigInteger.valueOf(pricePerGibHour)
                .multiply(BigInteger.valueOf(bytes))
                .multiply(BigInteger.valueOf(Math.max(0, ms)))
                .divide(GIB_HOUR)
                .min(BigInteger.valueOf(Long.MAX_VALUE))
                .longValueExact();
    }

    /** How long units pay for storing: {@code units × GiB × hour / (price × bytes)} ms, rounded up. */
    static long paidMs(long pricePerGibHour, long bytes, long units) {
        BigInteger rate = BigInteger.valueOf(pricePerGibHour).multiply(BigInteger.valueOf(bytes));
        return BigInteger.valueOf(units)
                .multiply(GIB_HOUR)
                .add(rate.subtract(BigInteger.ONE))
                .divide(rate)
                .min(BigInteger.valueOf(Long.MAX_VALUE))
                .longValueExact();
    }

    /**
     * What all contracts of a plan come to, which every draw needs.
     *
     * @param bytes estimated bytes of one copy
     * @param fees the setup fees of all copies
     */
    record Totals(long bytes, long fees) {
        static final Codec<Totals> CODEC = Codec.of(Totals.class);
    }

    /** Adds a new plan's contracts up. */
    void total(Plan plan) {
        long bytes = 0;
        long fees = 0;
        for (long id : plan.contracts()) {
            long estimated = execution.item(Contract.class, id).estimatedBytes();
            long each = Math.addExact(encodingFee(estimated), attestingFee(estimated));
            bytes = Math.addExact(bytes, estimated);
            fees = Math.addExact(fees, Math.multiplyExact(each, plan.replicas()));
        }
        Storage.PLAN_TOTALS.put(execution.state(), plan.id(), new Totals(bytes, fees));
    }

    private Totals totals(Plan plan) {
        return Storage.PLAN_TOTALS
                .get(execution.state(), plan.id())
                .orElseThrow(() -> new IllegalStateException("plan " + plan.id() + " was never added up"));
    }

    /** The setup fees of a whole plan. */
    long setupFees(Plan plan) {
        return totals(plan).fees();
    }

    /** The most a hoster may ask so that the plan can pay all its hosters until it ends. */
    long priceCap(Plan plan) {
        long bytes = totals(plan).bytes();
        long ms = Math.max(1, plan.untilMs() - execution.block().timestampMs());
        long fees = plan.status() == PlanStatus.SETUP ? setupFees(plan) : 0;
        long spendable = Math.max(0, plan.remaining() - Math.max(0, fees - plan.paid()));
        BigInteger load = BigInteger.valueOf(plan.replicas())
                .multiply(BigInteger.valueOf(bytes))
                .multiply(BigInteger.valueOf(ms));
        return BigInteger.valueOf(spendable)
                .multiply(GIB_HOUR)
                .divide(load.max(BigInteger.ONE))
                .min(BigInteger.valueOf(Long.MAX_VALUE))
                .longValueExact();
    }

    /** Pays a user from a plan, no more than the plan has left; what was paid. */
    long pay(long planId, long userId, long units, PaymentReason reason) {
        Plan plan = execution.item(Plan.class, planId);
        long paid = Math.min(units, plan.remaining());
        if (paid == 0) {
            return 0;
        }
        Balances.payReserved(
                execution.state(),
                execution.user(plan.sponsor()).account(),
                execution.user(userId).account(),
                paid);
        execution.put(plan.paying(paid));
        execution.emit(new Event.Paid(planId, userId, paid, reason));
        return paid;
    }
}
