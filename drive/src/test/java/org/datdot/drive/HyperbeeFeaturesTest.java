package org.datdot.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class HyperbeeFeaturesTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    private final MemoryLog log = new MemoryLog();
    private final Hyperbee bee = Hyperbee.of(log, BeeOptions.DEFAULT);

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(BeeEntry entry) {
        byte[] value = entry.value();
        return new String(entry.key(), StandardCharsets.UTF_8) + "="
                + (value == null ? "-" : new String(value, StandardCharsets.UTF_8));
    }

    private static List<String> texts(Iterator<BeeEntry> entries) {
        List<String> texts = new ArrayList<>();
        entries.forEachRemaining(entry -> texts.add(text(entry)));
        return texts;
    }

    @Test
    void shouldWriteOnlyWhenCompareAndSwapLetsIt() {
        BeeCas different = (previous, next) -> !Arrays.equals(previous.value(), next.value());
        assertThat(bee.put(utf8("number"), utf8("123"), different)).isTrue();
        assertThat(bee.put(utf8("number"), utf8("123"), different)).isFalse();
        assertThat(bee.version()).isEqualTo(2);
        assertThat(bee.put(utf8("number"), utf8("456"), different)).isTrue();
        assertThat(bee.version()).isEqualTo(3);
        BeeCas is456 = (previous, next) ->
                Arrays.equals(previous.value(), utf8("456")) && next.value() == null && next.seq() == 3;
        assertThat(bee.del(utf8("other"), (previous, next) -> {
                    throw new AssertionError("asked about a key that is not there");
                }))
                .isFalse();
        assertThat(bee.del(utf8("number"), is456)).isTrue();
        assertThat(bee.get(utf8("number"))).isNull();
    }

    @Test
    void shouldStayUsableWhenCompareAndSwapThrows() {
        bee.put(utf8("a"), utf8("1"));
        try (BeeBatch batch = bee.batch()) {
            assertThatThrownBy(() -> batch.put(utf8("a"), utf8("2"), (previous, next) -> {
                        throw new IllegalStateException("no");
                    }))
                    .hasMessage("no");
            batch.put(utf8("b"), utf8("3"));
            batch.flush();
        }
        assertThat(texts(bee.iterator(BeeRange.all()))).containsExactly("a=1", "b=3");
    }

    @Test
    void shouldWriteNothingWhenTheValueIsTheSameAndDuplicatesAreOff() {
        Hyperbee frugal = Hyperbee.of(log, BeeOptions.DEFAULT.withoutDuplicates());
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 40; i++) {
                frugal.put(utf8("k" + i), utf8("v"));
            }
            assertThat(frugal.version()).isEqualTo(41);
        }
        frugal.put(utf8("k7"), null);
        frugal.put(utf8("k7"), null);
        assertThat(frugal.version()).isEqualTo(42);
    }

    @Test
    void shouldSeeItsOwnWritesWhenABatchIsWalked() {
        NavigableMap<byte[], byte[]> expected = new TreeMap<>(BeeOperations.ORDER);
        expected.putAll(new BeeOperations(5, 300, 200, 20, 2).applyTo(bee));
        try (BeeBatch batch = bee.batch()) {
            for (int i = 0; i < 150; i += 2) {
                batch.put(utf8("key-" + i), utf8("new" + i));
                expected.put(utf8("key-" + i), utf8("new" + i));
                batch.del(utf8("key-" + (i + 1)));
                expected.remove(utf8("key-" + (i + 1)));
            }
            List<String> pairs = new ArrayList<>();
            expected.forEach((key, value) -> pairs.add(text(new BeeEntry(0, key, value))));
            assertThat(texts(batch.iterator(BeeRange.all()))).isEqualTo(pairs);
            assertThat(texts(batch.iterator(BeeRange.all().reverse().limit(3))))
                    .isEqualTo(pairs.reversed().subList(0, 3));
            assertThat(text(Objects.requireNonNull(batch.peek(BeeRange.all().gt(utf8("key-1"))))))
                    .startsWith(new String(expected.higherKey(utf8("key-1")), StandardCharsets.UTF_8) + "=");
            Iterator<BeeEntry> walk = batch.iterator(BeeRange.all());
            batch.put(utf8("x"), null);
            assertThatThrownBy(walk::next).isInstanceOf(ConcurrentModificationException.class);
        }
    }

    @Test
    void shouldGiveTheDifferenceOfTwoVersionsWhenOperationsAreRandom() {
        for (long seed = 1; seed <= 40; seed++) {
            Random random = new Random(seed);
            Hyperbee written = Hyperbee.of(new MemoryLog(), BeeOptions.DEFAULT);
            new BeeOperations(random.nextInt(), 1 + random.nextInt(600), 1 + random.nextInt(300), 1, 3)
                    .applyTo(written);
            for (int i = 0; i < 20; i++) {
                Hyperbee left = written.checkout(random.nextLong(written.version() + 1));
                Hyperbee right = written.checkout(random.nextLong(written.version() + 1));
                BeeRange range = BeeRange.all();
                if (random.nextBoolean()) {
                    byte[] low = utf8("key-" + random.nextInt(300));
                    range = random.nextBoolean() ? range.gt(low) : range.gte(low);
                }
                if (random.nextBoolean()) {
                    byte[] high = utf8("key-" + random.nextInt(300));
                    range = random.nextBoolean() ? range.lt(high) : range.lte(high);
                }
                if (random.nextInt(4) == 0) {
                    range = range.limit(random.nextInt(5));
                }
                List<BeeDiff> found = new ArrayList<>();
                left.diff(right, range).forEachRemaining(found::add);
                assertThat(found).as("seed %d, diff %d", seed, i).isEqualTo(plainDiff(left, right, range));
            }
        }
    }

    private static List<BeeDiff> plainDiff(Hyperbee left, Hyperbee right, BeeRange range) {
        TreeMap<byte[], BeeDiff> all = new TreeMap<>(BeeOperations.ORDER);
        BeeRange unlimited = range.limit(Long.MAX_VALUE);
        left.range(unlimited).forEach(entry -> all.put(entry.key(), new BeeDiff(entry, null)));
        for (BeeEntry entry : right.range(unlimited)) {
            BeeDiff both = all.get(entry.key());
            all.put(entry.key(), new BeeDiff(both == null ? null : both.left(), entry));
        }
        return all.values().stream()
                .filter(diff -> !Objects.equals(diff.left(), diff.right()))
                .limit(range.limit)
                .toList();
    }

    @Test
    void shouldReadFewBlocksWhenVersionsDifferLittle() {
        new BeeOperations(9, 20000, 100000, 2000, 0).applyTo(bee);
        long before = bee.version();
        bee.put(utf8("key-500"), utf8("changed"));
        Hyperbee cold = Hyperbee.of(log, BeeOptions.DEFAULT);
        int reads = log.reads;
        List<BeeDiff> found = new ArrayList<>();
        cold.diff(before, BeeRange.all()).forEachRemaining(found::add);
        assertThat(found).hasSize(1);
        assertThat(log.reads - reads).isLessThan(60);
    }

    private List<String> history(HistoryRange range) {
        List<String> found = new ArrayList<>();
        try (BeeHistory history = bee.history(range)) {
            history.forEachRemaining(change -> found.add(change.type() + " " + text(change.entry()) + "@"
                    + change.entry().seq()));
        }
        return found;
    }

    @Test
    void shouldGiveTheWritesOfARangeWhenTheHistoryIsRead() {
        assertThat(history(HistoryRange.all())).isEmpty();
        bee.put(utf8("a"), utf8("1"));
        bee.put(utf8("b"), null);
        bee.del(utf8("a"));
        bee.put(utf8("c"), utf8("3"));
        List<String> all = List.of("PUT a=1@1", "PUT b=-@2", "DEL a=-@3", "PUT c=3@4");
        assertThat(history(HistoryRange.all())).isEqualTo(all);
        assertThat(history(HistoryRange.all().reverse())).isEqualTo(all.reversed());
        assertThat(history(HistoryRange.all().gte(0))).isEqualTo(all);
        assertThat(history(HistoryRange.all().gte(3))).isEqualTo(all.subList(2, 4));
        assertThat(history(HistoryRange.all().gt(3))).isEqualTo(all.subList(3, 4));
        assertThat(history(HistoryRange.all().lt(3))).isEqualTo(all.subList(0, 2));
        assertThat(history(HistoryRange.all().lte(3))).isEqualTo(all.subList(0, 3));
        assertThat(history(HistoryRange.all().gte(-2))).isEqualTo(all.subList(2, 4));
        assertThat(history(HistoryRange.all().gt(-2))).isEqualTo(all.subList(3, 4));
        assertThat(history(HistoryRange.all().gt(-1))).isEmpty();
        assertThat(history(HistoryRange.all().lt(-1))).isEqualTo(all.subList(0, 3));
        assertThat(history(HistoryRange.all().lte(-1))).isEqualTo(all);
        assertThat(history(HistoryRange.all().lte(99).reverse().limit(2)))
                .isEqualTo(all.reversed().subList(0, 2));
        assertThat(history(HistoryRange.all().limit(0))).isEmpty();
        assertThatThrownBy(() -> HistoryRange.all().live().reverse()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bee.snapshot().history(HistoryRange.all().live()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldWaitForLaterWritesWhenTheHistoryIsLive() throws Exception {
        bee.put(utf8("a"), utf8("1"));
        try (BeeHistory history = bee.history(HistoryRange.all().live())) {
            assertThat(text(history.next().entry())).isEqualTo("a=1");
            CompletableFuture<String> later = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> later.complete(text(history.next().entry())));
            bee.put(utf8("b"), utf8("2"));
            assertThat(later.get(60, TimeUnit.SECONDS)).isEqualTo("b=2");
            CompletableFuture<Boolean> end = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> end.complete(history.hasNext()));
            Thread.ofVirtual().start(history::close);
            assertThat(end.get(60, TimeUnit.SECONDS)).isFalse();
        }
    }

    @Test
    void shouldKeepSubDatabasesApartWhenNamesAreNested() {
        Hyperbee users = bee.sub("users");
        Hyperbee friends = users.sub("friends");
        Hyperbee other = bee.sub(utf8("users"), utf8(":"));
        bee.put(utf8("users"), utf8("top"));
        users.put(utf8("ann"), utf8("1"));
        users.put(utf8("zoe"), utf8("2"));
        friends.put(utf8("bob"), utf8("3"));
        other.put(utf8("x"), utf8("4"));
        assertThat(texts(bee.iterator(BeeRange.all())))
                .containsExactly("users=top", "users\0ann=1", "users\0friends\0bob=3", "users\0zoe=2", "users:x=4");
        assertThat(texts(users.iterator(BeeRange.all()))).containsExactly("ann=1", "friends\0bob=3", "zoe=2");
        assertThat(texts(users.iterator(BeeRange.all().gt(utf8("b")).reverse())))
                .containsExactly("zoe=2", "friends\0bob=3");
        assertThat(texts(users.iterator(BeeRange.all().lte(utf8("ann"))))).containsExactly("ann=1");
        assertThat(texts(friends.iterator(BeeRange.all()))).containsExactly("bob=3");
        assertThat(texts(other.iterator(BeeRange.all()))).containsExactly("x=4");
        assertThat(text(Objects.requireNonNull(users.get(utf8("ann"))))).isEqualTo("ann=1");
        assertThat(text(users.getBySeq(2))).isEqualTo("ann=1");
        assertThatThrownBy(() -> users.getBySeq(5)).isInstanceOf(DriveException.class);
        assertThatThrownBy(() -> bee.getBySeq(0)).isInstanceOf(DriveException.class);
        assertThatThrownBy(() -> bee.getBySeq(6)).isInstanceOf(DriveException.class);
        assertThat(texts(users.checkout(3).iterator(BeeRange.all()))).containsExactly("ann=1");
        List<String> writes = new ArrayList<>();
        users.history(HistoryRange.all().limit(2)).forEachRemaining(change -> writes.add(text(change.entry())));
        assertThat(writes).containsExactly("ann=1", "zoe=2");
        List<BeeDiff> diffs = new ArrayList<>();
        users.diff(3, BeeRange.all()).forEachRemaining(diffs::add);
        assertThat(diffs.stream().map(diff -> text(Objects.requireNonNull(diff.left()))))
                .containsExactly("friends\0bob=3", "zoe=2");
        try (BeeBatch batch = friends.batch()) {
            batch.put(utf8("cid"), utf8("5"));
            assertThat(batch.del(utf8("bob"))).isTrue();
            assertThat(batch.del(utf8("ann"))).isFalse();
            assertThat(texts(batch.iterator(BeeRange.all()))).containsExactly("cid=5");
            batch.flush();
        }
        assertThat(texts(users.iterator(BeeRange.all()))).containsExactly("ann=1", "friends\0cid=5", "zoe=2");
    }

    @Test
    void shouldTellOfChangesInTheRangeOnlyWhenWatched() throws Exception {
        bee.put(utf8("a"), utf8("1"));
        try (BeeWatcher watcher = bee.watch(BeeRange.all().gte(utf8("m")))) {
            assertThat(watcher.next(Duration.ZERO)).isNull();
            bee.put(utf8("a"), utf8("2"));
            assertThat(watcher.next(Duration.ofMillis(1))).isNull();
            CompletableFuture<BeeWatcher.Change> change = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> change.complete(watcher.next(LONG)));
            bee.put(utf8("b"), utf8("3"));
            bee.put(utf8("x"), utf8("4"));
            BeeWatcher.Change seen = Objects.requireNonNull(change.get(60, TimeUnit.SECONDS));
            assertThat(seen.previous().get(utf8("x"))).isNull();
            assertThat(seen.current().get(utf8("x"))).isNotNull();
            List<BeeDiff> diffs = new ArrayList<>();
            seen.diff(BeeRange.all().gt(utf8("m"))).forEachRemaining(diffs::add);
            assertThat(diffs).hasSize(1);
            CompletableFuture<Boolean> end = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> end.complete(watcher.next(LONG) == null));
            Thread.ofVirtual().start(watcher::close);
            assertThat(end.get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(watcher.closed()).isTrue();
        }
        try (BeeWatcher since = bee.watch(BeeRange.all(), 1)) {
            assertThat(Objects.requireNonNull(since.next(Duration.ZERO))
                            .previous()
                            .version())
                    .isEqualTo(1);
        }
        assertThatThrownBy(() -> bee.snapshot().watch(BeeRange.all())).isInstanceOf(DriveException.class);
    }

    @Test
    void shouldFollowAKeyWhenItIsWatched() {
        bee.put(utf8("k"), utf8("1"));
        try (BeeEntryWatcher watcher = bee.getAndWatch(utf8("k"))) {
            assertThat(text(Objects.requireNonNull(watcher.entry()))).isEqualTo("k=1");
            bee.put(utf8("other"), utf8("x"));
            assertThat(watcher.update(Duration.ofMillis(1))).isFalse();
            bee.put(utf8("k"), utf8("2"));
            assertThat(watcher.update(LONG)).isTrue();
            assertThat(text(Objects.requireNonNull(watcher.entry()))).isEqualTo("k=2");
            bee.del(utf8("k"));
            assertThat(watcher.update(LONG)).isTrue();
            assertThat(watcher.entry()).isNull();
        }
    }

    @Test
    void shouldKeepTypesWhenKeysAndValuesAreEncoded() throws Exception {
        JsonMapper json = JsonMapper.builder().build();
        var typed = bee.as(BeeEncoding.UTF8, BeeEncoding.JSON);
        typed.put("größe", json.readTree("{\"b\":1,\"a\":[1.5,null,true,\"\\u0001\"]}"));
        var entry = Objects.requireNonNull(typed.get("größe"));
        assertThat(entry.key()).isEqualTo("größe");
        assertThat(new String(Objects.requireNonNull(bee.getBySeq(1).value()), StandardCharsets.UTF_8))
                .isEqualTo("{\"b\":1,\"a\":[1.5,null,true,\"\\u0001\"]}");
        typed.put("none", null);
        assertThat(Objects.requireNonNull(typed.get("none")).value()).isNull();
        assertThat(typed.put("none", json.readTree("1"), (previous, next) -> previous.value() != null))
                .isFalse();
        try (var batch = typed.sub("s").batch()) {
            batch.put("x", json.readTree("2"));
            assertThat(batch.range(BeeRange.all())).hasSize(1);
            batch.flush();
        }
        assertThat(typed.sub("s").range(BeeRange.all().gte(typed.encode("x"))))
                .extracting(TypedEntry::key)
                .containsExactly("x");
        bee.put(new byte[] {(byte) 0xff}, utf8("no json"));
        assertThatThrownBy(() -> typed.getBySeq(4)).isInstanceOf(CorruptDriveException.class);
        assertThat(Hyperbee.of(log, BeeOptions.DEFAULT.asReadOnly()).writable()).isFalse();
    }

    /** Right sides printed by JSON.stringify of Node.js 22. */
    @Test
    void shouldWriteJsonAsJavaScriptDoes() throws Exception {
        JsonMapper json = JsonMapper.builder().build();
        List<String> pairs = List.of(
                "{\"b\":1,\"10\":2,\"9\":3,\"01\":4,\"a\":5}", "{\"9\":3,\"10\":2,\"b\":1,\"01\":4,\"a\":5}",
                "[1.0,-0.0,1e21,1e20,123456789012345680000,1e-6,1e-7,1.5e300,0.1,5e-324]",
                        "[1,0,1e+21,100000000000000000000,123456789012345680000,0.000001,1e-7,1.5e+300,0.1,5e-324]",
                "\"\\u2028 \\u007f \\ud83d\\ude00 \\ud800 \\u001f \\b\\f\\n\\r\\t / \\\" \\\\\"",
                        "\"\u2028 \u007f \ud83d\ude00 \\ud800 \\u001f \\b\\f\\n\\r\\t / \\\" \\\\\"",
                "{\"\":{},\"e\":[]}", "{\"\":{},\"e\":[]}");
        for (int i = 0; i < pairs.size(); i += 2) {
            assertThat(new String(JsonText.encode(json.readTree(pairs.get(i))), StandardCharsets.UTF_8))
                    .isEqualTo(pairs.get(i + 1));
        }
    }

    @Test
    void shouldKeepEveryEntryWhenOverwrittenBlocksAreDropped() {
        for (long seed = 1; seed <= 20; seed++) {
            MemoryLog blocks = new MemoryLog();
            Hyperbee tree = Hyperbee.of(blocks, BeeOptions.DEFAULT);
            Random random = new Random(seed);
            NavigableMap<String, String> expected = new TreeMap<>();
            for (int i = 0; i < 400; i++) {
                String key = "key-" + random.nextInt(80);
                if (random.nextInt(4) == 0) {
                    tree.del(utf8(key));
                    expected.remove(key);
                } else {
                    tree.put(utf8(key), utf8("" + i));
                    expected.put(key, "" + i);
                }
            }
            long dropped = tree.clearUnlinked(0, Long.MAX_VALUE);
            assertThat(dropped).as("seed %d", seed).isGreaterThan(100).isEqualTo(blocks.cleared.size());
            assertThat(tree.clearUnlinked(0, Long.MAX_VALUE))
                    .as("seed %d", seed)
                    .isZero();
            // A new bee, so that nothing comes out of the cache.
            Hyperbee again = Hyperbee.of(blocks, BeeOptions.DEFAULT);
            List<String> texts = new ArrayList<>();
            expected.forEach((key, value) -> texts.add(key + "=" + value));
            assertThat(texts(again.iterator(BeeRange.all())))
                    .as("seed %d", seed)
                    .isEqualTo(texts);
            again.put(utf8("key-3"), utf8("last"));
            assertThat(again.get(utf8("key-3"))).as("seed %d", seed).isNotNull();
        }
    }
}
