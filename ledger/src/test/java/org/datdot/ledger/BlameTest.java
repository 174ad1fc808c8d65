package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Signature;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

/** Who is blamed when a setup fails, and who is not. */
class BlameTest {
    private static final long HOUR_MS = 3_600_000;

    private final World world = new World();
    private final Person sponsor = world.user("sponsor");
    private final List<Person> providers = world.providers(12);
    private final World.Published feed = world.feed(sponsor, "feed", 40, 65_536);
    private final Plan plan = world.publish(sponsor, world.planCall(feed, 3, HOUR_MS, World.TOKEN));
    private final Amendment setup =
            world.amendmentOf(world.contract(plan.contracts().getFirst()));

    private Person attestor() {
        return world.person(setup.attestor());
    }

    private Outcome unreachable(Assignment of) {
        UnreachableStatement statement =
                new UnreachableStatement(setup.contract(), setup.id(), of.position(), of.encoder());
        Signature signature = Ed25519.sign(
                statement.signable(World.GENESIS),
                world.person(of.encoder()).keys().signing().secretKey());
        return new Outcome.SourceUnreachable(of.position(), signature);
    }

    @Test
    void shouldMakeADeniedAccusationADisputeOfBoth() {
        world.passBlock(setup.encodedByBlock());
        List<Outcome> outcomes = new ArrayList<>(world.report(setup).outcomes());
        outcomes.set(0, new Outcome.EncoderFailed(0));
        world.submit(attestor(), new Call.AmendmentReport(setup.id(), outcomes));
        Person accused = world.person(setup.assignments().getFirst().encoder());
        long id = world.jobs(accused.id()).accusations().getFirst();
        assertThat(world.refused(sponsor.account(), new Call.ContradictAccusation(id))
                        .error())
                .isEqualTo(LedgerError.UNKNOWN_ACCUSATION);
        world.submit(accused, new Call.ContradictAccusation(id));
        assertThat(world.user(accused.id()).disputes()).isEqualTo(1);
        assertThat(world.user(accused.id()).failures()).isZero();
        assertThat(world.user(setup.attestor()).disputes()).isEqualTo(1);
        assertThat(world.user(setup.attestor()).failures()).isZero();
        world.passBlock(world.number + 30);
        assertThat(world.user(accused.id()).failures()).isZero();
        assertThat(world.seen(Event.AccusationUpheld.class)).isEmpty();
        Invariants.check(world.state);
    }

    @Test
    void shouldFailAnAttestorWhomMostContradict() {
        world.passBlock(setup.attestedByBlock());
        List<Outcome> outcomes = new ArrayList<>();
        for (Assignment one : setup.assignments()) {
            outcomes.add(new Outcome.EncoderFailed(one.position()));
        }
        world.submit(attestor(), new Call.AmendmentReport(setup.id(), outcomes));
        for (Assignment one : setup.assignments()) {
            long id = world.jobs(one.encoder()).accusations().getFirst();
            world.submit(world.person(one.encoder()), new Call.ContradictAccusation(id));
        }
        assertThat(world.user(setup.attestor()).failures()).isEqualTo(1);
        assertThat(world.user(setup.attestor()).disputes()).isEqualTo(3);
        for (Assignment one : setup.assignments()) {
            assertThat(world.user(one.encoder()).failures()).isZero();
        }
        Invariants.check(world.state);
    }

    @Test
    void shouldBlameNobodyWhenTheSourceIsAwayAndTryLessAndLessOften() {
        List<Outcome> outcomes = new ArrayList<>();
        setup.assignments().forEach(one -> outcomes.add(unreachable(one)));
        world.submit(attestor(), new Call.AmendmentReport(setup.id(), outcomes));
        Contract contract = world.contract(setup.contract());
        long delay = world.parameters.periods().sourceRetryDelay();
        assertThat(contract.retryBlock()).isEqualTo(world.number + delay);
        assertThat(contract.unreachable()).isEqualTo(1);
        assertThat(contract.positions()).containsOnly(Position.VACANT);
        Invariants.check(world.state);
        world.passBlock(contract.retryBlock() - 1);
        contract = world.contract(setup.contract());
        assertThat(contract.positions()).noneMatch(Position.VACANT::equals);
        providers.forEach(one -> {
            assertThat(world.user(one.id()).failures()).isZero();
            assertThat(world.jobs(one.id()).accusations()).isEmpty();
        });
        Invariants.check(world.state);
    }

    @Test
    void shouldBlameAnEncoderThatSignsTheSourceIsAwayWhenAnotherEncoded() {
        List<Outcome> outcomes = new ArrayList<>(world.report(setup).outcomes());
        Assignment first = setup.assignments().getFirst();
        outcomes.set(0, unreachable(first));
        world.submit(attestor(), new Call.AmendmentReport(setup.id(), outcomes));
        assertThat(world.user(first.encoder()).failures()).isEqualTo(1);
        assertThat(world.user(first.hoster()).failures()).isZero();
        assertThat(world.seen(Event.SourceUnreachable.class)).isEmpty();
        Invariants.check(world.state);
    }

    @Test
    void shouldRefuseThatASourceIsAwayWhenItsEncoderDidNotSign() {
        List<Outcome> outcomes = new ArrayList<>(world.report(setup).outcomes());
        Assignment second = setup.assignments().get(1);
        Outcome.SourceUnreachable other = (Outcome.SourceUnreachable) unreachable(second);
        outcomes.set(0, new Outcome.SourceUnreachable(0, other.signature()));
        assertThat(world.refused(attestor().account(), new Call.AmendmentReport(setup.id(), outcomes))
                        .error())
                .isEqualTo(LedgerError.INVALID_REPORT);
    }
}
