package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** What holds in every state, whatever happened: checked by the tests after every block. */
final class Invariants {
    private final StateReader state;
    private final Map<Long, Item> items = new TreeMap<>();
    private final Map<Long, Jobs> jobs = new HashMap<>();

    private Invariants(StateReader state) {
        this.state = state;
        Storage.ITEMS.forEach(state, items::put);
        Storage.JOBS.forEach(state, jobs::put);
    }

    static void check(StateReader state) {
        Invariants one = new Invariants(state);
        Balances.audit(state);
        one.references();
        one.reserves();
        one.positions();
        one.jobsOfUsers();
        one.queues();
    }

    private <T extends Item> List<T> all(Class<T> type) {
        return items.values().stream().filter(type::isInstance).map(type::cast).toList();
    }

    private <T extends Item> T item(Class<T> type, long id) {
        Item found = items.get(id);
        assertThat(found).as("%s %d", type.getSimpleName(), id).isInstanceOf(type);
        return type.cast(Objects.requireNonNull(found));
    }

    private void references() {
        long next = Storage.NEXT_ID.get(state).orElseThrow();
        items.forEach((id, item) -> {
            assertThat(item.id()).isEqualTo(id);
            assertThat(id).isPositive().isLessThan(next);
        });
        for (Feed feed : all(Feed.class)) {
            item(User.class, feed.publisher());
            assertThat(Storage.FEED_BY_KEY.get(state, feed.key())).contains(feed.id());
            assertThat(Storage.FEED_HEADS.get(state, new Storage.FeedLength(feed.id(), feed.length())))
                    .isPresent();
        }
        for (Plan plan : all(Plan.class)) {
            item(User.class, plan.sponsor());
            assertThat(Storage.PLANS_OF_SPONSOR.get(state, plan.sponsor(), plan.id()))
                    .isPresent();
            for (Segment segment : plan.segments()) {
                item(Feed.class, segment.feed());
                assertThat(Storage.FEED_HEADS.get(state, new Storage.FeedLength(segment.feed(), segment.length())))
                        .isPresent();
                assertThat(Storage.PLANS_OF_FEED.get(state, segment.feed(), plan.id()))
                        .isPresent();
            }
            long blocks = 0;
            for (long id : plan.contracts()) {
                Contract contract = item(Contract.class, id);
                assertThat(contract.plan()).isEqualTo(plan.id());
                if (!plan.program().get(contract.part()).segments().isEmpty()) {
                    blocks += contract.blocks();
                }
            }
            assertThat(blocks)
                    .isEqualTo(
                            plan.segments().stream().mapToLong(Segment::blocks).sum());
        }
        for (User user : all(User.class)) {
            assertThat(Storage.USER_BY_ACCOUNT.get(state, user.account())).contains(user.id());
            assertThat(Storage.USER_BY_NOISE_KEY.get(state, user.noiseKey())).contains(user.id());
            assertThat(Storage.USER_BY_SIGNING_KEY.get(state, user.signingKey()))
                    .contains(user.id());
        }
    }

    /** What an account has reserved is what its plans have left and what its positions have as collateral. */
    private void reserves() {
        Map<AccountId, Long> expected = new HashMap<>();
        for (Plan plan : all(Plan.class)) {
            assertThat(plan.paid()).isBetween(0L, plan.budget());
            assertThat(plan.remaining()).isNotNegative();
            expected.merge(item(User.class, plan.sponsor()).account(), plan.remaining(), Long::sum);
        }
        for (Contract contract : all(Contract.class)) {
            for (Position position : contract.positions()) {
                if (position.status() != PositionStatus.VACANT) {
                    expected.merge(item(User.class, position.hoster()).account(), position.collateral(), Long::sum);
                }
            }
        }
        Balances.ACCOUNTS.forEach(
                state, (account, data) -> assertThat(data.reserved()).isEqualTo(expected.getOrDefault(account, 0L)));
    }

    private void positions() {
        Map<Long, Long> stored = new HashMap<>();
        for (Contract contract : all(Contract.class)) {
            Plan plan = item(Plan.class, contract.plan());
            assertThat(contract.positions()).hasSize(plan.replicas());
            Set<Long> hosters = new HashSet<>();
            for (int i = 0; i < contract.positions().size(); i++) {
                Position position = contract.positions().get(i);
                if (position.status() == PositionStatus.VACANT) {
                    assertThat(position).isEqualTo(Position.VACANT);
                    continue;
                }
                assertThat(contract.status()).isIn(ContractStatus.SETUP, ContractStatus.HOSTED);
                assertThat(hosters.add(position.hoster()))
                        .as("a hoster twice in one contract")
                        .isTrue();
                assertThat(position.hoster()).isNotEqualTo(plan.sponsor());
                stored.merge(position.hoster(), position.reservedBytes(), Long::sum);
                checkPosition(contract, i, position);
            }
            if (plan.status() == PlanStatus.ENDED) {
                assertThat(contract.status()).isIn(ContractStatus.ENDED, ContractStatus.LOST);
            }
        }
        for (User user : all(User.class)) {
            assertThat(user.storedBytes())
                    .as("storage in use of user %d", user.id())
                    .isEqualTo(stored.getOrDefault(user.id(), 0L));
        }
    }

