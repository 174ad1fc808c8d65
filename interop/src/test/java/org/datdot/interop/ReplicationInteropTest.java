package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.hypercore.BlockSelection;
import org.datdot.hypercore.BytePosition;
import org.datdot.hypercore.CoreConflict;
import org.datdot.hypercore.CoreExtension;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The less common messages of the replication protocol, spoken with npm hypercore over TCP in both directions. */
@Timeout(300)
class ReplicationInteropTest {
    @TempDir
    private Path folder;

    private JavaPeer java() {
        return new JavaPeer(folder.resolve("java"));
    }

    private CorePeer node() {
        return new CorePeer(folder.resolve("node"));
    }

    @Test
    void shouldFindBytesInEachOthersSparseCores() {
        try (JavaPeer java = java();
                CorePeer node = node()) {
            Hypercore ours = java.write("ours", 500, 700);
            CoreKey theirs = node.write("theirs", 500, 700);
            java.connect(node.listen());
            Hypercore copy = java.open(theirs);
            node.ask("open", "key", ours.key());
            node.waitLength(ours.key(), 500);
            for (long bytes : new long[] {0, 1, 699, 700, 123_456, 349_999, 350_000}) {
                BytePosition expected = new BytePosition(bytes / 700, bytes % 700);
                assertThat(copy.seek(bytes).orTimeout(60, TimeUnit.SECONDS).join())
                        .as("we seek byte %d", bytes)
                        .isEqualTo(expected);
                if (bytes == 350_000) continue; // a stock session ends there
                JsonNode found = node.ask("seek", "key", ours.key(), "bytes", bytes);
                assertThat(found.path("index").asLong())
                        .as("stock seeks byte %d", bytes)
                        .isEqualTo(expected.index());
                assertThat(found.path("offset").asLong()).isEqualTo(expected.offset());
            }
            assertThat(copy.contiguousLength()).as("no block was needed").isZero();
            assertThat(ours.replicator().refusals() + copy.replicator().refusals())
                    .isZero();
        }
    }

    @Test
    void shouldExchangeMessagesOfExtensions() {
        try (JavaPeer java = java();
                CorePeer node = node()) {
            Hypercore core = java.write("ours", 1, 10);
            node.ask("open", "key", core.key());
            node.ask("extend", "key", core.key(), "name", "talk");
            node.ask("extend", "key", core.key(), "name", "other");
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            CoreExtension talk = extension(core, "talk", heard);
            CoreExtension other = extension(core, "other", heard);
            node.connect(java.listen());
            node.waitLength(core.key(), 1);
            for (CoreExtension each : List.of(talk, talk, other, talk)) {
                each.broadcast("hi".getBytes(StandardCharsets.UTF_8));
            }
            assertThat(List.of(Waiting.next(heard), Waiting.next(heard), Waiting.next(heard), Waiting.next(heard)))
                    .containsExactly("talk re:hi", "talk re:hi", "other re:hi", "talk re:hi");
            node.ask("broadcast", "key", core.key(), "name", "talk", "message", "from node");
            assertThat(Waiting.next(heard)).isEqualTo("talk from node");
            JsonNode said = node.ask("heard", "key", core.key(), "name", "talk", "count", 3);
            assertThat(said.path("messages").toString()).isEqualTo("[\"hi\",\"hi\",\"hi\"]");
        }
    }

    private static CoreExtension extension(Hypercore core, String name, BlockingQueue<String> heard) {
        return core.replicator()
                .registerExtension(
                        name, (message, from) -> heard.add(name + " " + new String(message, StandardCharsets.UTF_8)));
    }

