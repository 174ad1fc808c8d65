package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.CoreKey;
import org.datdot.hypercore.BlockSelection;
import org.datdot.hypercore.BytePosition;
import org.datdot.hypercore.CoreExtension;
import org.datdot.hypercore.Hypercore;
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
}
