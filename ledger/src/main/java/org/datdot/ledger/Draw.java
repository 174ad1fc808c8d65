package org.datdot.ledger;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Draws who works on an amendment or measures a hoster: deterministic from the state and the block's entropy, each at most once, weighted by rating
 * (docs/protocol.md 5.5).
 */
final class Draw {
    /** A price below half of the middle one is as good as half. */
    private static final long MOST_PRICE_RATIO = 64;

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
            draw.apart(works, Draw::byRating).map(User::id).ifPresent(drawn::add);
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
            Optional<User> drawn = apart(user -> !unfit.contains(user.id()) && hosts.test(user), this::byPrice);
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
    private Optional<User> apart(Predicate<User> fits, Tickets tickets) {
        Optional<User> elsewhere = one(user -> !networks.contains(form(user).network()) && fits.test(user), tickets);
        Optional<User> drawn = elsewhere.isPresent() ? elsewhere : one(fits, tickets);
        drawn.ifPresent(user -> networks.add(form(user).network()));
        return drawn;
    }

    /** How many tickets each of the eligible has. */
    private interface Tickets {
        ToLongFunction<User> among(List<User> eligible);
    }

    private static ToLongFunction<User> byRating(List<User> eligible) {
        return User::weight;
    }

    /**
     * Hosters: by rating, by region, by how often they were found serving, and by the square of how their price compares with the middle one. Who asks for twice as much is drawn a quarter as often,
     * and so earns half as much: asking for more than others does not pay, however large the budget.
     */
    private ToLongFunction<User> byPrice(List<User> eligible) {
        BigInteger middle = BigInteger.valueOf(eligible.stream()
                .mapToLong(user -> form(user).pricePerGibHour())
                .sorted()
                .skip(eligible.size() / 2)
                .findFirst()
                .orElse(0));
        return user -> {
            boolean newRegion = form(user).regions().stream().noneMatch(regions::contains);
            long weight = newRegion && !regions.isEmpty() ? 2 * user.weight() : user.weight();
            long tickets = weight * user.measured().likely();
            return tickets * priceFactor(middle, form(user).pricePerGibHour());
        };
    }

    /** {@code (32 × middle / price)²}, from 1 to 64²; 32² for the middle price. */
    static long priceFactor(BigInteger middle, long price) {
        long ratio = price == 0
                ? MOST_PRICE_RATIO
                : middle.shiftLeft(5)
                        .divide(BigInteger.valueOf(price))
                        .min(BigInteger.valueOf(MOST_PRICE_RATIO))
                        .longValueExact();
        return Math.max(1, ratio * ratio);
    }

    private Optional<User> one(Predicate<User> fits) {
        return one(fits, Draw::byRating);
    }

    private Optional<User> one(Predicate<User> fits, Tickets kind) {
        List<User> eligible = providers.stream()
                .filter(user -> !taken.contains(user.id()) && fits.test(user))
                .toList();
        if (eligible.isEmpty()) {
            return Optional.empty();
        }
        ToLongFunction<User> tickets = kind.among(eligible);
        long ticket = chance.below(eligible.stream().mapToLong(tickets).sum());
        for (User user : eligible) {
            ticket -= tickets.applyAsLong(user);
            if (ticket < 0) {
                taken.add(user.id());
                return Optional.of(user);
            }
        }
        throw new IllegalStateException("a draw past the last ticket");
    }
}
