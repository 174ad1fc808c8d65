package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

class EnrolmentTest {
    private final World world = new World();

    private static Call.NewUser newUser(AccountKeys keys) {
        return new Call.NewUser(keys.signing().publicKey(), keys.noise().publicKey());
    }

    @Test
    void shouldMakeAUserWithItsKeysAndEndowItFromTheTreasury() {
        long treasury = Balances.of(world.state, World.TREASURY).free();
        Person alice = world.user("alice");
        Queries queries = world.queries();
        assertThat(queries.getUserIDByNoiseKey(alice.keys().noise().publicKey()))
                .contains(alice.id());
        assertThat(queries.getUserIDBySigningKey(alice.keys().signing().publicKey()))
                .contains(alice.id());
        assertThat(queries.getUserAddress(alice.id())).contains(alice.account());
        assertThat(queries.getSigningKey(alice.id()))
                .contains(alice.keys().signing().publicKey());
        assertThat(queries.getHosterKey(alice.id()))
                .contains(alice.keys().noise().publicKey());
        assertThat(queries.getItemByID(alice.id())).contains(world.user(alice.id()));
        long endowment = world.parameters.newUserEndowment();
        assertThat(queries.getAccount(alice.account()).free()).isEqualTo(endowment);
        assertThat(queries.getAccount(World.TREASURY).free()).isEqualTo(treasury - endowment);
        assertThat(world.events)
                .contains(
                        new Event.NewUser(alice.id()), new Event.Transfer(World.TREASURY, alice.account(), endowment));
        Invariants.check(world.state);
    }

    @Test
    void shouldEndowWithNoMoreThanTheTreasuryHas() {
        for (int i = 0; i < 3; i++) {
            Person rich = world.user("u" + i);
            world.submit(
                    new Person(0, World.keys("treasury")),
                    new Call.Transfer(
                            rich.account(),
                            Balances.of(world.state, World.TREASURY).free() / 2));
        }
        world.submit(
                new Person(0, World.keys("treasury")),
                new Call.Transfer(
                        world.user("sink").account(),
                        Balances.of(world.state, World.TREASURY).free() - 5));
        Person poor = world.user("poor");
        assertThat(world.queries().getAccount(poor.account()).free()).isEqualTo(5);
        assertThat(world.queries().getAccount(world.user("last").account()).free())
                .isZero();
        Invariants.check(world.state);
    }

    @Test
    void shouldRefuseASecondUserOfAnAccountAndKeysInUse() {
        Person alice = world.user("alice");
        assertThat(world.refused(alice.account(), newUser(World.keys("other"))).error())
                .isEqualTo(LedgerError.USER_EXISTS);
        AccountKeys bob = World.keys("bob");
        assertThat(world.refused(
                                bob.accountId(),
                                new Call.NewUser(
                                        alice.keys().signing().publicKey(),
                                        bob.noise().publicKey()))
                        .error())
                .isEqualTo(LedgerError.KEY_IN_USE);
        assertThat(world.refused(
                                bob.accountId(),
                                new Call.NewUser(
                                        bob.signing().publicKey(),
                                        alice.keys().noise().publicKey()))
                        .error())
                .isEqualTo(LedgerError.KEY_IN_USE);
    }

    @Test
    void shouldTellStrangersToBecomeUsersFirst() {
        AccountId stranger = World.keys("stranger").accountId();
        for (Call call : List.of(
                new Call.RegisterForWork(World.form()),
                new Call.PublishFeed(World.coreKey("f"), new Bytes(new byte[0]), World.head("f", 0, 1, 1)),
                new Call.AmendmentReport(1, List.of()),
                new Call.SubmitStorageChallenge(1, List.of()))) {
            DispatchResult.Rejected rejected = world.refused(stranger, call);
            assertThat(rejected.error()).isEqualTo(LedgerError.UNKNOWN_USER);
            assertThat(rejected.detail()).contains("newUser");
        }
    }

    @Test
    void shouldUpdateTheOfferAndNotEndTheFailurePauseWhenAProviderRegistersAgain() {
        Person bob = world.provider("bob", World.form());
        new Hosting(new Execution(
                        world.state, new Config(world.parameters, World::verifies, World.GENESIS), world.context()))
                .fail(bob.id());
        long until = world.user(bob.id()).pausedUntilBlock();
        assertThat(until).isGreaterThan(world.number);
        Form moved = new Form(5, 6, 7, "elsewhere:8", List.of("US", "EU"), 9, 10);
        world.submit(bob, new Call.RegisterForWork(moved));
        User user = world.user(bob.id());
        assertThat(user.form()).contains(moved);
        assertThat(user.pausedUntilBlock()).isEqualTo(until);
        assertThat(user.failures()).isEqualTo(1);
        assertThat(Storage.PROVIDER_COUNT.get(world.state)).contains(1L);
        assertThat(Storage.PROVIDERS.get(world.state, 0L)).contains(bob.id());
        // Nor does leaving and coming back.
        world.submit(bob, new Call.StopWork());
        world.submit(bob, new Call.RegisterForWork(moved));
        assertThat(world.user(bob.id()).pausedUntilBlock()).isEqualTo(until);
    }

    @Test
    void shouldRefuseFormsThatMakeNoSense() {
        Person bob = world.user("bob");
        List<String> eu = List.of("EU");
        List<Form> bad = List.of(
                new Form(0, 1, 1, "h:1", eu, 0, 0),
                new Form(1, 1, 0, "h:1", eu, 0, 0),
                new Form(1, 1, 1, "h", eu, 0, 0),
                new Form(1, 1, 1, ":1", eu, 0, 0),
                new Form(1, 1, 1, "h:0", eu, 0, 0),
                new Form(1, 1, 1, "h:65536", eu, 0, 0),
                new Form(1, 1, 1, "h:+80", eu, 0, 0),
                new Form(1, 1, 1, "h:\u0661\u0662", eu, 0, 0),
                new Form(1, 1, 1, "two words:80", eu, 0, 0),
                new Form(1, 1, 1, "h".repeat(300) + ":1", eu, 0, 0),
                new Form(1, 1, 1, "h:1", java.util.Collections.nCopies(17, "EU"), 0, 0),
                new Form(1, 1, 1, "h:1", List.of("x".repeat(65)), 0, 0),
                new Form(1, 1, 1, "h:1", eu, 10, 10),
                new Form(1, 1, 1, "h:1", eu, 10, 5));
        for (Form form : bad) {
            assertThat(world.refused(bob.account(), new Call.RegisterForWork(form))
                            .error())
                    .as("%s", form)
                    .isEqualTo(LedgerError.INVALID_FORM);
        }
        world.submit(bob, new Call.RegisterForWork(new Form(1, 0, 1, "[::1]:65535", List.of(), 10, 11)));
    }
}
