package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

class PublishingTest {
    private static final long HOUR_MS = 3_600_000;
    private static final Bytes NO_MANIFEST = new Bytes(new byte[0]);

    private final World world = new World();
    private final Person alice = world.user("alice");
    private final CoreKey key = World.coreKey("feed");

    private Call.PublishFeed call(FeedHead head) {
        return new Call.PublishFeed(key, NO_MANIFEST, head);
    }

    @Test
    void shouldKeepEveryHeadAndTheFirstPublisher() {
        Person bob = world.user("bob");
        World.Published feed = world.feed(alice, "feed", 10, 100);
        List<Event> caused = world.submit(bob, call(World.head("feed", 0, 12, 100)));
        assertThat(caused).containsExactly(new Event.FeedPublished(feed.id(), 12));
        Feed stored = world.queries().getFeedByKey(key).orElseThrow();
        assertThat(stored.publisher()).isEqualTo(alice.id());
        assertThat(stored.length()).isEqualTo(12);
        assertThat(world.queries().getFeedHead(feed.id(), 10)).contains(World.head("feed", 0, 10, 100));
        assertThat(world.queries().getFeedHead(feed.id(), 12)).contains(World.head("feed", 0, 12, 100));
        Invariants.check(world.state);
    }

    @Test
    void shouldChangeNothingWhenTheSameHeadComesAgain() {
        world.feed(alice, "feed", 10, 100);
        var before = world.dump();
        assertThat(world.submit(alice, call(World.head("feed", 0, 10, 100)))).isEmpty();
        assertThat(world.dump()).isEqualTo(before);
    }

    @Test
    void shouldRefuseShorterHeadsAndOtherHeadsOfAKnownLength() {
        world.feed(alice, "feed", 10, 100);
        assertThat(world.refused(alice.account(), call(World.head("feed", 0, 9, 100)))
                        .error())
                .isEqualTo(LedgerError.STALE_TREE_HEAD);
        assertThat(world.refused(alice.account(), call(World.head("feed", 0, 10, 101)))
                        .error())
                .isEqualTo(LedgerError.STALE_TREE_HEAD);
        assertThat(world.refused(alice.account(), call(World.head("feed", 1, 10, 100)))
                        .error())
                .isEqualTo(LedgerError.STALE_TREE_HEAD);
    }

    @Test
    void shouldRefuseHeadsNobodySigned() {
        FeedHead good = World.head("feed", 0, 10, 100);
        List<FeedHead> bad = List.of(
                World.head("somebody else", 0, 10, 100),
                new FeedHead(0, 11, good.roots(), good.signature()),
                new FeedHead(0, 10, good.roots(), NO_MANIFEST),
                World.head("feed", 0, 0, 100));
        for (FeedHead head : bad) {
            assertThat(world.refused(alice.account(), call(head)).error()).isEqualTo(LedgerError.INVALID_TREE_HEAD);
        }
    }

    /** Who owns a feed signs whatever it likes; the ledger has to be able to count with it. */
    @Test
    void shouldRefuseSignedHeadsOfSizesNobodyHas() {
        TreeHash hash = new TreeHash(new byte[32]);
        List<FeedHead> bad = List.of(
                World.head("feed", 0, 1, List.of(new TreeNode(0, Long.MAX_VALUE, hash))),
                World.head(
                        "feed",
                        0,
                        3,
                        List.of(new TreeNode(1, Long.MAX_VALUE, hash), new TreeNode(4, Long.MAX_VALUE, hash))),
                World.head("feed", 0, 1L << 50, List.of(new TreeNode((1L << 50) - 1, 1, hash))));
        for (FeedHead head : bad) {
            assertThat(world.refused(alice.account(), call(head)).error()).isEqualTo(LedgerError.INVALID_TREE_HEAD);
        }
    }

    @Test
    void shouldRefusePlansThatMakeNoSense() {
        World.Published feed = world.feed(alice, "feed", 10, 100);
        Call.PublishPlan good = world.planCall(feed, 3, HOUR_MS, World.TOKEN);
        List<Segment> program = good.program().getFirst().segments();
        List<String> from = good.sources();
        long until = good.until().timeMs();
        long budget = good.budget();
        List<String> anywhere = List.of();
        List<Call.PublishPlan> bad = List.of(
                new Call.PublishPlan(List.of(), 3, 0, until, budget, anywhere, from),
                new Call.PublishPlan(Collections.nCopies(65, program.getFirst()), 3, 0, until, budget, anywhere, from),
                new Call.PublishPlan(List.of(new Segment(feed.id(), 10, 5, 5)), 3, 0, until, budget, anywhere, from),
                new Call.PublishPlan(List.of(new Segment(feed.id(), 10, 6, 5)), 3, 0, until, budget, anywhere, from),
                new Call.PublishPlan(List.of(new Segment(feed.id(), 10, 0, 11)), 3, 0, until, budget, anywhere, from),
                new Call.PublishPlan(program, 0, 0, until, budget, anywhere, from),
                new Call.PublishPlan(program, 17, 0, until, budget, anywhere, from),
                new Call.PublishPlan(program, 3, 2, until, budget, anywhere, from),
                new Call.PublishPlan(program, 3, 0, world.nowMs, budget, anywhere, from),
                new Call.PublishPlan(program, 3, 0, until, 0, anywhere, from),
                new Call.PublishPlan(program, 3, 0, until, 10, anywhere, from),
                new Call.PublishPlan(program, 3, 0, until, budget, Collections.nCopies(17, "EU"), from),
                new Call.PublishPlan(program, 3, 0, until, budget, List.of("x".repeat(65)), from),
                new Call.PublishPlan(program, 3, 0, until, budget, anywhere, Collections.nCopies(17, "10.0.0.1:1000")),
                new Call.PublishPlan(program, 3, 0, until, budget, anywhere, List.of("nowhere")));
        for (Call.PublishPlan call : bad) {
            assertThat(world.refused(alice.account(), call).error())
                    .as("%s", call)
                    .isEqualTo(LedgerError.INVALID_PLAN);
        }
        for (Segment unknown : List.of(new Segment(999, 10, 0, 1), new Segment(feed.id(), 9, 0, 1))) {
            assertThat(world.refused(
                                    alice.account(),
                                    new Call.PublishPlan(List.of(unknown), 3, 0, until, budget, anywhere, from))
                            .error())
                    .isEqualTo(LedgerError.UNKNOWN_FEED);
        }
        DispatchResult.Rejected poor =
                world.refused(alice.account(), world.planCall(feed, 3, HOUR_MS, Long.MAX_VALUE / 2));
        assertThat(poor.error()).isEqualTo(LedgerError.INSUFFICIENT_BALANCE);
        assertThat(poor.detail()).contains(Long.toString(world.parameters.newUserEndowment()));
    }

