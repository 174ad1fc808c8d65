package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.datdot.chain.PoolException.Kind;
import org.datdot.crypto.Hash;
import org.datdot.crypto.Signature;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Call;
import org.datdot.ledger.Fees;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.Segment;
import org.junit.jupiter.api.Test;

class MempoolTest {
    private static final Hash HASH = new Hash(new byte[32]);
    private static final AccountKeys ALICE = TestChain.ALICE;
    private static final AccountKeys BOB = TestChain.BOB;
    private static final AccountKeys CAROL = TestChain.account("carol");

    /** Signatures are not the pool's business, so these have none. */
    private static Extrinsic extrinsic(AccountKeys from, long nonce, long units) {
        return Extrinsic.of(
                TestChain.id(from),
                new Signature(new byte[64]),
                Extrinsic.Terms.immortal(nonce),
                TestChain.transfer(BOB, units));
    }

    private static PoolLimits limits(int maxCount, long maxBytes, long maxBytesPerAccount, int maxPerAccount) {
        return new PoolLimits(200, maxCount, maxBytes, maxBytesPerAccount, maxPerAccount, 5, 3, 10_000);
    }

    private static Mempool pool(PoolLimits limits) {
        return new Mempool(limits, Parameters.defaults());
    }

    private static Extrinsic tipping(AccountKeys from, long nonce, long tip) {
        return Extrinsic.of(
                TestChain.id(from),
                new Signature(new byte[64]),
                new Extrinsic.Terms(Era.immortal(), nonce, tip),
                TestChain.transfer(BOB, 1));
    }

    private static void assertRefused(Kind kind, Runnable adding) {
        assertThatThrownBy(adding::run)
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageStartingWith(kind.text());
    }

    private static Block block(long number, List<Extrinsic> extrinsics) {
        Header header = new Header(
                HASH, number, number, HASH, HASH, HASH, new Signature(new byte[64]), new Signature(new byte[64]));
        return new Block(header, extrinsics);
    }

    @Test
    void shouldOrderByNonceWhenLaterNoncesComeFirst() {
        Mempool pool = pool(limits(100, 100_000, 10_000, 10));
        Extrinsic second = extrinsic(ALICE, 1, 1);
        Extrinsic other = extrinsic(BOB, 0, 1);
        Extrinsic first = extrinsic(ALICE, 0, 1);
        Extrinsic afterGap = extrinsic(ALICE, 3, 1);
        for (Extrinsic each : List.of(afterGap, second, other, first)) {
            pool.add(each, 0, 0, null);
        }
        assertThat(pool.ready(account -> 0)).containsExactly(other, first, second);
        assertThat(pool.nextNonce(TestChain.id(ALICE), 0)).isEqualTo(2);
    }

    @Test
    void shouldOrderSendersByTipAndKeepTheOrderOfNonces() {
        Mempool pool = pool(new PoolLimits(200, 100, 100_000, 10_000, 10, 5, 100, 10_000));
        Extrinsic poor = tipping(BOB, 0, 0);
        Extrinsic first = tipping(ALICE, 0, 5);
        Extrinsic second = tipping(ALICE, 1, 1_000);
        Extrinsic richest = tipping(CAROL, 0, 70);
        for (Extrinsic each : List.of(poor, second, first, richest)) {
            pool.add(each, 0, 0, null);
        }
        assertThat(pool.ready(account -> 0)).containsExactly(richest, first, poor, second);
    }

    @Test
    void shouldLetNobodyCrowdOthersOutOfABlockWhateverItTips() {
        Mempool pool = pool(new PoolLimits(200, 100, 100_000, 100_000, 20, 5, 6, 10_000));
        for (int i = 0; i < 20; i++) {
            pool.add(tipping(ALICE, i, 1_000), 0, 0, null);
        }
        Extrinsic bobs = tipping(BOB, 0, 0);
        Extrinsic carols = tipping(CAROL, 0, 0);
        pool.add(bobs, 0, 0, null);
        pool.add(carols, 0, 0, null);
        List<Extrinsic> chosen = pool.ready(account -> 0);
        assertThat(chosen).hasSize(6).contains(bobs, carols);
        assertThat(chosen.subList(1, 3)).containsExactly(bobs, carols);
    }