    @Test
    void shouldFetchListsOfBlocksFromEachOther() {
        try (JavaPeer java = java();
                CorePeer node = node()) {
            Hypercore ours = java.write("ours", 400, 300);
            CoreKey theirs = node.write("theirs", 400, 300);
            java.connect(node.listen());
            Hypercore copy = java.open(theirs);
            node.ask("open", "key", ours.key());
            node.waitLength(ours.key(), 400);
            node.ask("blocks", "key", ours.key(), "indexes", List.of(7, 300, 44));
            copy.download(BlockSelection.of(7, 300, 44))
                    .done()
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
            JsonNode has = node.ask("has", "key", ours.key(), "start", 0, "end", 400);
            assertThat(has.path("indexes").toString()).isEqualTo("[7,44,300]");
            for (int i : new int[] {7, 44, 300}) assertThat(copy.local(i)).isEqualTo(JavaPeer.block("theirs", i, 300));
            copy.download(BlockSelection.random(0, 400))
                    .done()
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
            assertThat(JavaPeer.digest(copy, 0, 400)).isEqualTo(node.digest(theirs, 0, 400));
        }
    }

    @Test
    void shouldTellEachOtherWhichBlocksWereCleared() {
        try (JavaPeer java = java();
                CorePeer node = node()) {
            Hypercore ours = java.write("ours", 100, 300);
            CoreKey theirs = node.write("theirs", 100, 300);
            java.connect(node.listen());
            Hypercore copy = java.open(theirs);
            node.ask("open", "key", ours.key());
            node.waitLength(ours.key(), 100);
            ours.clear(10, 20);
            node.ask("clear", "key", theirs, "start", 10, "end", 20);
            node.download(ours.key(), 20, 100);
            copy.download(20, 100).done().orTimeout(60, TimeUnit.SECONDS).join();
            var missing = copy.fetch(15);
            assertThat(copy.fetch(0).orTimeout(60, TimeUnit.SECONDS).join())
                    .isEqualTo(JavaPeer.block("theirs", 0, 300));
            assertThat(missing).isNotDone();
            assertThat(copy.replicator().refusals()).as("we knew").isZero();
        }
    }

    private static void awaitFork(Hypercore core, long fork, long length) {
        Waiting.until("fork " + fork, () -> core.fork() == fork && core.length() == length);
    }

    @Test
    void shouldFollowAStockWriterThatRewritesItsCore() {
        try (JavaPeer java = java();
                CorePeer node = node()) {
            CoreKey key = node.write("theirs", 100, 300);
            int port = node.listen();
            java.connect(port);
            Hypercore copy = java.open(key);
            copy.update(Duration.ofSeconds(60));
            join(copy.download(0, 100));
            node.ask("truncate", "key", key, "length", 37);
            node.write("theirs", 50, 200);
            awaitFork(copy, 1, 87);
            assertThat(copy.has(36)).isTrue();
            join(copy.download(0, 87));
            assertThat(JavaPeer.digest(copy, 0, 87)).isEqualTo(node.digest(key, 0, 87));
            node.ask("disconnect");
            node.ask("truncate", "key", key, "length", 80);
            node.ask("truncate", "key", key, "length", 20, "fork", 9);
            node.write("theirs", 70, 100);
            java.connect(port);
            awaitFork(copy, 9, 90);
            assertThat(copy.contiguousLength())
                    .as("the common blocks were kept")
                    .isEqualTo(20);
            join(copy.download(0, 90));
            assertThat(JavaPeer.digest(copy, 0, 90)).isEqualTo(node.digest(key, 0, 90));
            assertThat(HexFormat.of().formatHex(copy.head().treeHash().bytes()))
                    .isEqualTo(node.status(key).path("treeHash").asString());
        }
    }

