package org.datdot.ledger;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
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
    private final List<Candidate> providers;

    private Draw(Execution execution, Chance chance) {
        this.execution = execution;
        this.chance = chance;
        providers = candidates();
    }

    /** A provider that may be drawn, with what is asked of it again and again. */
    private record Candidate(User user, Form form, String network) {
        private Candidate(User user, Form form) {
            this(user, form, form.network());
        }

        long id() {
            return user.id();
        }
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
        draw.networks.add(form(execution.user(hoster)).network());
        List<Candidate> work =
                draw.fit(draw.works(execution.parameters().periods().measuringDuration()));
        List<Long> drawn = new ArrayList<>();
        for (long i = 0; i < execution.parameters().performanceAttestorCount(); i++) {
            draw.apart(work, Draw::byRating).map(Candidate::id).ifPresent(drawn::add);
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
            execution.user(position.hoster()).form().ifPresent(form -> note(form, form.network()));
            if (position.status() == PositionStatus.SETUP) {
                taken.add(position.encoder());
                taken.add(execution.item(Amendment.class, position.amendment()).attestor());
            }
        }
    }

    /** Somebody hosts: the next hosters should be elsewhere. */
    private void note(Form form, String network) {
        networks.add(network);
        regions.addAll(form.regions());
    }

    /** Those of all that are looked at who do what is asked, in the same order. */
    private List<Candidate> fit(Predicate<Candidate> fits) {
        return providers.stream().filter(fits).toList();
    }

    private Predicate<Candidate> works(long blocks) {
        long now = execution.block().timestampMs();
        long ms = Math.multiplyExact(blocks, execution.parameters().periods().blockMs());
        return one -> one.form().covers(now, Math.addExact(now, ms));
    }

    private Optional<Drawn> amendment(Contract contract, Plan plan, List<Integer> positions) {
        // All hosters first: they must meet more, encoders and attestor may be anybody. All are of different networks
        // as
        // far as there are such: who checks or seals for a hoster should not be the hoster under another name.
        List<Candidate> hosters = new ArrayList<>();
        List<Candidate> host = new ArrayList<>(fit(hosts(contract, plan)));
        for (int i = 0; i < positions.size(); i++) {
            hoster(host, contract).ifPresent(hosters::add);
        }
        List<Candidate> encoders = new ArrayList<>();
        List<Candidate> encode = fit(works(execution.parameters().encodingDuration()));
        for (int i = 0; i < positions.size() && hosters.size() == positions.size(); i++) {
            apart(encode, Draw::byRating).ifPresent(encoders::add);
        }
        Optional<Candidate> attestor = encoders.size() == positions.size()
                ? apart(fit(works(execution.parameters().attestingDuration())), Draw::byRating)
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

    private Predicate<Candidate> hosts(Contract contract, Plan plan) {
        long now = execution.block().timestampMs();
        long mostPrice = new Money(execution).priceCap(plan);
        Part part = plan.program().get(contract.part());
        return one -> {
            Form form = one.form();
            User user = one.user();
            return form.lasts(now, plan.until().endMs())
                    && form.hours().contains(part.hours())
                    && form.storageBytes() - user.storedBytes() >= contract.estimatedBytes()
                    && form.pricePerGibHour() <= mostPrice
                    && (part.regions().isEmpty() || form.regions().stream().anyMatch(part.regions()::contains))
                    && user.measured().meets(part.level())
                    && Storage.DEPARTING.get(execution.state(), user.id()).isEmpty();
        };
    }

    /** A hoster who can pay the collateral and has room in its list; who has not is passed over, and not looked at again for this contract. */
    private Optional<Candidate> hoster(List<Candidate> host, Contract contract) {
        Money money = new Money(execution);
        while (true) {
            Optional<Candidate> drawn = apart(host, this::byPrice);
            if (drawn.isEmpty()) {
                return drawn;
            }
            Candidate one = drawn.get();
            long collateral = money.collateral(one.form().pricePerGibHour(), contract.estimatedBytes());
            boolean fits = Balances.of(execution.state(), one.user().account()).free() >= collateral
                    && execution.jobs(one.id()).hosting().size()
                            < execution.parameters().periods().maxPositions();
            if (fits) {
                note(one.form(), one.network());
                return drawn;
            }
            taken.remove(one.id());
            host.remove(one);
        }
    }

    private static Form form(User user) {
        return user.form().orElseThrow(() -> new IllegalStateException("user " + user.id() + " offers nothing"));
    }

    /** Providers that may be drawn at all; where there are many, so many of them at random. */
    private List<Candidate> candidates() {
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
        List<Candidate> free = new ArrayList<>();
        for (long place : places) {
            User user = execution.user(Storage.PROVIDERS.get(state, place).orElseThrow());
            if (!user.pausedAt(execution.block().number())
                    && user.setupJobs() < form(user).capacity()) {
                free.add(new Candidate(user, form(user)));
            }
        }
        return free;
    }

    /** One who is not in a network of those before, where there is such a one; in a region without any of them twice as likely. */
    private Optional<Candidate> apart(List<Candidate> fit, Tickets tickets) {
        List<Candidate> elsewhere =
                fit.stream().filter(one -> !networks.contains(one.network())).toList();
        Optional<Candidate> first = one(elsewhere, tickets);
        Optional<Candidate> drawn = first.isPresent() ? first : one(fit, tickets);
        drawn.ifPresent(one -> networks.add(one.network()));
        return drawn;
    }

    /** How many tickets each of the eligible has. */
    private interface Tickets {
        ToLongFunction<Candidate> among(List<Candidate> eligible);
    }

    private static ToLongFunction<Candidate> byRating(List<Candidate> eligible) {
        return one -> one.user().weight();
    }

    /**
     * Hosters: by rating, by region, by how often they were found serving, and by the square of how their price compares with the middle one. Who asks for twice as much is drawn a quarter as often,
     * and so earns half as much: asking for more than others does not pay, however large the budget.
     */
    private ToLongFunction<Candidate> byPrice(List<Candidate> eligible) {
        BigInteger middle = BigInteger.valueOf(eligible.stream()
                .mapToLong(one -> one.form().pricePerGibHour())
                .sorted()
                .skip(eligible.size() / 2)
                .findFirst()
                .orElse(0));
        return one -> {
            User user = one.user();
            boolean newRegion = one.form().regions().stream().noneMatch(regions::contains);
            long weight = newRegion && !regions.isEmpty() ? 2 * user.weight() : user.weight();
            long tickets = weight * user.measured().likely();
            return tickets * priceFactor(middle, one.form().pricePerGibHour());
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

    /** One of those who are not taken yet, each with as many tickets as it has. */
    private Optional<Candidate> one(List<Candidate> fit, Tickets kind) {
        List<Candidate> eligible =
                fit.stream().filter(one -> !taken.contains(one.id())).toList();
        if (eligible.isEmpty()) {
            return Optional.empty();
        }
        ToLongFunction<Candidate> counted = kind.among(eligible);
        long[] tickets = eligible.stream().mapToLong(counted).toArray();
        long ticket = chance.below(Arrays.stream(tickets).sum());
        for (int i = 0; i < tickets.length; i++) {
            ticket -= tickets[i];
            if (ticket < 0) {
                taken.add(eligible.get(i).id());
                return Optional.of(eligible.get(i));
            }
        }
        throw new IllegalStateException("a draw past the last ticket");
    }
}
