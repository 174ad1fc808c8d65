package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OverlayStateTest {
    @Test
    void shouldReadLikeAStateThatWasChangedAtOnceAndLeaveTheBaseAlone() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            MapState base = new MapState();
            MapState model = new MapState();
            for (int i = 0; i < 40; i++) {
                byte[] key = key(random);
                byte[] value = {(byte) i};
                base.put(key, value);
                model.put(key, value);
            }
            List<String> before = dump(base, new byte[0]);
            OverlayState overlay = new OverlayState(base);
            for (int i = 0; i < 60; i++) {
                byte[] key = key(random);
                if (random.nextBoolean()) {
                    byte[] value = {(byte) (100 + i)};
                    overlay.put(key, value);
                    model.put(key, value);
                } else {
                    overlay.delete(key);
                    model.delete(key);
                }
                byte[] probe = key(random);
                assertThat(text(overlay.get(probe))).as("seed %d", seed).isEqualTo(text(model.get(probe)));
            }
            byte[] prefix = {(byte) random.nextInt(4)};
            assertThat(dump(overlay, prefix)).as("seed %d", seed).isEqualTo(dump(model, prefix));
            assertThat(dump(base, new byte[0])).isEqualTo(before);
            List<byte[]> keys = new ArrayList<>(overlay.changes().keySet());
            for (int i = 1; i < keys.size(); i++) {
                assertThat(Arrays.compareUnsigned(keys.get(i - 1), keys.get(i))).isNegative();
            }
            overlay.commitTo(base);
            assertThat(dump(base, new byte[0])).as("seed %d", seed).isEqualTo(dump(model, new byte[0]));
        }
    }

    @Test
    void shouldStopTheWalkWhenTheVisitorSaysSo() {
        MapState base = new MapState();
        for (int i = 0; i < 10; i++) {
            base.put(new byte[] {(byte) (250 - i)}, new byte[0]);
        }
        for (State state : List.of(base, new OverlayState(base))) {
            List<Integer> seen = new ArrayList<>();
            state.forEach(new byte[0], (key, value) -> {
                seen.add(key[0] & 0xff);
                return seen.size() < 3;
            });
            assertThat(seen).containsExactly(241, 242, 243);
        }
    }

    private static byte[] key(Random random) {
        byte[] key = new byte[1 + random.nextInt(2)];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (random.nextInt(4) * (random.nextInt(8) == 0 ? 80 : 1));
        }
        return key;
    }

    private static String text(byte @Nullable [] value) {
        return value == null ? "none" : Arrays.toString(value);
    }

    private static List<String> dump(StateReader state, byte[] prefix) {
        List<String> all = new ArrayList<>();
        state.forEach(prefix, (key, value) -> all.add(Arrays.toString(key) + Arrays.toString(value)));
        return all;
    }
}
