package org.datdot.ledger;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** How plans are changed, paused, and ended. What concerns all their contracts is done in steps, so many positions in each block. */
final class Plans {
    private final Execution execution;

    Plans(Execution execution) {
        this.execution = execution;
    }

    private Plan own(AccountId account, long id) {
        User caller = execution.caller(account);
        Plan plan = execution
                .find(Plan.class, id)
                .orElseThrow(() -> new Rejection(LedgerError.UNKNOWN_PLAN, "there is no plan " + id));
        Rejection.unless(
                plan.sponsor() == caller.id(),
                LedgerError.NOT_THE_SPONSOR,
                "plan " + id + " is paid for by user " + plan.sponsor());
        Rejection.unless(plan.open(), LedgerError.PLAN_ENDED, "plan " + id + " is " + plan.status());
        return plan;
    }

    void update(AccountId account, Call.UpdatePlan call) {
        Plan plan = own(account, call.plan());
        Publishing publishing = new Publishing(execution);
        publishing.checkTerms(call.until(), call.mostPrice(), call.sources());
        publishing.checkProgram(call.added());
        Balances.reserve(execution.state(), account, call.moreBudget());
        Plan changed = plan.withMore(call.moreBudget())
                .with(dropped(plan, call.dropped()), call.until())
                .with(call.sources(), call.mostPrice(), plan.contracts());
        execution.put(changed);
        new Ends(execution).add(changed);
        List<Long> created = publishing.extend(changed, call.added());
        if (!call.dropped().isEmpty()) {
            dropParts(plan.id(), 0);
        }
        execution.emit(new Event.PlanUpdated(plan.id()));
        if (!plan.paused()) {
            new Amendments(execution).fillAll(created);
        }
    }

    private static List<Part> dropped(Plan plan, List<Long> places) {
        List<Part> program = new ArrayList<>(plan.program());
        Set<Long> seen = new HashSet<>();
        for (long place : places) {
            Publishing.require(
                    place < program.size()
                            && !plan.program().get((int) place).segments().isEmpty()
                            && seen.add(place),
                    "the program has no part " + place + " that could be dropped");
            Part part = program.get((int) place);
            program.set((int) place, new Part(List.of(), false, part.regions(), part.hours(), part.level()));
        }
        return List.copyOf(program);
    }

    void pause(AccountId account, long id) {
        Plan plan = own(account, id);
        Publishing.require(!plan.paused(), "plan " + id + " is paused already");
        execution.put(plan.paused(true));
        countPause();
        execution.emit(new Event.PlanPaused(id));
    }

    void resume(AccountId account, long id) {
        Plan plan = own(account, id);
        Publishing.require(plan.paused(), "plan " + id + " is not paused");
        execution.put(plan.paused(false));
        countPause();
        execution.emit(new Event.PlanResumed(id));
        resumeSome(id, 0);
        plan.program().stream()
                .filter(Part::follow)
                .flatMap(part -> part.segments().stream())
                .map(Segment::feed)
                .distinct()
                .forEach(new Growth(execution)::schedule);
    }

    private void countPause() {
        State state = execution.state();
        Storage.PAUSE_CHANGES.put(state, Storage.PAUSE_CHANGES.get(state).orElse(0L) + 1);
    }

    void cancel(AccountId account, long id) {
        end(own(account, id).id());
    }

    /** Has vacant positions of a resumed plan filled again, from one of its contracts on. */
    void resumeSome(long id, long from) {
        Plan plan = execution.item(Plan.class, id);
        if (!plan.open() || plan.paused()) {
            return;
        }
        int end = (int) Math.min(plan.contracts().size(), from + step());
        plan.contracts().subList((int) from, end).forEach(new Amendments(execution)::fill);
        next(Task.Kind.RESUME_PLAN, plan, end);
    }

    /** Releases the contracts of dropped parts, from one of them on. */
    void dropParts(long id, long from) {
        Plan plan = execution.item(Plan.class, id);
        if (!plan.open()) {
            return;
        }
        int at = (int) from;
        long positions = 0;
        for (; at < plan.contracts().size() && positions < step(); at++) {
            Contract contract = execution.item(Contract.class, plan.contracts().get(at));
            if (contract.open()
                    && plan.program().get(contract.part()).segments().isEmpty()) {
                release(contract, ContractStatus.ENDED);
                new Money(execution).remove(id, contract);
                positions += contract.positions().size();
            }
            positions++;
        }
        if (at < plan.contracts().size()) {
            next(Task.Kind.DROP_PARTS, plan, at);
            return;
        }
        Money.Totals totals = new Money(execution).totals(id);
        if (totals.open() == 0) {
            end(id);
        } else if (totals.toHost() == 0) {
            Plan now = execution.item(Plan.class, id);
            if (now.status() == PlanStatus.SETUP) {
                execution.put(now.with(PlanStatus.HOSTED, execution.block().timestampMs()));
            }
        }
    }

