package org.datdot.ledger;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What becomes of positions and hosters: activated, vacated, failed, gone. */
final class Hosting {
    private final Execution execution;

    Hosting(Execution execution) {
        this.execution = execution;
    }

    /** Why a position is given up. */
    enum Reason {
        /** Its setup did not come to an end, or its plan did: nobody is charged. */
        RELEASED,
        /** The hoster could not show what it stores. */
        FAILED,
        /** The hoster leaves. */
        LEFT
    }

    /** A position is stored and served from now on. */
    void activate(Amendment amendment, Assignment assignment, ReplicaStatement replica) {
        Contract contract = execution.item(Contract.class, amendment.contract());
        Position setup = contract.positions().get(assignment.position());
        long now = execution.block().timestampMs();
        if (execution.jobs(assignment.hoster()).hosting().isEmpty()) {
            // It proves what it has from now on.
            Storage.PROVEN.put(execution.state(), assignment.hoster(), now);
        }
        long unpaid = execution.user(assignment.hoster()).absence().unpaidMs();
        Position active = setup.active(replica, now, unpaid);
        execution.put(contract.reached().with(assignment.position(), active));
        execution.updateUser(
                assignment.hoster(),
                user -> user.stored(replica.encodedBytes() - setup.reservedBytes())
                        .succeeded());
        HostedPosition hosted = new HostedPosition(contract.id(), assignment.position(), replica.leafCount());
        execution.updateJobs(assignment.hoster(), jobs -> jobs.withHosting(Execution.plus(jobs.hosting(), hosted)));
        execution.emit(new Event.HosterActivated(contract.id(), assignment.position(), assignment.hoster()));
        new Challenges(execution).scheduleNext(assignment.hoster());
        new Performance(execution).scheduleNext(assignment.hoster());
    }

    /** Tells of a contract whose positions are all active for the first time, and of a plan whose contracts all are. */
    void announceWhenComplete(long contractId) {
        Contract contract = execution.item(Contract.class, contractId);
        if (!contract.complete() || contract.hostedOnce()) {
            return;
        }
        execution.put(contract.with(ContractStatus.HOSTED, true));
        Plan plan = execution.item(Plan.class, contract.plan());
        execution.emit(new Event.HostingStarted(contractId, plan.id()));
        if (new Money(execution).hosted(plan.id()) == 0 && plan.status() == PlanStatus.SETUP) {
            execution.put(plan.with(PlanStatus.HOSTED, execution.block().timestampMs()));
        }
    }

    /** Nobody holds the position any more; who held it may forget it. What was proven is paid before. */
    void vacate(long contractId, int index, Reason reason) {
        Position before = execution.item(Contract.class, contractId).positions().get(index);
        if (before.status() == PositionStatus.VACANT) {
            return;
        }
        Money money = new Money(execution);
        long proven = Storage.PROVEN.get(execution.state(), before.hoster()).orElse(0L);
        if (before.status() == PositionStatus.ACTIVE) {
            money.settle(contractId, index, proven);
        }
        Contract contract = execution.item(Contract.class, contractId);
        Position position = contract.positions().get(index);
        execution.put(contract.with(index, Position.VACANT));
        execution.updateUser(position.hoster(), user -> user.stored(-position.reservedBytes()));
        releaseCollateral(contract, position, reason);
        execution.worked(1);
        if (position.status() == PositionStatus.ACTIVE) {
            execution.updateJobs(
                    position.hoster(), jobs -> jobs.withHosting(without(jobs.hosting(), contractId, index)));
            execution.emit(new Event.DropHosting(contractId, index, position.hoster()));
            new Challenges(execution).positionDropped(position.hoster(), contractId, index);
        }
    }

    private static List<HostedPosition> without(List<HostedPosition> hosting, long contract, int index) {
        return hosting.stream().filter(one -> !one.is(contract, index)).toList();
    }