    private void checkPosition(Contract contract, int index, Position position) {
        Amendment amendment = item(Amendment.class, position.amendment());
        assertThat(amendment.contract()).isEqualTo(contract.id());
        Assignment assignment = amendment.assignment(index).orElseThrow();
        assertThat(assignment.hoster()).isEqualTo(position.hoster());
        assertThat(assignment.encoder()).isEqualTo(position.encoder());
        if (position.status() == PositionStatus.SETUP) {
            assertThat(amendment.status()).isEqualTo(AmendmentStatus.IN_PROGRESS);
            assertThat(position.replica()).isEmpty();
        } else {
            ReplicaStatement replica = position.replica().orElseThrow();
            assertThat(replica.amendment()).isEqualTo(amendment.id());
            assertThat(replica.encodedBytes()).isEqualTo(position.reservedBytes());
            assertThat(jobs(position.hoster()).hosting())
                    .contains(new HostedPosition(contract.id(), index, replica.leafCount()));
        }
    }

    private Jobs jobs(long user) {
        return jobs.getOrDefault(user, Jobs.NONE);
    }

    private void jobsOfUsers() {
        Map<Long, List<Long>> busy = new HashMap<>();
        for (Amendment amendment : all(Amendment.class)) {
            Set<Long> members = new HashSet<>(List.of(amendment.attestor()));
            amendment.assignments().forEach(one -> {
                assertThat(members.add(one.encoder())).isTrue();
                assertThat(members.add(one.hoster())).isTrue();
            });
            if (amendment.status() == AmendmentStatus.IN_PROGRESS) {
                members.forEach(
                        id -> busy.computeIfAbsent(id, any -> new ArrayList<>()).add(amendment.id()));
            }
        }
        for (User user : all(User.class)) {
            Jobs own = jobs(user.id());
            assertThat(own.amendments()).containsExactlyInAnyOrderElementsOf(busy.getOrDefault(user.id(), List.of()));
            assertThat(user.setupJobs()).isEqualTo(own.amendments().size());
            assertThat(own.hosting()).doesNotHaveDuplicates();
            for (HostedPosition one : own.hosting()) {
                Position position =
                        item(Contract.class, one.contract()).positions().get(one.position());
                assertThat(position.status()).isEqualTo(PositionStatus.ACTIVE);
                assertThat(position.hoster()).isEqualTo(user.id());
            }
            own.challenge().ifPresent(id -> {
                StorageChallenge challenge = item(StorageChallenge.class, id);
                assertThat(challenge.open()).isTrue();
                assertThat(challenge.hoster()).isEqualTo(user.id());
                // What it was told to drop meanwhile it need not show; something is left to show.
                assertThat(challenge.checks())
                        .anyMatch(check ->
                                own.hosting().stream().anyMatch(one -> one.is(check.contract(), check.position())));
                assertThat(challenge.status() == ChallengeStatus.MISSED)
                        .as("user %d is absent just as long as it has missed a challenge", user.id())
                        .isEqualTo(user.absence().now());
            });
            assertThat(own.challenge().isPresent() || !user.absence().now())
                    .as("user %d has nothing to come back with", user.id())
                    .isTrue();
            boolean watched = own.challenge().isPresent()
                    || Storage.CHALLENGE_DUE.get(state, user.id()).isPresent();
            assertThat(own.hosting().isEmpty() || watched)
                    .as("user %d hosts and is never challenged", user.id())
                    .isTrue();
        }
    }

