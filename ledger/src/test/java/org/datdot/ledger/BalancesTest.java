package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.datdot.ledger.World.Person;
import org.junit.jupiter.api.Test;

class BalancesTest {
    private final World world = new World();

    @Test
    void shouldTransferAndConserve() {
        Person alice = world.user("alice");
        Person bob = world.user("bob");
        long each = world.parameters.newUserEndowment();
        world.submit(alice, new Call.Transfer(bob.account(), 7));
        world.submit(bob, new Call.Transfer(bob.account(), each));
        assertThat(world.queries().getAccount(alice.account()).free()).isEqualTo(each - 7);
        assertThat(world.queries().getAccount(bob.account()).free()).isEqualTo(each + 7);
        assertThat(world.seen(Event.Transfer.class)).contains(new Event.Transfer(alice.account(), bob.account(), 7));
        world.submit(alice, new Call.Transfer(World.keys("nobody yet").accountId(), each - 7));
        assertThat(world.queries().getAccount(alice.account()).total()).isZero();
        Balances.audit(world.state);
    }

    @Test
    void shouldSayHowMuchIsFreeAndHowMuchIsMissing() {
        Person alice = world.user("alice");
        long free = world.parameters.newUserEndowment();
        DispatchResult.Rejected rejected = world.refused(
                alice.account(), new Call.Transfer(world.user("bob").account(), free + 12_345));
        assertThat(rejected.error()).isEqualTo(LedgerError.INSUFFICIENT_BALANCE);
        assertThat(rejected.detail()).contains(Long.toString(free), "12345");
        assertThat(world.refused(alice.account(), new Call.Transfer(World.TREASURY, Long.MAX_VALUE))
                        .error())
                .isEqualTo(LedgerError.INSUFFICIENT_BALANCE);
    }

    @Test
    void shouldNotMoveNegativeAmountsEvenFromThisProcess() {
        Person alice = world.user("alice");
        DispatchResult result = world.pallet.apply(
                world.state, alice.account(), new Call.Transfer(World.TREASURY, -5), world.context());
        assertThat(result).isInstanceOf(DispatchResult.Rejected.class);
        Balances.audit(world.state);
    }

    @Test
    void shouldFindMoneyThatWasMadeOrLost() {
        Balances.audit(world.state);
        AccountData treasury = Balances.of(world.state, World.TREASURY);
        Balances.ACCOUNTS.put(
                world.state, World.TREASURY, new AccountData(0, treasury.free() + 1, treasury.reserved()));
        assertThatThrownBy(() -> Balances.audit(world.state)).isInstanceOf(IllegalStateException.class);
        Balances.ACCOUNTS.put(
                world.state, World.TREASURY, new AccountData(0, treasury.free() - 1, treasury.reserved()));
        assertThatThrownBy(() -> Balances.audit(world.state)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldIssueAtGenesisOnly() {
        MapState state = new MapState();
        AccountId other = World.keys("other").accountId();
        new Pallet(new Config(Parameters.defaults(), World::verifies, World.GENESIS))
                .genesis(
                        state,
                        new Genesis(
                                World.TREASURY,
                                List.of(
                                        new Genesis.Endowment(World.TREASURY, 10),
                                        new Genesis.Endowment(other, 5),
                                        new Genesis.Endowment(other, 6))));
        assertThat(Balances.of(state, other).free()).isEqualTo(11);
        assertThat(new Queries(state).getTotalIssuance()).isEqualTo(21);
        Balances.audit(state);
    }
}
