package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class MomentsTest {
    private static Moments moments(long seed) {
        return new Moments(new SplittableRandom(seed));
    }

    @Test
    void shouldDrawEachBlockOfTheFirstHalfOfTheTimeAboutAsOften() {
        Moments moments = moments(1);
        Map<Long, Integer> drawn = new TreeMap<>();
        for (int i = 0; i < 20_000; i++) drawn.merge(moments.moment(100, 140), 1, Integer::sum);
        assertThat(drawn.keySet()).hasSize(20).first().isEqualTo(100L);
        assertThat(drawn.keySet()).last().isEqualTo(119L);
        assertThat(drawn.values()).as("seed 1: %s", drawn).allMatch(count -> count > 850 && count < 1_150);
    }

    @Test
    void shouldDrawTheBlockNowWhenNoTimeIsLeft() {
        Moments moments = moments(2);
        for (long until : List.of(99L, 100L, 101L, 102L)) {
            assertThat(moments.moment(100, until)).as("until %d", until).isEqualTo(100);
        }
    }

    @Test
    void shouldDrawBlocksOfTheRangeAndNoMoreThanItHas() {
        Moments moments = moments(3);
        Map<Long, Integer> drawn = new TreeMap<>();
        for (int i = 0; i < 5_000; i++) {
            List<Long> blocks = moments.blocks(1_000, 10, 4);
            assertThat(blocks).hasSize(4);
            blocks.forEach(block -> drawn.merge(block, 1, Integer::sum));
        }
        assertThat(drawn.keySet())
                .containsExactly(1_000L, 1_001L, 1_002L, 1_003L, 1_004L, 1_005L, 1_006L, 1_007L, 1_008L, 1_009L);
        assertThat(drawn.values()).as("seed 3: %s", drawn).allMatch(count -> count > 1_750 && count < 2_250);
        assertThat(moments.blocks(7, 1, 4)).containsExactly(7L);
    }

    @Test
    void shouldDrawTheSameFromTheSameSourceAndOthersFromOthers() {
        assertThat(moments(4).blocks(0, 1L << 40, 4)).isEqualTo(moments(4).blocks(0, 1L << 40, 4));
        assertThat(moments(4).blocks(0, 1L << 40, 4)).isNotEqualTo(moments(5).blocks(0, 1L << 40, 4));
    }
}