    /** A contract with a vacant position is waiting, or over, or its plan is paused or its source away: nothing is forgotten. */
    private void queues() {
        long number = Storage.BLOCK_NUMBER.get(state).orElseThrow();
        Map<Long, Long> tickets = new HashMap<>();
        Storage.WAITING.forEach(state, tickets::put);
        assertThat(tickets.values()).doesNotHaveDuplicates();
        long first = Storage.WAITING_FIRST.get(state).orElse(1L);
        tickets.forEach((ticket, contract) -> {
            assertThat(ticket).isGreaterThanOrEqualTo(first);
            assertThat(Storage.WAITING_TICKET.get(state, contract)).contains(ticket);
        });
        Storage.WAITING_TICKET.forEach(
                state, (contract, ticket) -> assertThat(tickets).containsEntry(ticket, contract));
        Map<Agenda.Place, Task> agenda = new HashMap<>();
        Storage.AGENDA.forEach(state, agenda::put);
        Set<Task> tasks = new HashSet<>(agenda.values());
        for (Contract contract : all(Contract.class)) {
            Plan plan = item(Plan.class, contract.plan());
            boolean vacant = contract.positions().contains(Position.VACANT);
            boolean wanted = contract.open() && plan.open() && !plan.paused();
            boolean later = tasks.contains(new Task(Task.Kind.RETRY_CONTRACT, contract.id()))
                    || tasks.stream().anyMatch(task -> task.kind() == Task.Kind.RESUME_PLAN && task.id() == plan.id())
                    || plan.program().get(contract.part()).segments().isEmpty();
            // The other way round it may have been filled by a report; its turn in the queue then finds nothing to do.
            assertThat(tickets.containsValue(contract.id()) || !vacant || !wanted || later)
                    .as("contract %d has a vacant position and is not waiting", contract.id())
                    .isTrue();
            assertThat(contract.open() || !tickets.containsValue(contract.id()))
                    .as("contract %d is over and waiting", contract.id())
                    .isTrue();
        }
        agendas(agenda, number, tasks);
        providers();
        totals();
    }

    /** The agenda has no gaps, and whatever has a deadline is on it. */
    private void agendas(Map<Agenda.Place, Task> agenda, long number, Set<Task> tasks) {
        Agenda.Place next = Storage.AGENDA_NEXT.get(state).orElse(new Agenda.Place(number, 0));
        Map<Long, Long> counts = new HashMap<>();
        Storage.AGENDA_COUNT.forEach(state, counts::put);
        counts.forEach((block, count) -> {
            for (long i = block == next.block() ? next.index() : 0; i < count; i++) {
                assertThat(agenda).containsKey(new Agenda.Place(block, i));
            }
        });
        agenda.keySet()
                .forEach(place ->
                        assertThat(counts.getOrDefault(place.block(), 0L)).isGreaterThan(place.index()));
        for (Amendment amendment : all(Amendment.class)) {
            assertThat(amendment.status() != AmendmentStatus.IN_PROGRESS
                            || tasks.contains(new Task(Task.Kind.AMENDMENT_DEADLINE, amendment.id())))
                    .as("amendment %d has no end", amendment.id())
                    .isTrue();
        }
        for (Accusation accusation : all(Accusation.class)) {
            assertThat(tasks).contains(new Task(Task.Kind.ACCUSATION_DEADLINE, accusation.id()));
            assertThat(jobs(accusation.accused()).accusations()).contains(accusation.id());
        }
        for (Plan plan : all(Plan.class)) {
            assertThat(plan.status() != PlanStatus.ENDING
                            || tasks.stream()
                                    .anyMatch(task -> task.kind() == Task.Kind.END_PLAN && task.id() == plan.id()))
                    .as("plan %d never ends", plan.id())
                    .isTrue();
        }
        for (PerformanceChallenge challenge : all(PerformanceChallenge.class)) {
            boolean open = challenge.status() == PerformanceStatus.COMMITTING
                    || challenge.status() == PerformanceStatus.REVEALING;
            assertThat(!open || tasks.contains(new Task(Task.Kind.REVEAL_DEADLINE, challenge.id())))
                    .isTrue();
            challenge
                    .reports()
                    .forEach(report -> assertThat(
                                    jobs(report.attestor()).performances().contains(challenge.id()))
                            .isEqualTo(open));
        }
    }

    private void providers() {
        Map<Long, Long> places = new HashMap<>();
        Storage.PROVIDERS.forEach(state, places::put);
        assertThat(places)
                .hasSize(Math.toIntExact(Storage.PROVIDER_COUNT.get(state).orElse(0L)));
        places.forEach((place, user) -> {
            assertThat(place).isLessThan(places.size());
            assertThat(item(User.class, user).form()).isPresent();
            assertThat(Storage.PROVIDER_PLACE.get(state, user)).contains(place);
        });
        assertThat(all(User.class).stream().filter(user -> user.form().isPresent()))
                .hasSize(places.size());
    }

    /** What is counted along the way is what a count of everything gives. */
    private void totals() {
        for (Plan plan : all(Plan.class)) {
            if (!plan.open()) {
                continue;
            }
            List<Contract> open = plan.contracts().stream()
                    .map(id -> item(Contract.class, id))
                    .filter(Contract::open)
                    .toList();
            Money.Totals totals = Storage.PLAN_TOTALS.get(state, plan.id()).orElseThrow();
            assertThat(totals.open()).isEqualTo(open.size());
            assertThat(totals.bytes())
                    .isEqualTo(open.stream().mapToLong(Contract::estimatedBytes).sum());
            assertThat(totals.toHost())
                    .isEqualTo(open.stream().filter(one -> !one.hostedOnce()).count());
        }
    }
}
