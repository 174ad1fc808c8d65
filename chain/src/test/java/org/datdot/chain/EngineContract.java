package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.datdot.crypto.Hash;
import org.datdot.crypto.PublicKey;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Balances;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link Engine} must keep, whichever way its members agree. A test of an engine extends this class and says how to start members; nothing here knows how
 * many there are, or how they talk.
 */
abstract class EngineContract {
    private static final Hash GENESIS = new Replay(TestChain.spec("test"), (key, manifest, head) -> true).genesis();

    @TempDir
    Path temporary;

    /** Members of one network of the chain {@link TestChain#spec}. */
    interface Network extends Closeable {
        /** Those that run now. */
        List<Engine> members();

        /** Whether there can be more than one. */
        boolean grows();

        /** Waits until every running member has at least so many more rounds than the first has now, and all the same. */
        void advance(int rounds);

        /** Stops a member and starts it again with what it kept. */
        void restart(int member);

        /** Starts a new member that has no more than a snapshot, and a key to be made a member by. */
        Joined join(StateSnapshot snapshot);

        @Override
        void close();
    }

    /**
     * A new member.
     *
     * @param key what it is known by in a {@link Membership}
     */
    record Joined(Engine engine, PublicKey key) {}

    /** Starts a network in an empty directory. */
    abstract Network start(Path directory);

    private static Extrinsic transfer(Engine engine, AccountKeys from, AccountKeys to, long nonce, long units) {
        Extrinsic extrinsic = TestChain.signed(from, nonce, TestChain.transfer(to, units), GENESIS);
        return engine.submit(extrinsic.encode());
    }

    private static long nonce(Engine engine, AccountKeys account) {
        return engine.read(state -> LedgerMachine.nonce(state, TestChain.id(account)));
    }

    /** Transfers, good and bad ones, through all members by turns. */
    private static void live(Network network, long seed, int rounds) {
        Random random = new Random(seed);
        for (int i = 0; i < rounds; i++) {
            List<Engine> members = network.members();
            Engine engine = members.get(random.nextInt(members.size()));
            long units = random.nextInt(3) == 0 ? 2 * TestChain.RICH : 1 + random.nextInt(1_000);
            transfer(engine, TestChain.ALICE, TestChain.BOB, nonce(engine, TestChain.ALICE), units);
            if (random.nextBoolean()) {
                transfer(engine, TestChain.BOB, TestChain.ALICE, nonce(engine, TestChain.BOB), 7);
            }
            network.advance(2);
        }
    }

    /** All rounds of all members are the same, and lead to the same when they are executed once more from genesis on. */
    private static void requireAgreement(Network network) {
        Engine first = network.members().getFirst();
        ChainSpec spec = TestChain.spec("test");
        LedgerMachine machine = new LedgerMachine(spec, (key, manifest, head) -> true, GENESIS);
        StateTrie state = StateTrie.EMPTY.with(LedgerMachine.genesis(spec, (key, manifest, head) -> true));
        long until = first.head().number();
        for (long number = 1; number <= until; number++) {
            Block block = java.util.Objects.requireNonNull(first.block(number), "block " + number);
            RoundResult again = machine.apply(state, Round.of(block));
            state = state.with(again.changes());
            assertThat(again.refused()).as("block %d", number).isEmpty();
            assertThat(again.events()).as("block %d", number).isEqualTo(first.events(number));
            assertThat(state.root())
                    .as("block %d", number)
                    .isEqualTo(block.header().stateRoot());
            for (Engine other : network.members()) {
                Block same = other.block(number);
                if (same != null) {
                    assertThat(same.header()).as("block %d", number).isEqualTo(block.header());
                    assertThat(same.extrinsics()).as("block %d", number).isEqualTo(block.extrinsics());
                    assertThat(other.events(number)).as("block %d", number).isEqualTo(first.events(number));
                }
            }
        }
        for (Engine engine : network.members()) {
            assertThat(engine.head().number()).isGreaterThanOrEqualTo(until);
            engine.read(best -> {
                Balances.audit(best);
                return true;
            });
        }
    }

