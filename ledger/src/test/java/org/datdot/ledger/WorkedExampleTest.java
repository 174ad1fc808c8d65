package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.FlatTree;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

/**
 * The demonstration of the first DatDot (datdotorg/datdot-service, {@code demo/scenarios}): alice sponsors 13 of the 17 greetings that eve wrote, seventeen people offer to host. Corrected where the
 * original was wrong: eve, the author, offers to work as well, and must not be drawn; everything is signed, proven and paid; a third of the hosters vanishes, and the copies come back.
 */
class WorkedExampleTest {
    private static final List<String> GREETINGS = List.of(
            "Hello World!",
            "Pozdravljen svet!",
            "你好，世界!",
            "Hallo Welt!",
            "Bonjour le monde!",
            "¡Hola mundo!",
            "Ciao mondo!",
            "Olá mundo!",
            "Привет, мир!",
            "こんにちは世界!",
            "안녕하세요 세계!",
            "Merhaba Dünya!",
            "Witaj świecie!",
            "Hej världen!",
            "Ahoj světe!",
            "Γειά σου Κόσμε!",
            "नमस्ते दुनिया!");
    private static final long STORAGE_BYTES = 100_000L * 1_000;
    private static final long DAY_MS = 86_400_000;
    private static final long CHALLENGE_DELAY = 5;

    private final World world = new World(
            Parameters.devnet()
                    .with("ContractSetSize", 10)
                    .with("ChallengeDelay", CHALLENGE_DELAY)
                    .with("PerformanceDelay", 5)
                    .with("MeasuringDuration", 3)
                    .with("RevealDuration", 2),
            "the first demonstration");
    private final Person alice = worker("alice");
    private final Person eve = worker("eve");

    private Person worker(String name) {
        int number = world.people.size();
        String address = "10.0." + number + ".1:4000";
        long until = World.START_MS + 365 * DAY_MS;
        return world.provider(name, new Form(STORAGE_BYTES, 1_000_000, 2, address, List.of("X3F"), 0, until));
    }

    /** The roots over a feed's blocks, from the left. */
    private static List<TreeNode> roots(List<String> blocks) {
        List<TreeNode> roots = new ArrayList<>();
        for (long index : FlatTree.fullRoots(2L * blocks.size())) {
            int first = (int) (FlatTree.leftSpan(index) / 2);
            int count = (int) FlatTree.countLeaves(index);
            List<TreeNode> level = new ArrayList<>();
            for (int block = first; block < first + count; block++) {
                level.add(MerkleHash.leafNode(block, blocks.get(block).getBytes(StandardCharsets.UTF_8)));
            }
            while (level.size() > 1) {
                List<TreeNode> above = new ArrayList<>();
                for (int i = 0; i < level.size(); i += 2) {
                    above.add(MerkleHash.parentNode(level.get(i), level.get(i + 1)));
                }
                level = above;
            }
            roots.add(level.getFirst());
        }
        return roots;
    }

    private Plan publish() {
        CoreKey key = World.coreKey("greetings");
        FeedHead head = World.head("greetings", 0, GREETINGS.size(), roots(GREETINGS));
        world.submit(eve, new Call.PublishFeed(key, new Bytes(new byte[0]), head));
        Feed feed = world.queries().getFeedByKey(key).orElseThrow();
        assertThat(feed.publisher()).isEqualTo(eve.id());
        assertThat(feed.length()).isEqualTo(17);
        // The original's ranges have their last block in them: [0,3], [5,8], [10,14].
        List<Segment> ranges = List.of(
                new Segment(feed.id(), 17, 0, 4), new Segment(feed.id(), 17, 5, 9), new Segment(feed.id(), 17, 10, 15));
        Part part = new Part(ranges, false, List.of("X3F", "A0K"), Hours.ALWAYS, ServiceLevel.ANY);
        return world.publish(
                alice,
                new Call.PublishPlan(
                        List.of(part),
                        3,
                        0,
                        Until.time(world.nowMs + 100 * DAY_MS),
                        20 * World.TOKEN,
                        0,
                        List.of("127.0.0.1:3000")));
    }

    private List<Contract> contracts(Plan plan) {
        return world.plan(plan.id()).contracts().stream().map(world::contract).toList();
    }

    private static long feed(Contract contract) {
        return contract.segments().getFirst().feed();
    }

