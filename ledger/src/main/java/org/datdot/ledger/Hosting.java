package org.datdot.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What becomes of positions and plans: activated, vacated, lost, ended. */
final class Hosting {
    private final Execution execution;

    Hosting(Execution execution) {
        this.execution = execution;
    }

    /** A position is stored and served from now on. */
    void activate(Amendment amendment, Assignment assignment, ReplicaStatement replica) {
        Contract contract = execution.item(Contract.class, amendment.contract());
        Position setup = contract.positions().get(assignment.position());
        long now = execution.block().timestampMs();
        Position active = new Position(
                PositionStatus.ACTIVE,
                assignment.encoder(),
                assignment.hoster(),
                amendment.id(),
                setup.pricePerGibHour(),
                replica.encodedBytes(),
                Optional.of(replica),
                now,
                now,
                0,
                0);
        execution.put(contract.with(assignment.position(), active));
        execution.updateUser(
                assignment.hoster(),
                user -> user.stored(replica.encodedBytes() - setup.reservedBytes())
                        .succeeded());
        execution.updateJobs(
                assignment.hoster(),
                jobs -> new Jobs(
                        jobs.amendments(),
                        Execution.plus(jobs.hosting(), new HostedPosition(contract.id(), assignment.position())),
                        jobs.challenge()));
        execution.emit(new Event.HosterActivated(contract.id(), assignment.position(), assignment.hoster()));
        new Challenges(execution).scheduleNext(assignment.hoster());
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
        boolean all = plan.contracts().stream()
                .allMatch(id -> execution.item(Contract.class, id).hostedOnce());
        if (all && plan.status() == PlanStatus.SETUP) {
            execution.put(plan.with(PlanStatus.HOSTED, execution.block().timestampMs()));
        }
    }

    /** Nobody holds the position any more; who held it may forget it. */
    void vacate(long contractId, int index) {
        Contract contract = execution.item(Contract.class, contractId);
        Position position = contract.positions().get(index);
        if (position.status() == PositionStatus.VACANT) {
            return;
        }
        execution.put(contract.with(index, Position.VACANT));
        execution.updateUser(position.hoster(), user -> user.stored(-position.reservedBytes()));
        if (position.status() == PositionStatus.ACTIVE) {
            execution.updateJobs(
                    position.hoster(),
                    jobs -> new Jobs(
                            jobs.amendments(),
                            Execution.minus(jobs.hosting(), new HostedPosition(contractId, index)),
                            jobs.challenge()));
            execution.emit(new Event.DropHosting(contractId, index, position.hoster()));
            new Challenges(execution).positionDropped(position.hoster(), contractId, index);
        }
    }

    /** A provider did not do what it was drawn for. */
    void fail(long user) {
        long until =
                Math.addExact(execution.block().number(), execution.parameters().failPause());
        execution.updateUser(user, one -> one.failed(until));
        execution.emit(new Event.ProviderPaused(user, until));
    }

    /** A hoster is gone: all it held is vacant, and is drawn again from what others still hold. */
    void loseHoster(long user) {
        List<HostedPosition> held = execution.jobs(user).hosting();
        for (HostedPosition one : held) {
            vacate(one.contract(), one.position());
        }
        List<Long> toFill = new ArrayList<>();
        held.stream()
                .map(HostedPosition::contract)
                .distinct()
                .filter(this::healable)
                .forEach(toFill::add);
        new Amendments(execution).fillAll(toFill);
    }

    /** Whether a contract that lost a copy can be filled up again; where not, it is lost. */
    private boolean healable(long contractId) {
        Contract contract = execution.item(Contract.class, contractId);
        boolean copies = contract.positions().stream().anyMatch(one -> one.status() == PositionStatus.ACTIVE);
        if (copies || !contract.hostedOnce()) {
            return true;
        }
        release(contract, ContractStatus.LOST);
        Plan plan = execution.item(Plan.class, contract.plan());
        execution.emit(new Event.ContractLost(contractId, plan.id()));
        boolean all = plan.contracts().stream()
                .allMatch(id -> execution.item(Contract.class, id).status() == ContractStatus.LOST);
        if (all) {
            end(plan.id());
        }
        return false;
    }

    /** Stops everything that goes on for a contract. */
    private void release(Contract contract, ContractStatus status) {
        for (int i = 0; i < contract.positions().size(); i++) {
            Position position =
                    execution.item(Contract.class, contract.id()).positions().get(i);
            if (position.status() == PositionStatus.SETUP) {
                Amendment amendment = execution.item(Amendment.class, position.amendment());
                new Amendments(execution).cancel(amendment, AmendmentStatus.CANCELLED);
            }
            vacate(contract.id(), i);
        }
        Contract now = execution.item(Contract.class, contract.id());
        execution.put(now.with(status, now.hostedOnce()));
        List<Long> waiting = Storage.WAITING.get(execution.state()).orElse(List.of());
        if (waiting.contains(contract.id())) {
            Storage.WAITING.put(execution.state(), Execution.minus(waiting, contract.id()));
        }
    }

    /** Ends a plan: hosters drop its data, what is left of the budget is free again. */
    void end(long planId) {
        Plan plan = execution.item(Plan.class, planId);
        if (plan.status() == PlanStatus.ENDED) {
            return;
        }
        for (long id : plan.contracts()) {
            Contract contract = execution.item(Contract.class, id);
            if (contract.status() != ContractStatus.LOST) {
                release(contract, ContractStatus.ENDED);
            }
        }
        long refund = plan.remaining();
        execution.put(plan.with(PlanStatus.ENDED, plan.hostedMs()));
        Storage.PLAN_TOTALS.remove(execution.state(), planId);
        Balances.unreserve(execution.state(), execution.user(plan.sponsor()).account(), refund);
        execution.emit(new Event.PlanEnded(planId, refund));
    }

    /** Ends the plans whose time has come: in one block at most so many seconds' worth, and only so many contracts. */
    void endPlans(int mostSeconds) {
        State state = execution.state();
        long now = execution.block().timestampMs() / 1000;
        long seen = Storage.ENDS_SEEN.get(state).orElse(now - 1);
        long last = Math.min(now, Math.addExact(seen, mostSeconds));
        long contracts = 0;
        for (long second = seen + 1; second <= last; second++) {
            List<Long> plans = Storage.ENDS.get(state, second).orElse(List.of());
            int done = 0;
            for (; done < plans.size() && contracts < execution.parameters().agendaPerBlock(); done++) {
                contracts += 1
                        + execution
                                .item(Plan.class, plans.get(done))
                                .contracts()
                                .size();
                end(plans.get(done));
            }
            if (done < plans.size()) {
                Storage.ENDS.put(state, second, List.copyOf(plans.subList(done, plans.size())));
                last = second - 1;
            } else if (!plans.isEmpty()) {
                Storage.ENDS.remove(state, second);
            }
        }
        if (last > seen || Storage.ENDS_SEEN.get(state).isEmpty()) {
            Storage.ENDS_SEEN.put(state, Math.max(last, seen));
        }
    }
}