    @Test
    void shouldAgreeOnRoundsRootsAndEvents() {
        try (Network network = start(temporary.resolve("network"))) {
            live(network, 1, 12);
            requireAgreement(network);
            Engine engine = network.members().getFirst();
            assertThat(nonce(engine, TestChain.ALICE)).isEqualTo(12);
            assertThat(nonce(engine, TestChain.BOB)).isPositive();
        }
    }

    @Test
    void shouldTakeAnExtrinsicOnceHoweverOftenItIsHandedIn() {
        try (Network network = start(temporary.resolve("network"))) {
            byte[] encoded = TestChain.signed(TestChain.ALICE, 0, TestChain.transfer(TestChain.BOB, 5), GENESIS)
                    .encode();
            for (Engine engine : network.members()) {
                engine.submit(encoded);
                // It waits, or is in a round already.
                assertThatThrownBy(() -> engine.submit(encoded))
                        .isInstanceOfSatisfying(
                                PoolException.class,
                                e -> assertThat(e.kind())
                                        .isIn(PoolException.Kind.ALREADY_IMPORTED, PoolException.Kind.STALE_NONCE));
            }
            network.advance(3);
            for (Engine engine : network.members()) {
                assertThat(nonce(engine, TestChain.ALICE)).isEqualTo(1);
                assertKind(PoolException.Kind.STALE_NONCE, engine, encoded);
            }
            requireAgreement(network);
        }
    }

