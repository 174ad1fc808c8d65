package org.datdot.ledger;

import java.math.BigInteger;

/** Prices, fees and payments of plans, and collateral of hosters (docs/protocol.md 5.4). Exact: products are made in big integers and rounded down once. */
final class Money {
    private static final BigInteger GIB = BigInteger.ONE.shiftLeft(30);
    private static final BigInteger GIB_HOUR = GIB.multiply(BigInteger.valueOf(3_600_000));
    private static final long HOUR_MS = 3_600_000;

    private final Execution execution;

    Money(Execution execution) {
        this.execution = execution;
    }

    long encodingFee(long bytes, int sealing) {
        return fee(
                sealing == 0
                        ? execution.parameters().encodingPricePerGib()
                        : execution.parameters().economy().sealingPricePerGib(),
                bytes);
    }

    long attestingFee(long bytes) {
        return fee(execution.parameters().attestingPricePerGib(), bytes);
    }

    private long fee(long pricePerGib, long bytes) {
        return Math.max(perGib(pricePerGib, bytes), execution.parameters().minimumFee());
    }

    private static long perGib(long pricePerGib, long bytes) {
        return BigInteger.valueOf(pricePerGib)
                .multiply(BigInteger.valueOf(bytes))
                .divide(GIB)
                .longValueExact();
    }

    /** The setup fees of all copies of so many bytes. */
    long setupFees(long bytes, int replicas, int sealing) {
        return Math.multiplyExact(Math.addExact(encodingFee(bytes, sealing), attestingFee(bytes)), replicas);
    }

