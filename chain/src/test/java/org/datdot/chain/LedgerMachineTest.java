package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Balances;
import org.datdot.ledger.Fees;
import org.junit.jupiter.api.Test;

class LedgerMachineTest {
    private static final ChainSpec SPEC = TestChain.spec("machine");
    private static final Hash GENESIS = new Replay(SPEC, (key, manifest, head) -> true).genesis();

    private static LedgerMachine machine() {
        return new LedgerMachine(SPEC, (key, manifest, head) -> true, GENESIS);
    }

    private static StateTrie first() {
        return StateTrie.EMPTY.with(LedgerMachine.genesis(SPEC, (key, manifest, head) -> true));
    }

    private static Round round(long number, Random random, List<byte[]> extrinsics) {
        byte[] entropy = new byte[32];
        random.nextBytes(entropy);
        Hash parent = number == 1
                ? GENESIS
                : new Hash(Blake2b.hash(Long.toString(number).getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        return new Round(number, parent, TestChain.START_MS + number * 6_000, new Hash(entropy), extrinsics);
    }

    private static List<byte[]> some(Random random, StateTrie state) {
        List<byte[]> out = new ArrayList<>();
        for (int i = random.nextInt(8); i > 0; i--) {
            AccountKeys from = random.nextBoolean() ? TestChain.ALICE : TestChain.BOB;
            long nonce = LedgerMachine.nonce(state, TestChain.id(from))
                    + random.nextInt(3)
                    - (random.nextInt(4) == 0 ? 1 : 0);
            byte[] bytes = TestChain.signed(
                            from,
                            Math.max(0, nonce),
                            TestChain.transfer(TestChain.ALICE, random.nextLong() >>> (1 + random.nextInt(62))),
                            random.nextInt(6) == 0 ? new Hash(new byte[32]) : GENESIS)
                    .encode();
            switch (random.nextInt(4)) {
                case 0 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 20));
                default -> {}
            }
            out.add(bytes);
        }
        return out;
    }

    @Test
    void shouldExecuteAnyRoundWithoutThrowingAndAlwaysTheSame() {
        int included = 0;
        int refused = 0;
        for (long seed = 0; seed < 25; seed++) {
            Random random = new Random(seed);
            StateTrie state = first();
            LedgerMachine one = machine();
            LedgerMachine other = machine();
            for (long number = 1; number <= 12; number++) {
                Round round = round(number, random, some(random, state));
                RoundResult result = one.apply(state, round);
                RoundResult again = other.apply(state, round);
                StateTrie after = state.with(result.changes());
                assertThat(after.root())
                        .as("seed %d, round %d", seed, number)
                        .isEqualTo(state.with(again.changes()).root());
                assertThat(again.events()).isEqualTo(result.events());
                assertThat(again.refused()).isEqualTo(result.refused());
                assertThat(result.included().size() + result.refused().size())
                        .as("seed %d, round %d", seed, number)
                        .isEqualTo(round.extrinsics().size());
                included += result.included().size();
                refused += result.refused().size();
                state = after;
                Balances.audit(state);
            }
        }
        assertThat(included).isGreaterThan(50);
        assertThat(refused).isGreaterThan(200);
    }

    @Test
    void shouldLeaveNoTraceOfWhatItRefuses() {
        for (long seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            StateTrie state = first();
            List<byte[]> all = some(random, state);
            Round with = round(1, new Random(seed), all);
            RoundResult result = machine().apply(state, with);
            List<byte[]> good =
                    result.included().stream().map(Extrinsic::encode).toList();
            RoundResult without = machine().apply(state, round(1, new Random(seed), good));
            assertThat(without.refused()).as("seed %d", seed).isEmpty();
            assertThat(without.events()).as("seed %d", seed).isEqualTo(result.events());
            assertThat(state.with(without.changes()).root())
                    .as("seed %d", seed)
                    .isEqualTo(state.with(result.changes()).root());
        }
    }

    @Test
    void shouldRefuseWhatARoundHasNoRoomForWhoeverPutItThere() {
        StateTrie state = first();
        long each = Fees.extrinsicWeight(SPEC.parameters(), TestChain.transfer(TestChain.BOB, 1));
        int fits = (int) (Fees.blockWeight(SPEC.parameters()) / each);
        List<Extrinsic> all = new ArrayList<>();
        for (int nonce = 0; nonce < fits + 3; nonce++) {
            // Signatures are checked before.
            all.add(Extrinsic.of(
                    TestChain.id(TestChain.ALICE),
                    new org.datdot.crypto.Signature(new byte[64]),
                    Extrinsic.Terms.immortal(nonce),
                    TestChain.transfer(TestChain.BOB, 1)));
        }
        RoundResult result = machine().applyVerified(state, round(1, new Random(1), List.of()), all);
        assertThat(result.included()).hasSize(fits);
        assertThat(result.refused())
                .hasSize(3)
                .allSatisfy(refusal -> assertThat(refusal.reason()).isEqualTo(PoolException.Kind.BLOCK_FULL));
    }
}
