package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * {@code datdot peer} is killed with SIGKILL at random moments, while it appends and a stock peer follows it. Started again, it holds all it had
 * acknowledged, and what it signs continues what the stock peer has: a core that forked with itself would be refused there. The system
 * properties interop.seed and interop.crashes (rounds) choose others.
 */
@Timeout(36_000)
class CrashTest {
    private static final long SEED = Long.getLong("interop.seed", 1);
    private static final int ROUNDS = Integer.getInteger("interop.crashes", 4);
    private static final byte[] PRIMARY_KEY = new byte[32];

    @TempDir
    Path folder;

    private long acknowledged;

    @Test
    void shouldLoseNothingAcknowledgedAndNotForkWithItselfWhenItIsKilled() throws Exception {
        runRounds(ROUNDS);
    }

    @Test
    @Tag("slow")
    void shouldSurviveAThousandKills() throws Exception {
        runRounds(Integer.getInteger("interop.crashes", 1000));
    }

    private void runRounds(int rounds) throws Exception {
        Random random = new Random(SEED);
        acknowledged = 0;
        try (PeerProcess reader = PeerProcess.start(PeerProcess.Kind.NODE)) {
            String store = reader.open(folder.resolve("reader"), PRIMARY_KEY);
            String copy = "";
            for (int round = 0; round < rounds; round++) {
                try (PeerProcess writer = PeerProcess.start(PeerProcess.Kind.JAVA)) {
                    String what = "seed " + SEED + ", round " + round;
                    // With fsync, as by default.
                    String written = writer.ask(
                                    "open", "path", folder.resolve("writer").toString())
                            .path("store")
                            .asString();
                    JsonNode core = writer.ask("core", "store", written, "name", "log");
                    String handle = core.path("core").asString();
                    long length = core.path("length").asLong();
                    assertThat(length).as("length after a kill, %s", what).isGreaterThanOrEqualTo(acknowledged);
                    assertThat(info(writer, handle).path("contiguousLength").asLong())
                            .as("contiguous length after a kill, %s", what)
                            .isEqualTo(length);
                    if (copy.isEmpty()) {
                        copy = reader.ask(
                                        "core",
                                        "store",
                                        store,
                                        "key",
                                        core.path("key").asString())
                                .path("core")
                                .asString();
                        reader.ask("follow", "core", copy);
                    }
                    int port =
                            writer.ask("listen", "store", written).path("port").asInt();
                    String connection = reader.ask("connect", "core", copy, "port", port)
                            .path("connection")
                            .asString();
                    if (length > 0) compare(writer, handle, reader, copy, length, what);
                    appendUntilKilled(writer, handle, length, random.nextInt(400));
                    reader.ask("ended", "connection", connection);
                    reader.closeHandle(connection);
                }
            }
        }
        assertThat(acknowledged).as("blocks acknowledged over all rounds").isPositive();
    }

    private static JsonNode info(PeerProcess peer, String core) {
        return peer.ask("info", "core", core);
    }

    /** The reader comes to the length the writer has after its restart, and both have the same. */
    private static void compare(
            PeerProcess writer, String core, PeerProcess reader, String copy, long length, String what) {
        reader.ask("get", "core", copy, "index", length - 1);
        reader.ask("download", "core", copy, "start", 0, "end", length);
        JsonNode ours = info(writer, core);
        JsonNode theirs = info(reader, copy);
        for (String field : List.of("length", "fork", "treeHash", "signature")) {
            assertThat(theirs.path(field)).as("%s, %s", field, what).isEqualTo(ours.path(field));
        }
        assertThat(reader.ask("digest", "core", copy, "start", 0, "end", length).path("sha256"))
                .as("content, %s", what)
                .isEqualTo(writer.ask("digest", "core", core, "start", 0, "end", length)
                        .path("sha256"));
    }

    /** Appends one batch after the other; the kill comes in the middle of it, some milliseconds after the first answer. */
    private void appendUntilKilled(PeerProcess writer, String core, long from, int killAfterMs) throws Exception {
        CompletableFuture<Void> kill = new CompletableFuture<>();
        long length = from;
        for (int batch = 0; ; batch++) {
            List<Integer> sizes = List.of(100, 5000, batch % 7 * 1000);
            Map<String, Object> fill = PeerProcess.object("seed", SEED & 0x7fffffff, "from", length, "sizes", sizes);
            try {
                length = writer.send("append", "core", core, "fill", fill)
                        .get(Waiting.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                        .path("length")
                        .asLong();
            } catch (java.util.concurrent.ExecutionException | CompletionException e) {
                return; // it was killed before it answered: this batch may be there or not
            } catch (TimeoutException e) {
                throw new AssertionError("no answer and no end", e);
            } catch (java.io.UncheckedIOException e) {
                return; // it was killed before it was asked
            }
            acknowledged = length;
            if (batch == 0) {
                var _ = kill.completeOnTimeout(null, killAfterMs, TimeUnit.MILLISECONDS)
                        .thenRun(writer::kill);
            }
        }
    }
}
