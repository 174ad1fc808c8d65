package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BitfieldTest {

    @Test
    void shouldAgreeWithABitSetWhenRangesAreSetAndCleared() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            Bitfield bitfield = new Bitfield();
            BitSet model = new BitSet();
            int limit = 3 * Bitfield.BITS_PER_PAGE;
            for (int step = 0; step < 100; step++) {
                int start = random.nextInt(limit);
                int end = Math.min(limit, start + random.nextInt(random.nextBoolean() ? 70 : limit));
                boolean value = random.nextInt(3) > 0;
                bitfield.setRange(start, end, value);
                model.set(start, end, value);
                int at = random.nextInt(limit);
                assertThat(bitfield.get(at)).as("seed %d", seed).isEqualTo(model.get(at));
                assertThat(bitfield.firstSet(at)).as("seed %d", seed).isEqualTo(model.nextSetBit(at));
                assertThat(bitfield.firstUnset(at)).as("seed %d", seed).isEqualTo(model.nextClearBit(at));
                assertThat(bitfield.countSet(start, end)).as("seed %d", seed).isEqualTo(count(model, start, end));
                assertThat(bitfield.end()).as("seed %d", seed).isEqualTo(model.length());
            }
            Bitfield loaded = new Bitfield();
            for (long page : bitfield.pageNumbers()) loaded.loadPage(page, bitfield.pageBytes(page));
            int[] words = loaded.words(Bitfield.BITS_PER_PAGE - 64, 128);
            for (int i = 0; i < 128; i++) {
                assertThat((words[i / 32] >>> i % 32 & 1) != 0)
                        .as("seed %d", seed)
                        .isEqualTo(model.get(Bitfield.BITS_PER_PAGE - 64 + i));
            }
        }
    }

    private static long count(BitSet model, int start, int end) {
        return model.get(start, end).cardinality();
    }

    @Test
    void shouldStayEmptyWhenFarRangesAreCleared() {
        Bitfield bitfield = new Bitfield();
        bitfield.setRange(1L << 40, (1L << 40) + 100_000, false);
        assertThat(bitfield.pageNumbers()).isEmpty();
        assertThat(bitfield.firstSet(0)).isEqualTo(-1);
    }
}
