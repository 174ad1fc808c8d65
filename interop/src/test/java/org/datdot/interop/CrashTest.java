package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Two {@code datdot peer} are killed with SIGKILL at random moments: one that appends while a stock peer follows it, and one that follows it as
 * well. Started again, the first holds all it had acknowledged, and what it signs continues what the stock peer has: a core that forked with
 * itself would be refused there. The second holds all it says it holds, and goes on from there. The system properties interop.seed and
 * interop.crashes (kills) choose others.
 */
@Timeout(36_000)
class CrashTest {
    private static final long SEED = Long.getLong("interop.seed", 1);
    private static final int KILLS = Integer.getInteger("interop.crashes", 6);
    private static final byte[] PRIMARY_KEY = new byte[32];

    @TempDir
    Path folder;

    private long acknowledged;

    @Test
    void shouldLoseNothingAcknowledgedAndNotForkWithItselfWhenItIsKilled() throws Exception {
        runRounds(KILLS);
    }

    @Test
    @Tag("slow")
    void shouldSurviveAThousandKills() throws Exception {
        runRounds(Integer.getInteger("interop.crashes", 1000));
    }

    /** A process of ours that lives for one round, with its store, its core and how long that was when it was opened. */
    private record Ours(PeerProcess process, String store, String core, long length) implements AutoCloseable {
        static Ours start(Path folder, Object... which) {
            PeerProcess process = PeerProcess.start(PeerProcess.Kind.JAVA);
            // With fsync, as by default.
            String store = process.ask("open", "path", folder.toString(), "primaryKey", PRIMARY_KEY)
                    .path("store")
                    .asString();
            JsonNode core = process.ask("core", "store", store, which[0], which[1]);
            return new Ours(
                    process,
                    store,
                    core.path("core").asString(),
                    core.path("length").asLong());
        }

        @Override
        public void close() {
            process.close();
        }
    }

    private void runRounds(int kills) throws Exception {
        Random random = new Random(SEED);
        acknowledged = 0;
        try (PeerProcess reader = PeerProcess.start(PeerProcess.Kind.NODE)) {
            String store = reader.open(folder.resolve("reader"), PRIMARY_KEY);
            String copy = "";
            for (int round = 0; 2 * round < kills; round++) {
                String what = "seed " + SEED + ", round " + round;
                try (Ours writer = Ours.start(folder.resolve("writer"), "name", "log")) {
                    JsonNode info = info(writer.process(), writer.core());
                    long length = writer.length();
                    assertThat(length).as("length after a kill, %s", what).isGreaterThanOrEqualTo(acknowledged);
                    assertThat(info.path("contiguousLength").asLong())
                            .as("contiguous length after a kill, %s", what)
                            .isEqualTo(length);
                    String key = info.path("key").asString();
                    if (copy.isEmpty()) {
                        copy = reader.ask("core", "store", store, "key", key)
                                .path("core")
                                .asString();
                        reader.ask("follow", "core", copy);
                    }
                    int port = writer.process()
                            .ask("listen", "store", writer.store())
                            .path("port")
                            .asInt();
                    String connection = reader.ask("connect", "core", copy, "port", port)
                            .path("connection")
                            .asString();
                    try (Ours follower = Ours.start(folder.resolve("follower"), "key", key)) {
                        follow(follower, port, length, what);
                        if (length > 0) {
                            compare(writer, reader, copy, what);
                            compare(writer, follower.process(), follower.core(), what);
                        }
                        appendUntilKilled(writer, follower, random.nextInt(400), random.nextInt(400));
                    }
                    reader.ask("ended", "connection", connection);
                    reader.closeHandle(connection);
                }
            }
        }
        assertThat(acknowledged).as("blocks acknowledged over all rounds").isPositive();
    }

    /** What the follower had replicated when it was killed is a part of the writer's core, and it goes on from there. */
    private static void follow(Ours follower, int port, long length, String what) {
        assertThat(follower.length())
                .as("length of the follower after a kill, %s", what)
                .isLessThanOrEqualTo(length);
        long contiguous = info(follower.process(), follower.core())
                .path("contiguousLength")
                .asLong();
        // Read here, without asking anybody: whatever it says it holds is there.
        follower.process().ask("digest", "core", follower.core(), "start", 0, "end", contiguous);
        follower.process().ask("follow", "core", follower.core());
        follower.process().ask("connect", "core", follower.core(), "port", port);
    }

    private static JsonNode info(PeerProcess peer, String core) {
        return peer.ask("info", "core", core);
    }

    /** The reader comes to the length the writer has after its restart, and both have the same. */
    private static void compare(Ours writer, PeerProcess reader, String copy, String what) {
        long length = writer.length();
        reader.ask("get", "core", copy, "index", length - 1);
        reader.ask("download", "core", copy, "start", 0, "end", length);
        JsonNode ours = info(writer.process(), writer.core());
        JsonNode theirs = info(reader, copy);
        for (String field : List.of("length", "fork", "treeHash", "signature")) {
            assertThat(theirs.path(field)).as("%s, %s", field, what).isEqualTo(ours.path(field));
        }
        assertThat(reader.ask("digest", "core", copy, "start", 0, "end", length).path("sha256"))
                .as("content, %s", what)
                .isEqualTo(writer.process()
                        .ask("digest", "core", writer.core(), "start", 0, "end", length)
                        .path("sha256"));
    }

    /** Appends one batch after the other; the kills come in the middle of it, some milliseconds after the first answer. */
    private void appendUntilKilled(Ours writer, Ours follower, int writerMs, int followerMs) throws Exception {
        long length = writer.length();
        List<CompletableFuture<Void>> kills = new ArrayList<>();
        for (int batch = 0; ; batch++) {
            List<Integer> sizes = List.of(100, 5000, batch % 7 * 1000);
            Map<String, Object> fill = PeerProcess.object("seed", SEED & 0x7fffffff, "from", length, "sizes", sizes);
            try {
                length = writer.process()
                        .send("append", "core", writer.core(), "fill", fill)
                        .get(Waiting.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                        .path("length")
                        .asLong();
            } catch (ExecutionException e) {
                break; // it was killed before it answered: this batch may be there or not
            } catch (TimeoutException e) {
                throw new AssertionError("no answer and no end", e);
            } catch (UncheckedIOException e) {
                break; // it was killed before it was asked
            }
            acknowledged = length;
            if (batch == 0) {
                kills.add(later(writerMs, writer.process()::kill));
                kills.add(later(followerMs, follower.process()::kill));
            }
        }
        for (CompletableFuture<Void> kill : kills) kill.get(Waiting.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static CompletableFuture<Void> later(int milliseconds, Runnable action) {
        return CompletableFuture.runAsync(
                action, CompletableFuture.delayedExecutor(milliseconds, TimeUnit.MILLISECONDS));
    }
}