    @Test
    void shouldLetAStockReaderFollowWhenWeRewriteACore() {
        try (JavaPeer java = java();
                CorePeer node = node()) {
            Hypercore core = java.write("ours", 100, 300);
            node.ask("open", "key", core.key());
            int port = java.listen();
            node.connect(port);
            node.waitLength(core.key(), 100);
            node.download(core.key(), 0, 100);
            core.truncate(37);
            JavaPeer.append(core, "ours", 50, 200);
            node.ask("waitFork", "key", core.key(), "fork", 1, "length", 87);
            node.download(core.key(), 0, 87);
            assertThat(node.digest(core.key(), 0, 87)).isEqualTo(JavaPeer.digest(core, 0, 87));
            node.ask("disconnect");
            core.truncate(20);
            JavaPeer.append(core, "ours", 70, 100);
            node.connect(port);
            node.ask("waitFork", "key", core.key(), "fork", 2, "length", 90);
            node.download(core.key(), 0, 90);
            assertThat(node.digest(core.key(), 0, 90)).isEqualTo(JavaPeer.digest(core, 0, 90));
            assertThat(HexFormat.of().formatHex(core.head().treeHash().bytes()))
                    .isEqualTo(node.status(core.key()).path("treeHash").asString());
        }
    }

    @Test
    void shouldReadAStockCoreThatWasRewrittenBeforeItWasKnown() {
        try (JavaPeer java = java();
                CorePeer node = node()) {
            CoreKey key = node.write("theirs", 10, 300);
            node.ask("truncate", "key", key, "length", 4);
            node.write("theirs", 3, 300);
            java.connect(node.listen());
            Hypercore copy = java.open(key);
            awaitFork(copy, 1, 7);
            join(copy.download(0, 7));
            assertThat(JavaPeer.digest(copy, 0, 7)).isEqualTo(node.digest(key, 0, 7));
        }
    }

    @Test
    void shouldFreezeOnBothSidesWhenOneKeyPairSignedTwoHistories() {
        KeyPair pair = KeyPair.generate(Entropy.system());
        Manifest manifest = Manifest.single(pair.publicKey());
        try (JavaPeer java = java();
                CorePeer node = node()) {
            Hypercore ours = java.store.get(manifest, pair);
            JavaPeer.append(ours, "ours", 5, 100);
            CompletableFuture<CoreConflict> told = new CompletableFuture<>();
            ours.onConflict(told::complete);
            node.ask(
                    "fork",
                    "key",
                    ours.key(),
                    "secretKey",
                    HexFormat.of().formatHex(pair.secretKey().bytes()),
                    "count",
                    7,
                    "size",
                    100);
            node.connect(java.listen());
            node.ask("frozen", "key", ours.key());
            CoreConflict conflict = told.orTimeout(60, TimeUnit.SECONDS).join();
            assertThat(conflict.key()).isEqualTo(ours.key());
            assertThatThrownBy(() -> ours.append(new byte[1])).hasMessageContaining("two histories");
        }
    }

    @Test
    void shouldPushBlocksToEachOther() {
        try (JavaPeer java = java();
                CorePeer node = node()) {
            Hypercore ours = java.write("ours", 3, 300);
            CoreKey theirs = node.write("theirs", 3, 300);
            Hypercore copy = java.open(theirs);
            copy.replicator().allowPush(true);
            copy.replicator().pushOnly(true);
            node.ask("open", "key", ours.key());
            node.ask("allowPush", "key", ours.key());
            java.connect(node.listen());
            Waiting.until(
                    "both are replicated",
                    () -> ours.peers().size() == 1 && copy.peers().size() == 1);
            node.waitLength(ours.key(), 3);
            for (int round = 0; round < 5; round++) {
                JavaPeer.append(ours, "ours", 2, 300);
                long last = ours.length() - 1;
                node.waitLength(ours.key(), last + 1);
                ours.replicator().push(last);
                node.ask("waitBlock", "key", ours.key(), "index", last);
                node.write("theirs", 2, 300);
                node.ask("push", "key", theirs, "index", last);
                Waiting.until("pushed", () -> copy.length() == last + 1 && copy.has(last));
                assertThat(copy.local(last)).isEqualTo(JavaPeer.block("theirs", last, 300));
            }
            assertThat(copy.has(0)).as("nothing was asked for").isFalse();
        }
    }

    private static void join(Download download) {
        download.done().orTimeout(60, TimeUnit.SECONDS).join();
    }
}
