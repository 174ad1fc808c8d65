package org.datdot.ledger;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Draws who works on an amendment: deterministic from the state and the block's entropy, each at most once, weighted by rating
 * (docs/protocol.md 5.5).
 */
final class Draw {
    private final Execution execution;
    private final Contract contract;
    private final Plan plan;
    private final Chance chance;
    private final Set<Long> taken = new HashSet<>();
    private final List<User> providers;

    Draw(Execution execution, Contract contract, Plan plan, long amendmentId) {
        this.execution = execution;
        this.contract = contract;
        this.plan = plan;
        this.chance = execution.chance("amendment", amendmentId);
        taken.add(plan.sponsor());
        for (Segment segment : contract.segments()) {
            taken.add(execution.item(Feed.class, segment.feed()).publisher());
        }
        for (Position position : contract.positions()) {
            if (position.status() != PositionStatus.VACANT) {
                taken.add(position.hoster());
                if (position.status() == PositionStatus.SETUP) {
                    taken.add(position.encoder());
                    taken.add(execution
                            .item(Amendment.class, position.amendment())
                            .attestor());
                }
            }
        }
        providers = candidates();
    }

    /** The attestor and an assignment for each of the positions; empty when providers are too few. */
    record Drawn(long attestor, List<Assignment> assignments) {}

    Optional<Drawn> draw(List<Integer> positions) {
        long now = execution.block().timestampMs();
        Predicate<User> works = user -> form(user).covers(now, now);
        Money money = new Money(execution);
        long mostPrice = money.priceCap(plan);
        Predicate<User> hosts = user -> {
            Form form = form(user);
            return form.covers(now, plan.untilMs())
                    && form.storageBytes() - user.storedBytes() >= contract.estimatedBytes()
                    && form.pricePerGibHour() <= mostPrice
                    && (plan.regions().isEmpty() || form.regions().stream().anyMatch(plan.regions()::contains));
        };
        // All hosters first: they must meet more, encoders and attestor may be anybody.
        List<User> hosters = some(positions.size(), hosts);
        List<User> encoders = some(positions.size(), works);
        Optional<User> attestor = one(works);
        if (hosters.size() < positions.size() || encoders.size() < positions.size() || attestor.isEmpty()) {
            return Optional.empty();
        }
        List<Assignment> assignments = new ArrayList<>();
        for (int i = 0; i < positions.size(); i++) {
            assignments.add(new Assignment(
                    positions.get(i), encoders.get(i).id(), hosters.get(i).id()));
        }
        return Optional.of(new Drawn(attestor.get().id(), List.copyOf(assignments)));
    }

    private List<User> some(int count, Predicate<User> fits) {
        List<User> drawn = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            one(fits).ifPresent(drawn::add);
        }
        return drawn;
    }

    private static Form form(User user) {
        return user.form().orElseThrow(() -> new IllegalStateException("user " + user.id() + " offers nothing"));
    }

    /** Providers that may be drawn at all; where they are many, a stretch of the list that begins anywhere. */
    private List<User> candidates() {
        List<Long> all = Storage.PROVIDERS.get(execution.state()).orElse(List.of());
        int most = (int) Math.min(all.size(), execution.parameters().maxSelectedPerRole());
        int first = all.size() > most ? (int) chance.below(all.size()) : 0;
        List<User> free = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            User user = execution.user(all.get((first + i) % all.size()));
            if (user.pausedUntilBlock() <= execution.block().number()
                    && user.setupJobs() < form(user).capacity()) {
                free.add(user);
            }
        }
        return free;
    }

    private Optional<User> one(Predicate<User> fits) {
        List<User> eligible = providers.stream()
                .filter(user -> !taken.contains(user.id()) && fits.test(user))
                .toList();
        if (eligible.isEmpty()) {
            return Optional.empty();
        }
        long ticket = chance.below(eligible.stream().mapToLong(User::weight).sum());
        for (User user : eligible) {
            ticket -= user.weight();
            if (ticket < 0) {
                taken.add(user.id());
                return Optional.of(user);
            }
        }
        throw new IllegalStateException("a draw past the last ticket");
    }
}
