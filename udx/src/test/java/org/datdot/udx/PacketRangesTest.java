package org.datdot.udx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PacketRangesTest {
    private static List<String> told(PacketRanges ranges) {
        List<String> result = new ArrayList<>();
        for (int i = 0; i < ranges.told(); i++) {
            result.add(ranges.start(i) + "-" + ranges.end(i));
        }
        return result;
    }

    private static List<String> expected(SortedSet<Long> packets) {
        List<String> result = new ArrayList<>();
        long start = -1;
        long end = -1;
        for (long seq : packets) {
            if (seq != end) {
                if (start >= 0) {
                    result.add(start + "-" + end);
                }
                start = seq;
            }
            end = seq + 1;
        }
        if (start >= 0) {
            result.add(start + "-" + end);
        }
        if (result.size() <= UdxPacket.MAX_SACK_RANGES) {
            return result;
        }
        List<String> some = new ArrayList<>(result.subList(0, 10));
        some.addAll(result.subList(result.size() - 40, result.size()));
        return some;
    }

    @Test
    void shouldTellWhatASetOfPacketsSaysWhateverOrderTheyComeAndGoIn() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            PacketRanges ranges = new PacketRanges();
            SortedSet<Long> packets = new TreeSet<>();
            for (int i = 0; i < 2_000; i++) {
                long seq = packets.isEmpty() ? 1_000 : packets.first() + random.nextInt(600);
                if (random.nextInt(4) == 0 && !packets.isEmpty()) {
                    long first = packets.first();
                    ranges.removeFirst(first);
                    packets.remove(first);
                } else if (packets.add(seq)) {
                    ranges.add(seq);
                }
                assertThat(told(ranges)).as("seed %d, step %d", seed, i).isEqualTo(expected(packets));
            }
        }
    }

    @Test
    void shouldRefuseToTakeOutWhatIsNotTheFirst() {
        PacketRanges ranges = new PacketRanges();
        ranges.add(5);
        assertThatThrownBy(() -> ranges.removeFirst(6)).isInstanceOf(IllegalStateException.class);
        ranges.clear();
        assertThat(ranges.isEmpty()).isTrue();
        assertThatThrownBy(() -> ranges.removeFirst(5)).isInstanceOf(IllegalStateException.class);
    }
}
