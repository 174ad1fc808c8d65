package org.datdot.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HyperbeeTest {

    private final MemoryLog log = new MemoryLog();
    private final Hyperbee bee = Hyperbee.of(log, BeeOptions.DEFAULT);

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Vectors made by interop/node/drive-bee-vectors.js. */
    @Test
    void shouldWriteTheBlocksOfStockWhenOperationsAreEqual() throws Exception {
        JsonMapper json = JsonMapper.builder().build();
        int cases = 0;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(HyperbeeTest.class.getResourceAsStream("bee-vectors.jsonl")),
                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode vector = json.readTree(line);
                BeeOperations operations = new BeeOperations(
                        vector.get("seed").intValue(),
                        vector.get("operations").intValue(),
                        vector.get("keys").intValue(),
                        vector.get("batch").intValue(),
                        vector.get("deletions").intValue());
                MemoryLog blocks = new MemoryLog();
                Hyperbee written = Hyperbee.of(blocks, BeeOptions.DEFAULT);
                NavigableMap<byte[], byte[]> expected = operations.applyTo(written);
                int index = 0;
                for (JsonNode block : vector.get("blocks")) {
                    assertThat(HexFormat.of().formatHex(blocks.blocks.get(index)))
                            .as("block %d of %s", index, operations)
                            .isEqualTo(block.stringValue());
                    index++;
                }
                assertThat(blocks.blocks)
                        .as("%s", operations)
                        .hasSize(vector.get("length").intValue());
                assertThat(digest(blocks.blocks))
                        .as("%s", operations)
                        .isEqualTo(vector.get("sha256").stringValue());
                requireEqual(written, expected, operations.toString());
                cases++;
            }
        }
        assertThat(cases).isEqualTo(8);
    }

    private static String digest(List<byte[]> blocks) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        blocks.forEach(digest::update);
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void requireEqual(Hyperbee bee, NavigableMap<byte[], byte[]> expected, String what) {
        List<byte[]> keys = new ArrayList<>();
        for (BeeEntry entry : bee.range(BeeRange.all())) {
            keys.add(entry.key());
            assertThat(entry.value()).as(what).isEqualTo(expected.get(entry.key()));
        }
        assertThat(keys).as(what).containsExactlyElementsOf(expected.keySet());
        for (Map.Entry<byte[], byte[]> pair : expected.entrySet()) {
            BeeEntry found = bee.get(pair.getKey());
            assertThat(found).as(what).isNotNull();
            assertThat(Objects.requireNonNull(found).value()).as(what).isEqualTo(pair.getValue());
        }
    }

    @Test
    void shouldBehaveAsASortedMapWhenOperationsAreRandom() {
        for (long seed = 1; seed <= 60; seed++) {
            Random random = new Random(seed);
            BeeOperations operations = new BeeOperations(
                    random.nextInt(),
                    1 + random.nextInt(800),
                    1 + random.nextInt(300),
                    1 + random.nextInt(40),
                    random.nextInt(7));
            Hyperbee random1 = Hyperbee.of(new MemoryLog(), BeeOptions.DEFAULT);
            NavigableMap<byte[], byte[]> expected = operations.applyTo(random1);
            requireEqual(random1, expected, "seed " + seed + " " + operations);
            for (int i = 0; i < 40; i++) {
                requireEqualRange(random1, expected, random, "seed " + seed + " range " + i);
            }
        }
    }

    private static void requireEqualRange(
            Hyperbee bee, NavigableMap<byte[], byte[]> expected, Random random, String what) {
        NavigableMap<byte[], byte[]> map = expected;
        BeeRange range = BeeRange.all();
        byte[] low = utf8("key-" + random.nextInt(300));
        byte[] high = utf8("key-" + random.nextInt(300));
        if (Arrays.compareUnsigned(low, high) > 0) {
            byte[] swap = low;
            low = high;
            high = swap;
        }
        int lower = random.nextInt(3);
        if (lower > 0) {
            map = map.tailMap(low, lower == 1);
            range = lower == 1 ? range.gte(low) : range.gt(low);
        }
        int upper = random.nextInt(3);
        if (upper > 0 && !(Arrays.equals(low, high) && (lower == 2 || upper == 2))) {
            map = map.headMap(high, upper == 1);
            range = upper == 1 ? range.lte(high) : range.lt(high);
        }
        if (random.nextBoolean()) {
            map = map.descendingMap();
            range = range.reverse();
        }
        List<byte[]> keys = new ArrayList<>(map.keySet());
        if (random.nextInt(4) == 0) {
            int limit = random.nextInt(10);
            keys = keys.subList(0, Math.min(limit, keys.size()));
            range = range.limit(limit);
        }
        List<byte[]> found = new ArrayList<>();
        for (BeeEntry entry : bee.range(range)) {
            found.add(entry.key());
        }
        assertThat(found).as(what).containsExactlyElementsOf(keys);
    }

    @Test
    void shouldReadEveryVersionWhenCheckedOut() {
        Random random = new Random(7);
        List<NavigableMap<byte[], byte[]>> versions = new ArrayList<>();
        NavigableMap<byte[], byte[]> map = new TreeMap<>(BeeOperations.ORDER);
        for (int i = 0; i < 150; i++) {
            byte[] key = utf8("k" + random.nextInt(50));
            if (map.containsKey(key) && random.nextBoolean()) {
                bee.del(key);
                map.remove(key);
            } else {
                bee.put(key, utf8("v" + i));
                map.put(key, utf8("v" + i));
            }
            NavigableMap<byte[], byte[]> copy = new TreeMap<>(BeeOperations.ORDER);
            copy.putAll(map);
            versions.add(copy);
        }
        for (int i = 0; i < versions.size(); i++) {
            Hyperbee then = bee.checkout(i + 2L);
            requireEqual(then, versions.get(i), "version " + (i + 2));
            assertThat(then.version()).isEqualTo(i + 2L);
        }
        assertThat(bee.checkout(1).peek(BeeRange.all())).isNull();
        assertThatThrownBy(() -> bee.checkout(152))
                .isInstanceOf(DriveException.class)
                .hasMessageContaining("152");
        assertThatThrownBy(() -> bee.snapshot().put(utf8("a"), null)).hasMessageContaining("read-only");
    }

    @Test
    void shouldAppendOnceWhenABatchIsFlushed() {
        try (BeeBatch batch = bee.batch()) {
            for (int i = 0; i < 500; i++) {
                batch.put(utf8("k" + i), utf8("v" + i));
            }
            BeeEntry pending = batch.get(utf8("k77"));
            assertThat(Objects.requireNonNull(pending).value()).isEqualTo(utf8("v77"));
            assertThat(bee.get(utf8("k77"))).isNull();
            batch.flush();
        }
        assertThat(log.appends).isEqualTo(1);
        assertThat(bee.version()).isEqualTo(501);
        assertThat(bee.header()).isEqualTo(new BeeHeader("hyperbee", null));
    }

    @Test
    void shouldWriteNothingWhenABatchIsClosedOrEmpty() {
        try (BeeBatch batch = bee.batch()) {
            batch.put(utf8("a"), null);
        }
        try (BeeBatch batch = bee.batch()) {
            batch.flush();
        }
        assertThat(log.appends).isZero();
        assertThat(bee.version()).isEqualTo(1);
    }

    @Test
    void shouldMakeABeeOfAnEmptyCoreWhenAKeyIsRemovedFromIt() {
        assertThat(bee.del(utf8("a"))).isFalse();
        assertThat(bee.del(utf8("a"))).isFalse();
        assertThat(log.blocks).hasSize(1);
        assertThat(bee.header()).isEqualTo(new BeeHeader("hyperbee", null));
    }

    @Test
    void shouldTellAKeyWithoutValueFromARemovedOneWhenRead() {
        bee.put(utf8("a"), null);
        assertThat(bee.get(utf8("a"))).isEqualTo(new BeeEntry(1, utf8("a"), null));
        bee.del(utf8("a"));
        assertThat(bee.get(utf8("a"))).isNull();
        bee.put(utf8("b"), new byte[0]);
        assertThat(valueOf("b")).isEmpty();
    }

    private byte @Nullable [] valueOf(String key) {
        return Objects.requireNonNull(bee.get(utf8(key))).value();
    }

    @Test
    void shouldReadFewBlocksWhenAKeyIsLookedUp() throws IOException {
        new BeeOperations(9, 20000, 100000, 2000, 0).applyTo(bee);
        int before = log.reads;
        Hyperbee cold = Hyperbee.of(log, BeeOptions.DEFAULT);
        assertThat(cold.get(utf8("key-500"))).isEqualTo(bee.get(utf8("key-500")));
        assertThat(log.reads - before).isLessThan(60);
    }

    @Test
    void shouldRefuseATreeWhenItGoesInCircles() {
        log.append(List.of(new BeeHeader("hyperbee", null).encode()));
        BeeNode.Level loop = new BeeNode.Level(new long[] {1}, new long[] {1, 0, 1, 0});
        log.append(List.of(BeeNode.encode(utf8("m"), utf8("v"), List.of(loop))));
        assertThatThrownBy(() -> bee.get(utf8("z"))).isInstanceOf(CorruptDriveException.class);
        assertThatThrownBy(() -> bee.iterator(BeeRange.all())).isInstanceOf(CorruptDriveException.class);
        assertThatThrownBy(() -> bee.iterator(BeeRange.all().gt(utf8("z")))).isInstanceOf(CorruptDriveException.class);
        assertThatThrownBy(() -> bee.put(utf8("z"), null)).isInstanceOf(CorruptDriveException.class);
        assertThatThrownBy(() -> bee.del(utf8("z"))).isInstanceOf(CorruptDriveException.class);
        assertThat(log.blocks).hasSize(2);
    }

    @Test
    void shouldRefuseATreeWhenItPointsNowhere() {
        log.append(List.of(new BeeHeader("hyperbee", null).encode()));
        for (BeeNode.Level bad : List.of(
                new BeeNode.Level(new long[] {9}, new long[0]),
                new BeeNode.Level(new long[] {0}, new long[0]),
                new BeeNode.Level(new long[] {1}, new long[] {1, 0}),
                new BeeNode.Level(new long[] {1}, new long[] {1, 7, 1, 7}))) {
            MemoryLog broken = new MemoryLog();
            broken.append(log.blocks);
            broken.append(List.of(BeeNode.encode(utf8("m"), utf8("v"), List.of(bad))));
            Hyperbee read = Hyperbee.of(broken, BeeOptions.DEFAULT);
            assertThatThrownBy(() -> read.get(utf8("z"))).isInstanceOf(CorruptDriveException.class);
        }
    }

    @Test
    void shouldFailByNameWhenBlocksAreGarbage() {
        for (long seed = 1; seed <= 3000; seed++) {
            Random random = new Random(seed);
            MemoryLog garbage = new MemoryLog();
            new BeeOperations(3, 40, 20, 8, 2).applyTo(Hyperbee.of(garbage, BeeOptions.DEFAULT));
            for (int i = 0; i < 3; i++) {
                byte[] block = garbage.blocks.get(random.nextInt(garbage.blocks.size()));
                block[random.nextInt(block.length)] = (byte) random.nextInt();
            }
            Hyperbee read = Hyperbee.of(garbage, BeeOptions.DEFAULT);
            try {
                assertThat(read.header()).isNotNull();
                read.get(utf8("key-7"));
                int count = 0;
                for (BeeEntry entry : read.range(BeeRange.all())) {
                    assertThat(entry.seq()).isPositive();
                    assertThat(++count).as("seed %d", seed).isLessThan(2000);
                }
            } catch (CorruptDriveException expected) {
                assertThat(expected).as("seed %d", seed).hasMessageMatching("(?s).+");
            }
        }
    }
}