    @Test
    void shouldGoAsTheFirstDemonstrationWasMeantTo() {
        for (int i = 0; i < 16; i++) worker("provider " + i);
        Plan plan = publish();

        // Thirteen blocks: one contract of ten and one of three.
        List<Contract> contracts = contracts(plan);
        assertThat(world.seen(Event.FeedPublished.class)).hasSize(1);
        assertThat(world.seen(Event.NewContract.class)).hasSize(2);
        long feed = feed(contracts.getFirst());
        assertThat(contracts.get(0).segments())
                .containsExactly(
                        new Segment(feed, 17, 0, 4), new Segment(feed, 17, 5, 9), new Segment(feed, 17, 10, 12));
        assertThat(contracts.get(1).segments()).containsExactly(new Segment(feed, 17, 12, 15));

        // Each with three encoders, three hosters and one attestor, seven people; neither alice nor eve.
        for (Contract contract : contracts) {
            Amendment amendment = world.amendmentOf(contract);
            Set<Long> drawn = new HashSet<>(Set.of(amendment.attestor()));
            amendment.assignments().forEach(one -> drawn.addAll(List.of(one.encoder(), one.hoster())));
            assertThat(amendment.assignments()).hasSize(3);
            assertThat(drawn).hasSize(7).doesNotContain(alice.id(), eve.id());
            world.reportAll(amendment);
        }
        assertThat(world.seen(Event.HostingStarted.class))
                .containsExactlyInAnyOrder(
                        new Event.HostingStarted(contracts.get(0).id(), plan.id()),
                        new Event.HostingStarted(contracts.get(1).id(), plan.id()));

        // Each hoster is asked every five blocks or so, and measured; everything asked is answered.
        Set<Long> hosters = new HashSet<>();
        contracts(plan).forEach(contract -> contract.positions().forEach(one -> hosters.add(one.hoster())));
        int blocks = 120;
        for (int i = 0; i < blocks; i++) {
            world.block();
            world.everybodyWorks();
            Invariants.check(world.state);
        }
        for (long hoster : hosters) {
            long asked = world.seen(Event.NewStorageChallenge.class).stream()
                    .filter(one -> one.hoster() == hoster)
                    .count();
            long measured = world.seen(Event.PerformanceMeasured.class).stream()
                    .filter(one -> one.hoster() == hoster && one.measurement().reached())
                    .count();
            assertThat(asked)
                    .as("hoster %d", hoster)
                    .isBetween(blocks / (CHALLENGE_DELAY + 1) - 1, blocks / CHALLENGE_DELAY);
            assertThat(measured).as("hoster %d", hoster).isGreaterThan(blocks / 20);
        }
        assertThat(world.seen(Event.HosterAbsent.class)).isEmpty();
        assertThat(world.seen(Event.ProviderPaused.class)).isEmpty();
        // The sponsor has paid, and those who worked have it.
        long paid = world.seen(Event.Paid.class).stream()
                .mapToLong(Event.Paid::units)
                .sum();
        assertThat(paid).isPositive().isEqualTo(world.plan(plan.id()).paid());
        assertThat(world.queries().getAccount(alice.account()).reserved())
                .isEqualTo(world.plan(plan.id()).budget() - paid);

        // A third of the people vanish, hosters first: each contract has three hosters again, from what the others
        // keep.
        hosters.stream().sorted().limit(2).forEach(world.silentHosters::add);
        world.people.keySet().stream()
                .filter(id -> !hosters.contains(id) && id != alice.id() && id != eve.id())
                .sorted()
                .limit(4)
                .forEach(world.silentHosters::add);
        world.silentAttestors.addAll(world.silentHosters);
        for (int i = 0; i < 300; i++) {
            world.block();
            world.everybodyWorks();
            Invariants.check(world.state);
        }
        assertThat(world.seen(Event.DropHosting.class)).isNotEmpty();
        assertThat(world.seen(Event.ContractLost.class)).isEmpty();
        for (Contract contract : contracts(plan)) {
            assertThat(contract.complete()).isTrue();
            assertThat(contract.positions())
                    .noneMatch(one -> world.silentHosters.contains(one.hoster()))
                    .noneMatch(one -> one.hoster() == alice.id() || one.hoster() == eve.id());
        }
    }
}