    @Test
    void shouldSayWhatTheSetupCostsWhenTheBudgetIsTooSmall() {
        World.Published feed = world.feed(alice, "feed", 10, 100);
        DispatchResult.Rejected rejected = world.refused(alice.account(), world.planCall(feed, 3, HOUR_MS, 5_999));
        assertThat(rejected.error()).isEqualTo(LedgerError.INVALID_PLAN);
        // Three times the minimum fee for the encoder and for the attestor.
        assertThat(rejected.detail()).contains("5999", "6000");
        world.publish(alice, world.planCall(feed, 3, HOUR_MS, 6_000));
    }

    @Test
    void shouldSplitProgramsIntoContractsInOrder() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            List<Segment> program = new ArrayList<>();
            for (int i = 1 + random.nextInt(6); i > 0; i--) {
                long start = random.nextInt(50);
                program.add(new Segment(1 + random.nextInt(3), 200, start, start + 1 + random.nextInt(60)));
            }
            int most = 1 + random.nextInt(30);
            List<List<Segment>> contracts = Publishing.split(program, most);
            List<String> expected = new ArrayList<>();
            program.forEach(segment -> blocks(segment, expected));
            List<String> found = new ArrayList<>();
            for (int i = 0; i < contracts.size(); i++) {
                int before = found.size();
                contracts.get(i).forEach(segment -> {
                    assertThat(segment.start()).isLessThan(segment.end());
                    blocks(segment, found);
                });
                int size = found.size() - before;
                assertThat(size).as("seed %d", seed).isBetween(1, most);
                assertThat(i == contracts.size() - 1 || size == most).isTrue();
            }
            assertThat(found).as("seed %d", seed).isEqualTo(expected);
        }
    }

    private static void blocks(Segment segment, List<String> out) {
        for (long block = segment.start(); block < segment.end(); block++) {
            out.add(segment.feed() + ":" + block);
        }
    }

    /** One call must not be able to keep the chain busy: neither with contracts nor with draws. */
    @Test
    void shouldRefuseAPlanOfMoreContractsThanOneCallMayMake() {
        // A feed of empty blocks costs nothing to sign.
        World.Published feed = world.feed(alice, "feed", 1L << 39, 0);
        long start = System.nanoTime();
        DispatchResult.Rejected rejected =
                world.refused(alice.account(), world.planCall(feed, 1, HOUR_MS, 100 * World.TOKEN));
        assertThat(rejected.error()).isEqualTo(LedgerError.INVALID_PLAN);
        assertThat(rejected.detail()).contains("several plans");
        assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
    }

    @Test
    void shouldDrawAtMostAsManyContractsInABlockAsTheCapSays() {
        world.providers(60);
        World.Published feed = world.feed(alice, "feed", 4096 * 130, 10);
        Plan plan = world.publish(alice, world.planCall(feed, 1, HOUR_MS, 100 * World.TOKEN));
        assertThat(plan.contracts()).hasSize(130);
        long cap = world.parameters.contractActivationCap();
        long drawn = world.seen(Event.NewAmendment.class).size();
        assertThat(drawn).isLessThanOrEqualTo(cap);
        Invariants.check(world.state);
        for (int i = 0; i < 12; i++) {
            List<Event> caused = world.block();
            assertThat(caused.stream().filter(Event.NewAmendment.class::isInstance))
                    .hasSizeLessThanOrEqualTo((int) cap);
            world.everybodyWorks();
            Invariants.check(world.state);
        }
        assertThat(world.plan(plan.id()).status()).isEqualTo(PlanStatus.HOSTED);
        world.block(2 * HOUR_MS);
        for (int i = 0; i < 5; i++) {
            world.block();
        }
        Invariants.check(world.state);
        assertThat(world.plan(plan.id()).status()).isEqualTo(PlanStatus.ENDED);
    }
}
