package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * One store goes from process to process, of Node.js and of ours as drawn; each finds what the one before left, appends, truncates and clears,
 * and is closed in good order or killed with SIGKILL. What was answered must be there afterwards, also in a store that was killed. Node.js
 * audits its storage whenever it has its turn. A copy of what a kill left opens here as well. The system property interop.seed chooses others.
 */
@Timeout(600)
class StoreRoundsTest {
    private static final long SEED = Long.getLong("interop.seed", 1);
    private static final int GENERATIONS = 6;

    @TempDir
    Path folder;

    private long length;
    private long fork;
    private String sha256 = "";

    @Test
    void shouldFindEverythingOfTheGenerationBeforeWhoeverWroteItAndHoweverItEnded() {
        Random random = new Random(SEED);
        boolean killed = false;
        for (int generation = 0; generation < GENERATIONS; generation++) {
            // Both kinds take over from both kinds, and after a kill of either.
            PeerProcess.Kind kind = generation / 2 % 2 == 0 ? PeerProcess.Kind.NODE : PeerProcess.Kind.JAVA;
            String what = "seed " + SEED + ", generation " + generation + ", " + kind + (killed ? " after a kill" : "");
            killed = random.nextBoolean();
            try (PeerProcess peer = PeerProcess.start(kind)) {
                String store = peer.open(folder.resolve("store"), new byte[32]);
                String core = peer.ask("core", "store", store, "name", "log")
                        .path("core")
                        .asString();
                find(peer, core, what);
                if (kind == PeerProcess.Kind.NODE) audit(peer, core, what);
                write(peer, core, random);
                if (killed) {
                    // In the middle of a write that nobody answers any more.
                    var _ = peer.send("append", "core", core, "fill", fill(List.of(60_000, 60_000, 60_000)));
                    peer.kill();
                    openCopy(generation, what);
                } else {
                    assertThat(peer.finish()).as(what).isZero();
                }
            }
        }
        assertThat(length).as("blocks after all generations").isPositive();
    }

    /** A copy of the folder of a killed process is a store as well; the store itself is left as the kill left it. */
    private void openCopy(int generation, String what) {
        Path copy = folder.resolve("copy-" + generation);
        try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, copy.resolve(folder.resolve("store").relativize(file)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long expected = length;
        try (PeerProcess peer = PeerProcess.start(PeerProcess.Kind.JAVA)) {
            String store = peer.open(copy, new byte[32]);
            String core =
                    peer.ask("core", "store", store, "name", "log").path("core").asString();
            find(peer, core, "the copy of what was killed, " + what);
            assertThat(peer.ask("append", "core", core, "blocks", List.of("00"))
                            .path("length")
                            .asLong())
                    .as("length of the copy after an append, %s", what)
                    .isEqualTo(length + 1);
        }
        length = expected;
    }

    private void find(PeerProcess peer, String core, String what) {
        JsonNode info = peer.ask("info", "core", core);
        assertThat(info.path("fork").asLong()).as("fork, %s", what).isEqualTo(fork);
        // What was sent before a kill may be there, as a whole.
        assertThat(info.path("length").asLong()).as("length, %s", what).isIn(length, length + 3);
        assertThat(info.path("contiguousLength"))
                .as("contiguous length, %s", what)
                .isEqualTo(info.path("length"));
        if (length > 0) {
            assertThat(digest(peer, core)).as("content, %s", what).isEqualTo(sha256);
        }
        length = info.path("length").asLong();
    }

    private String digest(PeerProcess peer, String core) {
        return peer.ask("digest", "core", core, "start", 0, "end", length)
                .path("sha256")
                .asString();
    }

    private void audit(PeerProcess node, String core, String what) {
        JsonNode audit = node.ask("audit", "core", core);
        assertThat(audit.path("blocks").asLong())
                .as("audit %s, %s", audit, what)
                .isEqualTo(length);
        for (String dropped : List.of("droppedTreeNodes", "droppedBlocks", "droppedBits")) {
            assertThat(audit.path(dropped).asInt(-1))
                    .as("audit %s, %s", audit, what)
                    .isZero();
        }
        assertThat(audit.path("corrupt").asBoolean(true))
                .as("audit %s, %s", audit, what)
                .isFalse();
    }

    private Map<String, Object> fill(List<Integer> sizes) {
        return PeerProcess.object("seed", 5, "from", length, "sizes", sizes);
    }

    private void write(PeerProcess peer, String core, Random random) {
        for (int batch = 0; batch < 12; batch++) {
            List<Integer> sizes = new ArrayList<>();
            int count = 1 + random.nextInt(40);
            for (int i = 0; i < count; i++) sizes.add(random.nextInt(3000));
            length = peer.ask("append", "core", core, "fill", fill(sizes))
                    .path("length")
                    .asLong();
            if (random.nextInt(8) == 0) {
                length -= random.nextLong(length);
                fork = peer.ask("truncate", "core", core, "length", length)
                        .path("fork")
                        .asLong();
            }
        }
        sha256 = digest(peer, core);
    }
}