    private void releaseCollateral(Contract contract, Position position, Reason reason) {
        Money money = new Money(execution);
        long percent = execution.parameters().economy().slashToPlanPercent();
        long charged = 0;
        switch (reason) {
            case RELEASED -> {}
            case FAILED -> {
                charged = position.collateral();
                money.slash(position.hoster(), contract.plan(), charged, percent);
            }
            case LEFT -> {
                charged = Math.min(
                        position.collateral(),
                        money.setupFees(
                                position.reservedBytes(),
                                1,
                                execution.item(Plan.class, contract.plan()).sealing()));
                money.slash(position.hoster(), contract.plan(), charged, 100);
            }
        }
        Balances.unreserve(
                execution.state(), execution.user(position.hoster()).account(), position.collateral() - charged);
    }

    /** A provider did not do what it was drawn for. */
    void fail(long user) {
        fail(user, 0);
    }

    private void fail(long user, long doublings) {
        long pause = Math.multiplyExact(execution.parameters().failPause(), 1L << doublings);
        long until = Math.addExact(execution.block().number(), pause);
        execution.updateUser(user, one -> one.failed(until));
        execution.emit(new Event.ProviderPaused(user, until));
    }

    /** A job was left undone: a failure, and twice as long a pause as for the one before, unless such jobs were done in between. */
    void undone(long user, Strikes.Kind kind) {
        Strikes strikes = execution.user(user).strikes().plus(kind, 1);
        execution.updateUser(user, one -> one.with(strikes));
        fail(user, Strikes.doublings(strikes.of(kind)));
    }

    /** A job was done. */
    void done(long user, Strikes.Kind kind) {
        execution.updateUser(user, one -> one.with(one.strikes().plus(kind, -1)));
    }

    /**
     * An attestor found a hoster where most did not, or the other way round. It happens to anybody, so the first time costs nothing; who makes a habit of
     * it is paused as for jobs left undone.
     */
    void disagreed(long user) {
        Strikes strikes = execution.user(user).strikes().plus(Strikes.Kind.MEASURING, 1);
        execution.updateUser(user, one -> one.with(strikes));
        if (strikes.measuring() > 1) {
            fail(user, Strikes.doublings(strikes.measuring() - 1));
        }
    }

    /** A hoster is gone: all it held becomes vacant, and is drawn again from what others still hold; so many positions in each block. */
    void depart(long user, Storage.Departure departure) {
        Optional<Storage.Departure> before = Storage.DEPARTING.get(execution.state(), user);
        Storage.DEPARTING.put(execution.state(), user, departure);
        if (before.isEmpty()) {
            dropSome(user);
        }
    }

    /** One step of it. */
    void dropSome(long user) {
        Storage.Departure departure =
                Storage.DEPARTING.get(execution.state(), user).orElseThrow();
        Reason reason = departure == Storage.Departure.FAILED ? Reason.FAILED : Reason.LEFT;
        List<HostedPosition> held = execution.jobs(user).hosting();
        int most = (int) Math.min(held.size(), execution.parameters().periods().positionsPerTask());
        Set<Long> contracts = new LinkedHashSet<>();
        for (HostedPosition one : held.subList(0, most)) {
            // A plan that ends while another position of this step is charged has released it already.
            if (execution.jobs(user).hosting().contains(one)) {
                vacate(one.contract(), one.position(), reason);
                contracts.add(one.contract());
            }
        }
        List<Long> toFill = new ArrayList<>();
        contracts.stream().filter(this::healable).forEach(toFill::add);
        if (execution.jobs(user).hosting().isEmpty()) {
            Storage.DEPARTING.remove(execution.state(), user);
        } else {
            execution.schedule(1, new Task(Task.Kind.DROP_HOSTER, user));
        }
        toFill.forEach(new Amendments(execution)::fill);
    }

    /** Whether a contract that lost a copy can be filled up again; where not, it is lost. */
    private boolean healable(long contractId) {
        Contract contract = execution.item(Contract.class, contractId);
        boolean copies = contract.positions().stream().anyMatch(one -> one.status() == PositionStatus.ACTIVE);
        if (!contract.open() || copies || !contract.hostedOnce()) {
            return contract.open();
        }
        Plans plans = new Plans(execution);
        plans.release(contract, ContractStatus.LOST);
        execution.emit(new Event.ContractLost(contractId, contract.plan()));
        if (new Money(execution).remove(contract.plan(), contract).open() == 0) {
            plans.end(contract.plan());
        }
        return false;
    }
}
