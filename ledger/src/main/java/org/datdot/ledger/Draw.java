package org.datdot.ledger;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Draws who works on an amendment or measures a hoster: deterministic from the state and the block's entropy, each at most once, weighted by rating
 * (docs/protocol.md 5.5).
 */
final class Draw {
    private final Execution execution;
    private final Chance chance;
    private final Set<Long> taken = new HashSet<>();
    private final Set<String> networks = new HashSet<>();
    private final Set<String> regions = new HashSet<>();
    private final List<User> providers;

    private Draw(Execution execution, Chance chance) {
        this.execution = execution;
        this.chance = chance;
        providers = candidates();
    }

    /** The attestor and an assignment for each of the positions. */
    record Drawn(long attestor, List<Assignment> assignments) {}

    /** Draws for positions of a contract; empty when providers are too few. */
    static Optional<Drawn> amendment(
            Execution execution, Contract contract, Plan plan, long amendmentId, List<Integer> positions) {
        Draw draw = new Draw(execution, execution.chance("amendment", amendmentId));
        draw.exclude(contract, plan);
        return draw.amendment(contract, plan, positions);
    }

    /** Draws who measures a hoster, as many as there are, up to a number. */
    static List<Long> attestors(Execution execution, Contract contract, Plan plan, long hoster, long challengeId) {
        Draw draw = new Draw(execution, execution.chance("performance", challengeId));
        draw.exclude(contract, plan);
        draw.taken.add(hoster);
        draw.networks.add(draw.form(execution.user(hoster)).network());
        Predicate<User> works = draw.works(execution.parameters().periods().measuringDuration());
        List<Long> drawn = new ArrayList<>();
        for (long i = 0; i < execution.parameters().performanceAttestorCount(); i++) {
            draw.apart(works).map(User::id).ifPresent(drawn::add);
        }
        return drawn;
    }

    private void exclude(Contract contract, Plan plan) {
        taken.add(plan.sponsor());
        for (Segment segment : contract.segments()) {
            taken.add(execution.item(Feed.class, segment.feed()).publisher());
        }
        for (Position position : contract.positions()) {
            if (position.status() == PositionStatus.VACANT) {
                continue;
            }
            taken.add(position.hoster());
            note(execution.user(position.hoster()));
            if (position.status() == PositionStatus.SETUP) {
                taken.add(position.encoder());
                taken.add(execution.item(Amendment.class, position.amendment()).attestor());
            }
        }
    }

    /** Somebody hosts: the next hosters should be elsewhere. */
    private void note(User hoster) {
        hoster.form().ifPresent(form -> {
            networks.add(form.network());
            regions.addAll(form.regions());
        });
    }

    private Predicate<User> works(long blocks) {
        long now = execution.block().timestampMs();
        long ms = Math.multiplyExact(blocks, execution.parameters().periods().blockMs());
        return user -> form(user).covers(now, Math.addExact(now, ms));
    }

    private Optional<Drawn> amendment(Contract contract, Plan plan, List<Integer> positions) {
        // All hosters first: they must meet more, encoders and attestor may be anybody.
        List<User> hosters = new ArrayList<>();
        Predicate<User> hosts = hosts(contract, plan);
        for (int i = 0; i < positions.size(); i++) {
            hoster(hosts, contract).ifPresent(hosters::add);
        }
        List<User> encoders = new ArrayList<>();
        Predicate<User> encodes = works(execution.parameters().encodingDuration());
        for (int i = 0; i < positions.size() && hosters.size() == positions.size(); i++) {
            one(encodes).ifPresent(encoders::add);
        }
        Optional<User> attestor = encoders.size() == positions.size()
                ? one(works(execution.parameters().attestingDuration()))
                : Optional.empty();
        if (attestor.isEmpty()) {
            return Optional.empty();
        }
        List<Assignment> assignments = new ArrayList<>();
        for (int i = 0; i < positions.size(); i++) {
            assignments.add(new Assignment(
                    positions.get(i), encoders.get(i).id(), hosters.get(i).id()));
        }
        return Optional.of(new Drawn(attestor.get().id(), List.copyOf(assignments)));
    }