    private long step() {
        return execution.parameters().periods().positionsPerTask();
    }

    private void next(Task.Kind kind, Plan plan, long from) {
        if (from < plan.contracts().size()) {
            execution.schedule(1, new Task(kind, plan.id(), from));
        }
    }

    /** Stops everything that goes on for a contract. */
    void release(Contract contract, ContractStatus status) {
        for (int i = 0; i < contract.positions().size(); i++) {
            Position position =
                    execution.item(Contract.class, contract.id()).positions().get(i);
            if (position.status() == PositionStatus.SETUP) {
                Amendment amendment = execution.item(Amendment.class, position.amendment());
                new Amendments(execution).cancel(amendment, AmendmentStatus.CANCELLED);
            }
            if (position.status() == PositionStatus.ACTIVE) {
                payRest(contract.id(), i, position);
            }
            new Hosting(execution).vacate(contract.id(), i, Hosting.Reason.RELEASED);
        }
        Contract now = execution.item(Contract.class, contract.id());
        execution.put(now.with(status, now.hostedOnce()));
        new Waiting(execution.state()).remove(contract.id());
    }

    /** A hoster that failed nothing is paid to the end, although it had no chance to prove the rest; who is absent had one. */
    private void payRest(long contract, int index, Position position) {
        boolean absent = execution.user(position.hoster()).absence().now();
        if (!absent
                && Storage.DEPARTING.get(execution.state(), position.hoster()).isEmpty()) {
            new Money(execution).settle(contract, index, execution.block().timestampMs());
        }
    }

    /** Ends a plan: hosters drop its data, what is left of the budget is free again. */
    void end(long planId) {
        Plan plan = execution.item(Plan.class, planId);
        if (plan.open()) {
            execution.put(plan.with(PlanStatus.ENDING, plan.hostedMs()));
            endSome(planId, 0);
        }
    }

    /** One step of it, from one of the plan's contracts on. */
    void endSome(long planId, long from) {
        List<Long> contracts = execution.item(Plan.class, planId).contracts();
        int at = (int) from;
        long positions = 0;
        for (; at < contracts.size() && positions < step(); at++) {
            Contract contract = execution.item(Contract.class, contracts.get(at));
            if (contract.open()) {
                release(contract, ContractStatus.ENDED);
                positions += contract.positions().size();
            }
            positions++;
        }
        execution.worked(at - from);
        Plan plan = execution.item(Plan.class, planId);
        if (at < contracts.size()) {
            next(Task.Kind.END_PLAN, plan, at);
            return;
        }
        long refund = plan.remaining();
        execution.put(plan.with(PlanStatus.ENDED, plan.hostedMs()));
        Storage.PLAN_TOTALS.remove(execution.state(), planId);
        Balances.unreserve(execution.state(), execution.user(plan.sponsor()).account(), refund);
        execution.emit(new Event.PlanEnded(planId, refund));
    }

    /** Ends the plans whose time has come. */
    void endDue(int mostSeconds) {
        new Ends(execution).due(mostSeconds, this::endIfDue);
    }

    /** A plan may have been given more time since. */
    private void endIfDue(long id) {
        Plan plan = execution.item(Plan.class, id);
        if (plan.open() && plan.until().endMs() <= execution.block().timestampMs()) {
            end(id);
        }
    }

    /** Bytes a hoster served, no more than it can have sent since its last report; a plan ends when its traffic is used up. */
    void report(AccountId account, Call.ReportTraffic call) {
        User caller = execution.caller(account);
        Contract contract = execution
                .find(Contract.class, call.contract())
                .filter(found -> call.position() < found.positions().size())
                .orElseThrow(() -> new Rejection(
                        LedgerError.INVALID_TRAFFIC,
                        "contract " + call.contract() + " has no position " + call.position()));
        Position position = contract.positions().get(call.position());
        Rejection.unless(
                position.status() == PositionStatus.ACTIVE && position.hoster() == caller.id(),
                LedgerError.INVALID_TRAFFIC,
                "user " + caller.id() + " does not host position " + call.position() + " of contract "
                        + call.contract());
        long now = execution.block().timestampMs();
        long most = Math.multiplyExact(caller.uploadLimit(), Math.max(0, now - position.reportedMs())) / 1000;
        Rejection.unless(
                call.bytes() <= most,
                LedgerError.INVALID_TRAFFIC,
                call.bytes() + " bytes are more than the " + most + " the hoster can have sent since its last report");
        execution.put(contract.with(call.position(), position.reported(now)));
        Plan plan = execution.item(Plan.class, contract.plan()).served(call.bytes());
        execution.put(plan);
        if (plan.until().trafficBytes() > 0
                && plan.servedBytes() >= plan.until().trafficBytes()) {
            end(plan.id());
        }
    }
}
