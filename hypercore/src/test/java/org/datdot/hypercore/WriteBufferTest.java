package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteBufferTest {
    private static final int KEYS = 300;

    @TempDir
    Path directory;

    /** Keys as long as varints of one byte and of two, values of none up to beyond what is laid out here. */
    private static byte[] key(int number) {
        byte[] key = new byte[number % 5 == 0 ? 200 : 9];
        ByteBuffer.wrap(key).put((byte) 4).putInt(number);
        return key;
    }

    @Test
    void shouldStoreTheSameRecordsWhetherLaidOutHereOrOneByOne() {
        long seed = 7;
        Random random = new Random(seed);
        TreeMap<Integer, byte[]> model = new TreeMap<>();
        try (CoreStorage storage = CoreStorage.open(directory, StoreOptions.defaults())) {
            for (int round = 0; round < 200; round++) {
                int largest = List.of(0, 120, 300, 20_000).get(random.nextInt(4));
                storage.write(out -> {
                    int records = random.nextInt(40);
                    for (int i = 0; i < records; i++) {
                        int number = random.nextInt(KEYS);
                        int kind = random.nextInt(10);
                        if (kind == 0) {
                            int end = number + random.nextInt(20);
                            out.deleteRange(key(number), key(end));
                            model.subMap(number, Math.max(number, end)).clear();
                        } else if (kind == 1) {
                            out.delete(key(number));
                            model.remove(number);
                        } else {
                            byte[] value = new byte[random.nextInt(largest + 1)];
                            random.nextBytes(value);
                            out.put(key(number), value);
                            model.put(number, value);
                        }
                    }
                });
                List<byte[]> stored = new ArrayList<>();
                storage.scan(new byte[] {4}, new byte[] {5}, (_, value) -> stored.add(value));
                assertThat(stored).as("seed %d, round %d", seed, round).hasSameSizeAs(model.values());
            }
            for (Map.Entry<Integer, byte[]> each : model.entrySet()) {
                assertThat(storage.get(key(each.getKey())))
                        .as("seed %d, key %d", seed, each.getKey())
                        .isEqualTo(each.getValue());
            }
        }
    }
}
