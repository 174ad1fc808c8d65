package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import org.datdot.crypto.CoreKey;
import org.datdot.drive.BeeBatch;
import org.datdot.drive.BeeEntry;
import org.datdot.drive.BeeOptions;
import org.datdot.drive.BeeRange;
import org.datdot.drive.Hyperbee;
import org.datdot.hypercore.Hypercore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A reader that asks for the first entry of a walk is told by the writer which blocks come next, and has them soon. */
@Timeout(120)
class BeeHintsInteropTest {
    private static final int KEYS = 4000;

    /** More than the way to one entry and the siblings along it. */
    private static final int MANY = 1000;

    @TempDir
    Path folder;

    private static long held(Hypercore core) {
        long held = 0;
        for (long i = 0; i < core.length(); i++) held += core.has(i) ? 1 : 0;
        return held;
    }

    private static Hypercore reader(JavaPeer here, JsonNode served) {
        Hypercore core = here.open(CoreKey.parse(served.path("key").asString()));
        here.connect(served.path("port").asInt());
        core.update(Duration.ofSeconds(60));
        assertThat(core.length()).isEqualTo(KEYS + 1);
        return core;
    }

    @Test
    void shouldBeToldByAStockWriterWhatAWalkNeedsNext() {
        try (NodeProcess stock = NodeProcess.start(
                        "bee-hints.js", "serve", folder.resolve("stock").toString(), "" + KEYS);
                JavaPeer here = new JavaPeer(folder.resolve("java"))) {
            Hypercore core = reader(here, stock.next());
            Iterator<BeeEntry> walk = Hyperbee.of(core).iterator(BeeRange.all().reverse());
            assertThat(new String(walk.next().key(), StandardCharsets.UTF_8)).isEqualTo("key-003999");
            Waiting.until("the blocks of the walk", () -> held(core) > MANY);
            for (int i = KEYS - 2; i >= 0; i--) {
                assertThat(new String(walk.next().key(), StandardCharsets.UTF_8))
                        .endsWith(String.valueOf(i));
            }
        }
    }

    @Test
    void shouldFetchOnlyItsWayWhenHintsAreOff() {
        try (NodeProcess stock = NodeProcess.start(
                        "bee-hints.js", "serve", folder.resolve("stock").toString(), "" + KEYS);
                JavaPeer here = new JavaPeer(folder.resolve("java"))) {
            Hypercore core = reader(here, stock.next());
            Hyperbee bee = Hyperbee.of(core, BeeOptions.DEFAULT.withoutHints());
            for (int i = 0; i < 10; i++) {
                byte[] key = String.format("key-%06d", i * 397).getBytes(StandardCharsets.UTF_8);
                assertThat(bee.get(key)).isNotNull();
            }
            assertThat(held(core)).isLessThan(MANY);
        }
    }

    @Test
    void shouldTellAStockReaderWhatAWalkNeedsNext() {
        try (JavaPeer here = new JavaPeer(folder.resolve("java"))) {
            Hypercore core = here.store.get("bee");
            Hyperbee bee = Hyperbee.of(core);
            try (BeeBatch batch = bee.batch()) {
                for (int i = 0; i < KEYS; i++) {
                    batch.put(
                            String.format("key-%06d", i).getBytes(StandardCharsets.UTF_8),
                            ("value " + i).getBytes(StandardCharsets.UTF_8));
                }
                batch.flush();
            }
            try (NodeProcess stock = NodeProcess.start(
                    "bee-hints.js",
                    "read",
                    folder.resolve("stock").toString(),
                    core.key().hex(),
                    String.valueOf(here.listen()))) {
                assertThat(stock.next().path("entry").asString()).isEqualTo("key-003999");
                Waiting.until("the blocks of the walk", () -> {
                    stock.send("");
                    return stock.next().path("blocks").asInt() > MANY;
                });
            }
        }
    }
}
