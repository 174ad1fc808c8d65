package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

/** What the ledger does by itself is bounded in every block; what is too much follows in the next ones and is not forgotten. */
class AgendaTest {
    private static final long HOUR_MS = 3_600_000;

    private static Parameters withAgenda(long agendaPerBlock) {
        Parameters p = Parameters.devnet();
        return World.parameters(
                p.performanceAttestorCount(),
                p.challengeDelay(),
                p.encodingDuration(),
                p.attestingDuration(),
                p.amendmentFollowupDelay(),
                p.contractSetSize(),
                p.contractActivationCap(),
                p.encodersPerContract(),
                p.hostersPerContract(),
                p.attestorsPerContract(),
                p.maxSelectedPerRole(),
                p.followupBytesPerBlock(),
                p.challengeResponseDelay(),
                p.leavesPerChallenge(),
                p.failPause(),
                p.maxReplicas(),
                agendaPerBlock,
                p.encodingPricePerGib(),
                p.attestingPricePerGib(),
                p.minimumFee(),
                p.newUserEndowment());
    }

    @Test
    void shouldCarryOverWhatABlockHasNoRoomFor() {
        World world = new World(withAgenda(2), "busy");
        Person sponsor = world.user("sponsor");
        world.providers(12);
        World.Published feed = world.feed(sponsor, "feed", 10, 1000);
        for (int i = 0; i < 3; i++) {
            world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, World.TOKEN));
        }
        boolean carried = false;
        for (int i = 0; i < 150; i++) {
            List<Event> caused = world.block();
            assertThat(caused.stream()
                            .filter(event -> event instanceof Event.NewStorageChallenge
                                    || event instanceof Event.StorageChallengeFailed))
                    .hasSizeLessThanOrEqualTo(2);
            carried |= Storage.AGENDA_NEXT.get(world.state).orElseThrow().block() <= world.number;
            world.everybodyWorks();
            Invariants.check(world.state);
        }
        assertThat(carried).isTrue();
        assertThat(world.seen(Event.StorageChallengeFailed.class)).isEmpty();
        assertThat(world.seen(Event.StorageChallengeConfirmed.class)).hasSizeGreaterThan(50);
    }

    @Test
    void shouldEndManyPlansOfTheSameSecondOverSeveralBlocks() {
        World world = new World(withAgenda(4), "ends");
        Person sponsor = world.user("sponsor");
        world.providers(20);
        World.Published feed = world.feed(sponsor, "feed", 10, 1000);
        List<Long> plans = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            plans.add(world.publish(sponsor, world.planCall(feed, 1, HOUR_MS, World.TOKEN))
                    .id());
        }
        int blocks = 0;
        world.nowMs += 2 * HOUR_MS;
        while (world.seen(Event.PlanEnded.class).size() < plans.size()) {
            long before = world.seen(Event.PlanEnded.class).size();
            world.block();
            blocks++;
            assertThat(world.seen(Event.PlanEnded.class).size() - before).isBetween(1L, 2L);
            Invariants.check(world.state);
        }
        assertThat(blocks).isEqualTo(5);
        plans.forEach(id -> assertThat(world.plan(id).status()).isEqualTo(PlanStatus.ENDED));
        assertThat(world.queries().getAccount(sponsor.account()).reserved()).isZero();
    }

    @Test
    void shouldFindTheEndsOfPlansAfterALongStop() {
        World world = new World();
        Person sponsor = world.user("sponsor");
        world.providers(8);
        World.Published feed = world.feed(sponsor, "feed", 10, 1000);
        long plan = world.publish(sponsor, world.planCall(feed, 1, HOUR_MS, World.TOKEN))
                .id();
        world.block(30L * 24 * HOUR_MS);
        for (int i = 0; i < 300 && world.plan(plan).status() != PlanStatus.ENDED; i++) {
            world.block();
        }
        assertThat(world.plan(plan).status()).isEqualTo(PlanStatus.ENDED);
        // And a plan that ends while the ledger still catches up.
        long next = world.publish(sponsor, world.planCall(feed, 1, 1_500, World.TOKEN))
                .id();
        for (int i = 0; i < 300 && world.plan(next).status() != PlanStatus.ENDED; i++) {
            world.block();
        }
        assertThat(world.plan(next).status()).isEqualTo(PlanStatus.ENDED);
        Invariants.check(world.state);
    }
}
