package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.LongStream;
import org.datdot.drive.BeeBatch;
import org.datdot.drive.BeeCas;
import org.datdot.drive.BeeChange;
import org.datdot.drive.BeeDiff;
import org.datdot.drive.BeeEntry;
import org.datdot.drive.BeeRange;
import org.datdot.drive.HistoryRange;
import org.datdot.drive.Hyperbee;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Random operations on a bee here and on a stock one: equal blocks, and equal answers to questions about any version. */
@Timeout(36_000)
class BeeInteropTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<List<String>> SUBS =
            List.of(List.of(), List.of(), List.of("a"), List.of("a", "b"), List.of("ü"));

    @TempDir
    private Path temporary;

    /** The system properties interop.seed (the first) and interop.bees (how many) choose others. */
    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("interop.bees", 6))
                .map(number -> Long.getLong("interop.seed", 1) + number);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldWriteAndReadAsStockWhenOperationsAreRandom(long seed) {
        Random random = new Random(seed);
        try (Corestore store = Corestore.open(temporary.resolve("java"), StoreOptions.defaults());
                Hypercore core = store.get("bee");
                NodeProcess stock = NodeProcess.start(
                        "bee-operations.js", temporary.resolve("stock").toString())) {
            Hyperbee bee = Hyperbee.of(core);
            List<Long> versions = write(bee, stock, random);
            stock.send("{\"ask\":\"blocks\"}");
            List<String> blocks = new ArrayList<>();
            stock.next().path("answer").forEach(block -> blocks.add(block.stringValue()));
            assertThat(core.length()).as("seed %d", seed).isEqualTo(blocks.size());
            for (int i = 0; i < blocks.size(); i++) {
                assertThat(HEX.formatHex(core.get(i)))
                        .as("seed %d, block %d", seed, i)
                        .isEqualTo(blocks.get(i));
            }
            for (int i = 0; i < 120; i++) {
                ask(bee, stock, random, versions, "seed " + seed + ", question " + i);
            }
            assertThat(stock.finish()).as(stock.errorText()).isZero();
        }
    }

    private static List<Long> write(Hyperbee bee, NodeProcess stock, Random random) {
        List<Long> versions = new ArrayList<>();
        int operations = 300 + random.nextInt(500);
        int keys = 20 + random.nextInt(200);
        int deletions = 1 + random.nextInt(4);
        for (int done = 0; done < operations; ) {
            List<String> sub = SUBS.get(random.nextInt(SUBS.size()));
            Hyperbee target = sub(bee, sub);
            boolean batched = random.nextBoolean();
            int end = done + (batched ? random.nextInt(40) : 1);
            try (BeeBatch batch = target.batch()) {
                if (batched) {
                    send(stock, operation("batch", sub));
                }
                for (; done < end; done++) {
                    write(batch, stock, sub, random, keys, deletions);
                }
                boolean flushed = !batched || random.nextInt(8) > 0;
                if (batched) {
                    send(stock, operation(flushed ? "flush" : "close", sub));
                }
                if (flushed) {
                    batch.flush();
                }
            }
            done++;
            versions.add(bee.version());
        }
        return versions;
    }

    private static void write(
            BeeBatch batch, NodeProcess stock, List<String> sub, Random random, int keys, int deletions) {
        boolean removal = random.nextInt(8) < deletions;
        ObjectNode message = operation(removal ? "del" : "put", sub);
        byte[] key = ("key-" + random.nextInt(keys)).getBytes(StandardCharsets.UTF_8);
        byte[] value = random.nextInt(10) == 0 ? null : new byte[random.nextInt(3)];
        message.put("key", HEX.formatHex(key));
        message.put("value", value == null ? null : HEX.formatHex(value));
        BeeCas cas = BeeCas.ALWAYS;
        switch (random.nextInt(6)) {
            case 0 -> {
                message.put("cas", "never");
                cas = (previous, next) -> false;
            }
            case 1 -> {
                message.put("cas", "different");
                cas = (previous, next) -> !Arrays.equals(orEmpty(previous.value()), orEmpty(next.value()));
            }
            case 2 -> message.put("cas", "always");
            default -> message.putNull("cas");
        }
        send(stock, message);
        if (removal) {
            batch.del(key, cas);
        } else {
            batch.put(key, value, cas);
        }
    }

    private static byte[] orEmpty(byte @Nullable [] value) {
        return value == null ? new byte[0] : value;
    }

    private static void ask(Hyperbee bee, NodeProcess stock, Random random, List<Long> versions, String what) {
        List<String> sub = SUBS.get(random.nextInt(SUBS.size()));
        long version = versions.get(random.nextInt(versions.size()));
        long other = versions.get(random.nextInt(versions.size()));
        Hyperbee then = sub(bee, sub).checkout(version);
        ObjectNode options = JsonNodeFactory.instance.objectNode();
        ArrayNode expected = JsonNodeFactory.instance.arrayNode();
        String question;
        switch (random.nextInt(3)) {
            case 0 -> {
                question = "range";
                range(then, options, random).forEachRemaining(entry -> expected.add(entry(entry)));
            }
            case 1 -> {
                question = "diff";
                BeeRange range = bounds(options, random);
                then.diff(other, range).forEachRemaining(diff -> expected.add(diff(diff)));
            }
            default -> {
                question = "history";
                sub = List.of();
                HistoryRange range = historyRange(options, random, version);
                bee.checkout(version).history(range).forEachRemaining(change -> expected.add(change(change)));
            }
        }
        ObjectNode message = operation("", sub);
        message.put("ask", question).put("version", version).put("other", other).set("options", options);
        send(stock, message);
        assertThat(stock.next().path("answer"))
                .as("%s: %s", what, message)
                .isEqualTo(JSON.readTree(expected.toString()));
    }

    private static Iterator<BeeEntry> range(Hyperbee bee, ObjectNode options, Random random) {
        BeeRange range = bounds(options, random);
        if (random.nextBoolean()) {
            options.put("reverse", true);
            range = range.reverse();
        }
        return bee.iterator(range);
    }

    private static BeeRange bounds(ObjectNode options, Random random) {
        BeeRange range = BeeRange.all();
        byte[] low = ("key-" + random.nextInt(200)).getBytes(StandardCharsets.UTF_8);
        byte[] high = ("key-" + random.nextInt(200)).getBytes(StandardCharsets.UTF_8);
        if (Arrays.compareUnsigned(low, high) > 0) {
            byte[] swap = low;
            low = high;
            high = swap;
        }
        boolean inclusive = random.nextBoolean();
        if (random.nextBoolean()) {
            options.put(inclusive ? "gte" : "gt", HEX.formatHex(low));
            range = inclusive ? range.gte(low) : range.gt(low);
        }
        if (random.nextBoolean()) {
            options.put(inclusive ? "lte" : "lt", HEX.formatHex(high));
            range = inclusive ? range.lte(high) : range.lt(high);
        }
        if (random.nextInt(3) == 0) {
            int limit = random.nextInt(20);
            options.put("limit", limit);
            range = range.limit(limit);
        }
        return range;
    }

    private static HistoryRange historyRange(ObjectNode options, Random random, long version) {
        HistoryRange range = HistoryRange.all();
        if (random.nextBoolean()) {
            long start = 1 + random.nextLong(version);
            start = random.nextInt(3) == 0 ? start - version : start;
            boolean included = random.nextBoolean() || start == 0;
            options.put(included ? "gte" : "gt", start);
            range = included ? range.gte(start) : range.gt(start);
        }
        if (random.nextBoolean()) {
            long end = random.nextLong(version);
            boolean included = random.nextBoolean();
            options.put(included ? "lte" : "lt", end);
            range = included ? range.lte(end) : range.lt(end);
        }
        if (random.nextBoolean()) {
            options.put("reverse", true);
            range = range.reverse();
        }
        if (random.nextInt(3) == 0) {
            options.put("limit", 3);
            range = range.limit(3);
        }
        return range;
    }

    private static Hyperbee sub(Hyperbee bee, List<String> names) {
        Hyperbee sub = bee;
        for (String name : names) {
            sub = sub.sub(name);
        }
        return sub;
    }

    private static ObjectNode operation(String op, List<String> sub) {
        ObjectNode message = JsonNodeFactory.instance.objectNode();
        message.put("op", op);
        ArrayNode names = message.putArray("sub");
        sub.forEach(names::add);
        return message;
    }

    private static void send(NodeProcess stock, JsonNode message) {
        stock.send(message.toString());
    }

    private static JsonNode entry(@Nullable BeeEntry entry) {
        if (entry == null) {
            return JsonNodeFactory.instance.nullNode();
        }
        byte[] value = entry.value();
        return JsonNodeFactory.instance
                .arrayNode()
                .add(entry.seq())
                .add(HEX.formatHex(entry.key()))
                .add(value == null ? null : HEX.formatHex(value));
    }

    private static JsonNode diff(BeeDiff diff) {
        return JsonNodeFactory.instance.arrayNode().add(entry(diff.left())).add(entry(diff.right()));
    }

    private static JsonNode change(BeeChange change) {
        ArrayNode node = JsonNodeFactory.instance.arrayNode();
        node.add(change.type().name().toLowerCase(Locale.ROOT));
        entry(change.entry()).forEach(node::add);
        return node;
    }
}