    private Predicate<User> hosts(Contract contract, Plan plan) {
        long now = execution.block().timestampMs();
        long mostPrice = new Money(execution).priceCap(plan);
        Part part = plan.program().get(contract.part());
        return user -> {
            Form form = form(user);
            return form.lasts(now, plan.until().endMs())
                    && form.hours().contains(part.hours())
                    && form.storageBytes() - user.storedBytes() >= contract.estimatedBytes()
                    && form.pricePerGibHour() <= mostPrice
                    && (part.regions().isEmpty() || form.regions().stream().anyMatch(part.regions()::contains))
                    && user.measured().meets(part.level())
                    && Storage.DEPARTING.get(execution.state(), user.id()).isEmpty();
        };
    }

    /** A hoster who can pay the collateral and has room in its list; who has not is passed over. */
    private Optional<User> hoster(Predicate<User> hosts, Contract contract) {
        Set<Long> unfit = new HashSet<>();
        Money money = new Money(execution);
        while (true) {
            Optional<User> drawn = apart(user -> !unfit.contains(user.id()) && hosts.test(user));
            if (drawn.isEmpty()) {
                return drawn;
            }
            User user = drawn.get();
            long collateral = money.collateral(form(user).pricePerGibHour(), contract.estimatedBytes());
            boolean fits = Balances.of(execution.state(), user.account()).free() >= collateral
                    && execution.jobs(user.id()).hosting().size()
                            < execution.parameters().periods().maxPositions();
            if (fits) {
                note(user);
                return drawn;
            }
            taken.remove(user.id());
            unfit.add(user.id());
        }
    }

    private Form form(User user) {
        return user.form().orElseThrow(() -> new IllegalStateException("user " + user.id() + " offers nothing"));
    }

    /** Providers that may be drawn at all; where there are many, so many of them at random. */
    private List<User> candidates() {
        State state = execution.state();
        long all = Storage.PROVIDER_COUNT.get(state).orElse(0L);
        long most = execution.parameters().maxSelectedPerRole();
        Set<Long> places = new LinkedHashSet<>();
        if (all <= most) {
            for (long place = 0; place < all; place++) {
                places.add(place);
            }
        } else {
            // Floyd's way to draw some of many without replacement.
            for (long last = all - most; last < all; last++) {
                long place = chance.below(last + 1);
                places.add(places.contains(place) ? last : place);
            }
        }
        List<User> free = new ArrayList<>();
        for (long place : places) {
            User user = execution.user(Storage.PROVIDERS.get(state, place).orElseThrow());
            if (!user.pausedAt(execution.block().number())
                    && user.setupJobs() < form(user).capacity()) {
                free.add(user);
            }
        }
        return free;
    }

    /** One who is not in a network of those before, where there is such a one; in a region without any of them twice as likely. */
    private Optional<User> apart(Predicate<User> fits) {
        Optional<User> elsewhere = one(user -> !networks.contains(form(user).network()) && fits.test(user));
        Optional<User> drawn = elsewhere.isPresent() ? elsewhere : one(fits);
        drawn.ifPresent(user -> networks.add(form(user).network()));
        return drawn;
    }

    private long tickets(User user) {
        boolean newRegion = form(user).regions().stream().noneMatch(regions::contains);
        return newRegion && !regions.isEmpty() ? 2 * user.weight() : user.weight();
    }

    private Optional<User> one(Predicate<User> fits) {
        List<User> eligible = providers.stream()
                .filter(user -> !taken.contains(user.id()) && fits.test(user))
                .toList();
        if (eligible.isEmpty()) {
            return Optional.empty();
        }
        long ticket = chance.below(eligible.stream().mapToLong(this::tickets).sum());
        for (User user : eligible) {
            ticket -= tickets(user);
            if (ticket < 0) {
                taken.add(user.id());
                return Optional.of(user);
            }
        }
        throw new IllegalStateException("a draw past the last ticket");
    }
}