    private static void assertKind(PoolException.Kind kind, Engine engine, byte[] encoded) {
        assertThatThrownBy(() -> engine.submit(encoded))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void shouldRefuseByNameWhatCannotBeInARound() {
        try (Network network = start(temporary.resolve("network"))) {
            Engine engine = network.members().getLast();
            byte[] good = TestChain.signed(TestChain.ALICE, 0, TestChain.transfer(TestChain.BOB, 5), GENESIS)
                    .encode();
            byte[] forged = good.clone();
            forged[forged.length - 1] ^= 1;
            assertKind(PoolException.Kind.BAD_FORMAT, engine, new byte[0]);
            assertKind(PoolException.Kind.BAD_FORMAT, engine, new byte[200]);
            assertThatThrownBy(() -> engine.submit(forged)).isInstanceOf(PoolException.class);
            byte[] elsewhere = TestChain.signed(
                            TestChain.ALICE, 0, TestChain.transfer(TestChain.BOB, 5), new Hash(new byte[32]))
                    .encode();
            assertKind(PoolException.Kind.BAD_SIGNATURE, engine, elsewhere);
            AccountKeys poor = TestChain.account("nobody");
            byte[] unpaid = TestChain.signed(poor, 0, TestChain.transfer(TestChain.BOB, 0), GENESIS)
                    .encode();
            assertKind(PoolException.Kind.CANNOT_PAY, engine, unpaid);
            network.advance(2);
            assertThat(nonce(engine, TestChain.ALICE)).isZero();
            assertThat(nonce(engine, poor)).isZero();
            requireAgreement(network);
        }
    }

    @Test
    void shouldTellOfEveryRoundInOrder() throws InterruptedException {
        try (Network network = start(temporary.resolve("network"))) {
            Engine engine = network.members().getFirst();
            long from = engine.head().number();
            List<Long> told = new ArrayList<>();
            java.util.concurrent.CountDownLatch six = new java.util.concurrent.CountDownLatch(6);
            Subscription subscription = engine.onHead(header -> {
                synchronized (told) {
                    told.add(header.number());
                }
                six.countDown();
            });
            network.advance(8);
            assertThat(six.await(TestChain.PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS))
                    .isTrue();
            subscription.close();
            synchronized (told) {
                for (int i = 1; i < told.size(); i++) {
                    assertThat(told.get(i)).isEqualTo(told.get(i - 1) + 1);
                }
                assertThat(told.getFirst()).isGreaterThan(from);
            }
        }
    }

    @Test
    void shouldGoOnWhereItWasAfterARestart() {
        try (Network network = start(temporary.resolve("network"))) {
            live(network, 2, 5);
            Engine before = network.members().getFirst();
            Header head = before.head();
            network.restart(0);
            Engine after = network.members().getFirst();
            assertThat(after.block(head.number()))
                    .satisfies(
                            block -> assertThat(block).extracting(Block::header).isEqualTo(head));
            network.advance(1);
            live(network, 3, 3);
            requireAgreement(network);
        }
    }

    @Test
    void shouldGiveAJoinerAllOfTheState() throws IOException {
        try (Network network = start(temporary.resolve("network"))) {
            live(network, 4, 6);
            StateSnapshot taken = network.members().getFirst().snapshot();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            taken.write(bytes);
            StateSnapshot read = StateSnapshot.read(new ByteArrayInputStream(bytes.toByteArray()));
            assertThat(read.stateRoot()).isEqualTo(taken.block().header().stateRoot());
            assertThat(read.block().header()).isEqualTo(taken.block().header());
            Joined joined = network.join(read);
            Header at = taken.block().header();
            assertThat(joined.engine().head().number()).isGreaterThanOrEqualTo(at.number());
            joined.engine().read(state -> {
                Balances.audit(state);
                return true;
            });
            assertThat(joined.engine().snapshot().spec()).isEqualTo(taken.spec());
            live(network, 5, 3);
            requireAgreement(network);
        }
    }

    @Test
    void shouldNotBelieveASnapshotThatWasChanged() throws IOException {
        try (Network network = start(temporary.resolve("network"))) {
            live(network, 6, 3);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            network.members().getFirst().snapshot().write(out);
            byte[] bytes = out.toByteArray();
            Random random = new Random(1);
            for (int i = 0; i < 200; i++) {
                byte[] changed = bytes.clone();
                int at = random.nextInt(bytes.length);
                changed[at] ^= (byte) (1 + random.nextInt(255));
                StateSnapshot snapshot;
                try {
                    snapshot = StateSnapshot.read(new ByteArrayInputStream(changed));
                } catch (ChainException e) {
                    assertThat(e.kind()).as("byte %d", at).isEqualTo(ChainException.Kind.INVALID_BLOCK);
                    continue;
                }
                // What is not bound by the root is bound by the header's hash, or by the genesis hash.
                StateSnapshot read = snapshot;
                StateSnapshot real = network.members().getFirst().snapshot();
                assertThat(read.block()
                                        .header()
                                        .hash()
                                        .equals(real.block().header().hash())
                                && read.spec().equals(real.spec()))
                        .as("byte %d", at)
                        .isFalse();
            }
        }
    }

    @Test
    void shouldChangeMembersOrSayWhyNot() {
        try (Network network = start(temporary.resolve("network"))) {
            live(network, 7, 3);
            Engine engine = network.members().getFirst();
            Membership before = engine.membership();
            Map<PublicKey, Long> more = new LinkedHashMap<>(before.weights());
            if (!network.grows()) {
                more.put(TestChain.ALICE.chain().publicKey(), 1L);
                assertThatThrownBy(() -> engine.propose(new Membership(before.epoch() + 1, more)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("several operators");
                return;
            }
            Joined joined = network.join(engine.snapshot());
            more.put(joined.key(), 2L);
            engine.propose(new Membership(before.epoch() + 1, more));
            live(network, 8, 6);
            for (Engine each : network.members()) {
                assertThat(each.membership().epoch()).isEqualTo(before.epoch() + 1);
                assertThat(each.membership().weights()).isEqualTo(more);
            }
            PublicKey leaving = more.keySet().iterator().next();
            Map<PublicKey, Long> fewer = new LinkedHashMap<>(more);
            fewer.remove(leaving);
            engine.propose(new Membership(before.epoch() + 2, fewer));
            live(network, 9, 6);
            assertThat(joined.engine().membership().weights()).isEqualTo(fewer);
            requireAgreement(network);
        }
    }
}
