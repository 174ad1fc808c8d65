package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RemoteBitfieldTest {

    @Test
    void shouldAgreeWithABitSetWhenRandomlyChanged() {
        for (long seed = 1; seed <= 30; seed++) {
            Random random = new Random(seed);
            int size = 3 * RemoteBitfield.PAGE_BITS;
            BitSet expected = new BitSet();
            RemoteBitfield actual = new RemoteBitfield();
            for (int step = 0; step < 120; step++) {
                change(random, size, expected, actual);
                check(random, size, expected, actual, "seed " + seed + " step " + step);
            }
        }
    }

    private static void change(Random random, int size, BitSet expected, RemoteBitfield actual) {
        int start = random.nextInt(4) == 0 ? 0 : random.nextInt(size);
        int end = Math.min(size, start + (random.nextBoolean() ? random.nextInt(100) : random.nextInt(size)));
        switch (random.nextInt(3)) {
            case 0 -> {
                expected.set(start, end);
                actual.setRange(start, end, true);
            }
            case 1 -> {
                expected.clear(start, end);
                actual.setRange(start, end, false);
            }
            default -> {
                int first = start & ~31;
                int[] words = new int[Math.min(random.nextInt(40), (size - first) / 32)];
                for (int i = 0; i < words.length; i++) {
                    words[i] = random.nextInt(3) == 0 ? 0 : random.nextInt();
                    for (int bit = 0; bit < 32; bit++) {
                        expected.set(first + 32 * i + bit, (words[i] >>> bit & 1) != 0);
                    }
                }
                actual.insert(first, words);
            }
        }
    }

    private static void check(Random random, int size, BitSet expected, RemoteBitfield actual, String where) {
        for (int i = 0; i < 50; i++) {
            int from = random.nextInt(size);
            int end = from + random.nextInt(size - from + 1);
            assertThat(actual.get(from)).as(where).isEqualTo(expected.get(from));
            int next = expected.nextSetBit(from);
            assertThat(actual.nextSet(from, end)).as(where).isEqualTo(next >= 0 && next < end ? next : -1);
        }
    }

    @Test
    void shouldStayWithinItsBudgetWhenAPeerClaimsTheSky() {
        RemoteBitfield bits = new RemoteBitfield();
        bits.setRange(5, 1L << 53, true);
        assertThat(bits.pageCount()).isEqualTo(RemoteBitfield.MAX_PAGES);
        for (long i = 0; i < 5_000; i++)
            bits.setRange((1L << 40) + i * 1_000_000, (1L << 40) + i * 1_000_000 + 1, true);
        assertThat(bits.pageCount()).isEqualTo(RemoteBitfield.MAX_PAGES);
        bits.setRange(0, 1L << 53, true);
        assertThat(bits.contiguous()).isEqualTo(1L << 53);
        assertThat(bits.pageCount()).isZero();
        bits.setRange(7, 8, false);
        assertThat(bits.get(6)).isTrue();
        assertThat(bits.get(7)).isFalse();
        assertThat(bits.get(8)).isTrue();
        assertThat(bits.pageCount()).isEqualTo(RemoteBitfield.MAX_PAGES);
    }
}