    /** What a hoster leaves for a position. */
    long collateral(long pricePerGibHour, long bytes) {
        Economy economy = execution.parameters().economy();
        long ms = Math.multiplyExact(economy.collateralHours(), HOUR_MS);
        return Math.max(storing(pricePerGibHour, bytes, ms), perGib(economy.collateralPerGib(), bytes));
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
     * What the contracts of a plan come to, which every draw needs.
     *
     * @param bytes estimated bytes of one copy of all open contracts
     * @param feesDue setup fees that were not paid yet
     * @param topPrice the highest price agreed with a hoster
     * @param open contracts that go on
     * @param toHost of them, those that were never hosted completely
     */
    record Totals(long bytes, long feesDue, long topPrice, long open, long toHost) {
        static final Codec<Totals> CODEC = Codec.of(Totals.class);

        static final Totals NONE = new Totals(0, 0, 0, 0, 0);
    }

    Totals totals(long plan) {
        return Storage.PLAN_TOTALS.get(execution.state(), plan).orElse(Totals.NONE);
    }

    private void put(long plan, Totals totals) {
        Storage.PLAN_TOTALS.put(execution.state(), plan, totals);
    }

    /** Counts a new contract. */
    void add(Plan plan, Contract contract) {
        Totals old = totals(plan.id());
        long fees = setupFees(contract.estimatedBytes(), plan.replicas(), plan.sealing());
        put(
                plan.id(),
                new Totals(
                        Math.addExact(old.bytes(), contract.estimatedBytes()),
                        Math.addExact(old.feesDue(), fees),
                        old.topPrice(),
                        old.open() + 1,
                        old.toHost() + 1));
    }

    /** Counts a contract out that is lost or dropped. */
    Totals remove(long plan, Contract contract) {
        Totals old = totals(plan);
        Totals now = new Totals(
                old.bytes() - contract.estimatedBytes(),
                old.feesDue(),
                old.topPrice(),
                old.open() - 1,
                old.toHost() - (contract.hostedOnce() ? 0 : 1));
        put(plan, now);
        return now;
    }

    /** Counts a contract as hosted; how many were never hosted yet. */
    long hosted(long plan) {
        Totals old = totals(plan);
        put(plan, new Totals(old.bytes(), old.feesDue(), old.topPrice(), old.open(), old.toHost() - 1));
        return old.toHost() - 1;
    }

    void agreed(long plan, long price) {
        Totals old = totals(plan);
        if (price > old.topPrice()) {
            put(plan, new Totals(old.bytes(), old.feesDue(), price, old.open(), old.toHost()));
        }
    }

    private void feesPaid(long plan, long units) {
        Totals old = totals(plan);
        long due = Math.max(0, old.feesDue() - units);
        put(plan, new Totals(old.bytes(), due, old.topPrice(), old.open(), old.toHost()));
    }

    /** The most a hoster may ask: what the plan says, and no more than lets it pay all its hosters until it ends. */
    long priceCap(Plan plan) {
        Totals totals = totals(plan.id());
        long most = plan.mostPrice() == 0 ? Long.MAX_VALUE : plan.mostPrice();
        if (plan.untilMs() == 0) {
            return most;
        }
        long ms = Math.max(1, plan.untilMs() - execution.block().timestampMs());
        long spendable = Math.max(0, plan.remaining() - totals.feesDue());
        BigInteger load = BigInteger.valueOf(plan.replicas())
                .multiply(BigInteger.valueOf(totals.bytes()))
                .multiply(BigInteger.valueOf(ms));
        return BigInteger.valueOf(spendable)
                .multiply(GIB_HOUR)
                .divide(load.max(BigInteger.ONE))
                .min(BigInteger.valueOf(most))
                .longValueExact();
    }

    /** Whether a plan could have so many bytes more set up, and pay for them and all it has as long as it lasts, or for a day where it has no end. */
    boolean affords(Plan plan, long moreBytes, long moreFees) {
        Totals totals = totals(plan.id());
        long price = totals.topPrice() == 0 ? 1 : totals.topPrice();
        long spendable = plan.remaining() - totals.feesDue() - moreFees;
        long ms = plan.untilMs() == 0
                ? 24 * HOUR_MS
                : Math.max(1, plan.untilMs() - execution.block().timestampMs());
        long bytes = Math.multiplyExact(Math.addExact(totals.bytes(), moreBytes), plan.replicas());
        return spendable >= storing(price, bytes, ms);
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
        if (reason == PaymentReason.ENCODING || reason == PaymentReason.ATTESTING) {
            feesPaid(planId, paid);
        }
        execution.emit(new Event.Paid(planId, userId, paid, reason));
        return paid;
    }

    /** Pays for a position up to a time, but for the hoster's absences; whether the plan could pay all that was due. */
    boolean settle(long contractId, int index, long untilMs) {
        Contract contract = execution.item(Contract.class, contractId);
        Position position = contract.positions().get(index);
        Plan plan = execution.item(Plan.class, contract.plan());
        long until = Math.min(untilMs, plan.until().endMs());
        if (position.status() != PositionStatus.ACTIVE || until <= position.paidUntilMs()) {
            return true;
        }
        long unpaid = execution.user(position.hoster()).absence().unpaidMs();
        long ms = Math.max(0, until - position.paidUntilMs() - (unpaid - position.unpaidMs()));
        long owed = storing(position.pricePerGibHour(), position.reservedBytes(), ms);
        long due = due(plan, contract, position, owed);
        long paid = pay(plan.id(), position.hoster(), due, PaymentReason.STORING);
        execution.put(contract.with(index, position.paid(paid, until - unpaidRest(position, ms, owed), unpaid)));
        return paid >= due;
    }

    /** A share of the price is for serving: it is paid by how much of the service level is met, and not at all while nothing is served. */
    private long due(Plan plan, Contract contract, Position position, long owed) {
        long percent = execution.parameters().economy().servicePercent();
        long service = BigInteger.valueOf(owed)
                .multiply(BigInteger.valueOf(percent))
                .divide(BigInteger.valueOf(100))
                .longValueExact();
        ServiceLevel level = plan.program().get(contract.part()).level();
        long score =
                plan.paused() ? 0 : execution.user(position.hoster()).measured().score(level);
        long earned = BigInteger.valueOf(service)
                .multiply(BigInteger.valueOf(score))
                .divide(BigInteger.valueOf(1000))
                .longValueExact();
        return owed - service + earned;
    }

    /** How much of a time is worth less than a unit: it is not forgotten, it counts the next time. */
    private static long unpaidRest(Position position, long ms, long owed) {
        long price = position.pricePerGibHour();
        return price == 0 ? 0 : Math.max(0, ms - paidMs(price, position.reservedBytes(), owed));
    }

    /** Takes collateral from a hoster for good: a share for the plan as long as it goes on, the rest for the treasury. */
    void slash(long userId, long planId, long units, long percentToPlan) {
        if (units == 0) {
            return;
        }
        Plan plan = execution.item(Plan.class, planId);
        AccountId hoster = execution.user(userId).account();
        long toPlan = plan.open()
                ? BigInteger.valueOf(units)
                        .multiply(BigInteger.valueOf(percentToPlan))
                        .divide(BigInteger.valueOf(100))
                        .longValueExact()
                : 0;
        Balances.moveReserved(
                execution.state(), hoster, execution.user(plan.sponsor()).account(), toPlan);
        execution.put(plan.withMore(toPlan));
        Balances.payReserved(execution.state(), hoster, Balances.treasury(execution.state()), units - toPlan);
        execution.emit(new Event.Slashed(userId, planId, units));
    }
}