    @Test
    void shouldMakeRoomInAFullPoolForWhoHasFewerWaitingOrTipsMore() {
        Mempool pool = pool(limits(4, 100_000, 10_000, 10));
        List<ExtrinsicStatus> told = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            pool.add(tipping(ALICE, i, 50), 0, 0, i == 3 ? told::add : null);
        }
        pool.add(tipping(BOB, 0, 0), 0, 0, null);
        assertThat(told).hasSize(1).first().isInstanceOf(ExtrinsicStatus.Dropped.class);
        pool.add(tipping(CAROL, 0, 1), 0, 0, null);
        assertThat(pool.nextNonce(TestChain.id(ALICE), 0)).isEqualTo(2);
        AccountKeys dave = TestChain.account("dave");
        AccountKeys erin = TestChain.account("erin");
        pool.add(tipping(dave, 0, 1), 0, 0, null);
        assertRefused(Kind.POOL_FULL, () -> pool.add(tipping(erin, 0, 0), 0, 0, null));
        pool.add(tipping(erin, 0, 2), 0, 0, null);
        assertThat(pool.waiting())
                .extracting(Extrinsic::signer)
                .containsExactlyInAnyOrder(
                        TestChain.id(ALICE), TestChain.id(CAROL), TestChain.id(dave), TestChain.id(erin));
    }

    @Test
    void shouldLetGoOfWhoHasMostWaitingTipsLeastOrCameLastWhateverComes() {
        List<AccountKeys> people = new ArrayList<>();
        for (int i = 0; i < 7; i++) people.add(TestChain.account("person " + i));
        int made = 0;
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            int most = 2 + random.nextInt(12);
            Mempool pool = pool(limits(most, 100_000, 10_000, 10));
            // In the order they came.
            List<Extrinsic> waiting = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                Extrinsic next = tipping(people.get(random.nextInt(7)), random.nextInt(10), random.nextInt(4));
                if (waiting.stream()
                        .anyMatch(other -> other.signer().equals(next.signer()) && other.nonce() == next.nonce())) {
                    continue;
                }
                if (random.nextInt(6) == 0 && !waiting.isEmpty()) {
                    Extrinsic invalid = waiting.remove(random.nextInt(waiting.size()));
                    pool.drop(invalid, "it cannot be executed");
                }
                Extrinsic leaving = waiting.size() < most ? null : last(waiting);
                if (leaving == null) {
                    pool.add(next, 0, 0, null);
                    waiting.add(next);
                } else if (leaving.signer().equals(next.signer()) || !goesBefore(next, leaving, waiting)) {
                    assertRefused(Kind.POOL_FULL, () -> pool.add(next, 0, 0, null));
                } else {
                    pool.add(next, 0, 0, null);
                    waiting.remove(leaving);
                    waiting.add(next);
                    made++;
                }
                assertThat(pool.waiting()).as("seed %d, step %d", seed, i).containsExactlyElementsOf(waiting);
            }
        }
        assertThat(made).isGreaterThan(100);
    }

    /** How many of its account's go up to an extrinsic. */
    private static long turn(Extrinsic one, List<Extrinsic> waiting) {
        return 1
                + waiting.stream()
                        .filter(other -> other.signer().equals(one.signer()) && other.nonce() < one.nonce())
                        .count();
    }

    private static long count(Extrinsic one, List<Extrinsic> waiting) {
        return waiting.stream()
                .filter(other -> other.signer().equals(one.signer()))
                .count();
    }

    private static Extrinsic last(List<Extrinsic> waiting) {
        return waiting.stream()
                .filter(one -> turn(one, waiting) == count(one, waiting))
                .min(Comparator.<Extrinsic>comparingLong(one -> -count(one, waiting))
                        .thenComparingLong(one -> one.terms().tip())
                        .thenComparingInt(one -> -waiting.indexOf(one)))
                .orElseThrow();
    }

    private static boolean goesBefore(Extrinsic next, Extrinsic leaving, List<Extrinsic> waiting) {
        long turn = turn(next, waiting);
        long last = count(leaving, waiting);
        return turn < last
                || (turn == last && next.terms().tip() > leaving.terms().tip());
    }

    @Test
    void shouldFillABlockByWeightAndPassByWhatDoesNotFit() {
        Parameters parameters = Parameters.defaults();
        long blocks = 900 * parameters.contractSetSize();
        Call plan = new Call.PublishPlan(
                List.of(new Segment(1, blocks, 0, blocks)), 16, 0, 1, 1, List.of(), List.of("10.0.0.1:1"));
        Mempool pool = pool(new PoolLimits(1_000, 100, 100_000, 10_000, 10, 5, 100, 100_000));
        Signature none = new Signature(new byte[64]);
        Extrinsic.Terms tips = new Extrinsic.Terms(Era.immortal(), 0, 9);
        for (AccountKeys each : List.of(ALICE, BOB, CAROL)) {
            pool.add(Extrinsic.of(TestChain.id(each), none, tips, plan), 0, 0, null);
        }
        Extrinsic light = tipping(TestChain.account("dave"), 0, 0);
        pool.add(light, 0, 0, null);
        List<Extrinsic> chosen = pool.ready(account -> 0);
        assertThat(chosen).hasSize(2).endsWith(light);
        assertThat(chosen.stream()
                        .mapToLong(each -> Fees.extrinsicWeight(parameters, each.call()))
                        .sum())
                .isLessThanOrEqualTo(Fees.blockWeight(parameters));
    }

    @Test
    void shouldRefuseWithANameWhenALimitIsReached() {
        Mempool pool = pool(limits(3, 100_000, 10_000, 2));
        pool.add(extrinsic(ALICE, 7, 1), 7, 0, null);
        assertRefused(Kind.ALREADY_IMPORTED, () -> pool.add(extrinsic(ALICE, 7, 1), 7, 0, null));
        assertRefused(Kind.NONCE_TAKEN, () -> pool.add(extrinsic(ALICE, 7, 2), 7, 0, null));
        assertRefused(Kind.STALE_NONCE, () -> pool.add(extrinsic(ALICE, 6, 1), 7, 0, null));
        assertRefused(Kind.FUTURE_NONCE, () -> pool.add(extrinsic(ALICE, 9, 1), 7, 0, null));
        pool.add(extrinsic(ALICE, 8, 1), 7, 0, null);
        pool.add(extrinsic(BOB, 0, 1), 0, 0, null);
        assertRefused(Kind.POOL_FULL, () -> pool.add(extrinsic(BOB, 1, 1), 0, 0, null));
        assertThat(pool.size()).isEqualTo(3);
    }

    @Test
    void shouldRefuseWithANameWhenBytesAreUsedUp() {
        int lengthBytes = extrinsic(ALICE, 0, 1).encode().length;
        Mempool pool = pool(limits(100, 3L * lengthBytes, 2L * lengthBytes, 10));
        pool.add(extrinsic(ALICE, 0, 1), 0, 0, null);
        pool.add(extrinsic(ALICE, 1, 1), 0, 0, null);
        assertRefused(Kind.ACCOUNT_LIMIT, () -> pool.add(extrinsic(ALICE, 2, 1), 0, 0, null));
        pool.add(extrinsic(BOB, 0, 1), 0, 0, null);
        assertRefused(Kind.POOL_FULL, () -> pool.add(extrinsic(BOB, 1, 1), 0, 0, null));
    }

    @Test
    void shouldForgetAndTellWhenABlockUsesNonces() {
        Mempool pool = pool(limits(100, 100_000, 10_000, 10));
        List<ExtrinsicStatus> included = new ArrayList<>();
        List<ExtrinsicStatus> stale = new ArrayList<>();
        Extrinsic first = extrinsic(ALICE, 0, 1);
        pool.add(first, 0, 0, included::add);
        pool.add(extrinsic(ALICE, 1, 1), 0, 0, stale::add);
        pool.onBlock(block(1, List.of(first, extrinsic(ALICE, 1, 99))), HASH, account -> 2);
        assertThat(included).containsExactly(new ExtrinsicStatus.InBlock(HASH, 1, 0));
        assertThat(stale).hasSize(1).first().isInstanceOf(ExtrinsicStatus.Invalid.class);
        assertThat(pool.size()).isZero();
    }

    @Test
    void shouldDropWhenAnExtrinsicWaitsTooLong() {
        Mempool pool = pool(limits(100, 100_000, 10_000, 10));
        List<ExtrinsicStatus> told = new ArrayList<>();
        pool.add(extrinsic(ALICE, 1, 1), 0, 0, told::add);
        for (long number = 1; number < 5; number++) {
            pool.onBlock(block(number, List.of()), HASH, account -> 0);
        }
        assertThat(told).isEmpty();
        pool.onBlock(block(5, List.of()), HASH, account -> 0);
        assertThat(told).hasSize(1).first().isInstanceOf(ExtrinsicStatus.Dropped.class);
        assertThat(pool.size()).isZero();
    }

    @Test
    void shouldNeverOfferAnExtrinsicOutOfOrderWhenArrivalIsRandom() {
        long seed = 4711;
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            Mempool pool = pool(limits(1_000, 1_000_000, 100_000, 10));
            long[] state = {random.nextInt(5), random.nextInt(5)};
            for (int i = 0; i < 15; i++) {
                int who = random.nextInt(2);
                try {
                    pool.add(
                            extrinsic(who == 0 ? ALICE : BOB, random.nextInt(12), random.nextInt(100)),
                            state[who],
                            0,
                            null);
                } catch (PoolException e) {
                    assertThat(e.kind())
                            .isIn(Kind.STALE_NONCE, Kind.NONCE_TAKEN, Kind.ALREADY_IMPORTED, Kind.FUTURE_NONCE);
                }
            }
            while (true) {
                List<Extrinsic> ready = pool.ready(account -> state[index(account)]);
                for (Extrinsic each : ready) {
                    assertThat(each.nonce())
                            .as("seed %d round %d %s", seed, round, Arrays.toString(state))
                            .isEqualTo(state[index(each.signer())]++);
                }
                if (ready.isEmpty()) {
                    break;
                }
                pool.onBlock(block(1, ready), HASH, account -> state[index(account)]);
            }
            assertThat(pool.nextNonce(TestChain.id(ALICE), state[0])).isEqualTo(state[0]);
            assertThat(pool.nextNonce(TestChain.id(BOB), state[1])).isEqualTo(state[1]);
        }
    }

    private static int index(AccountId account) {
        return account.equals(TestChain.id(ALICE)) ? 0 : 1;
    }
}
