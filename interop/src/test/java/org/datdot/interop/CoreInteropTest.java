package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.datdot.crypto.CoreKey;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Cores replicated between this implementation and npm corestore over TCP, both being source and both being sink. */
@Timeout(300)
class CoreInteropTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    private Path folder;

    @Test
    void shouldGiveAStockReaderEveryBlockWhenItDownloadsOurCore() {
        try (JavaPeer java = java();
                CorePeer node = node("node")) {
            Hypercore core = java.write("ours", 1500, 3000);
            node.connect(java.listen());
            node.waitLength(core.key(), 1500);
            node.download(core.key(), 0, 1500);
            assertThat(node.digest(core.key(), 0, 1500)).isEqualTo(JavaPeer.digest(core, 0, 1500));
            requireEqualHeads(core, node);
            node.stop();
        }
    }

    @Test
    void shouldGetEveryBlockOfAStockWriterWhenWeDownloadItsCore() {
        try (JavaPeer java = java();
                CorePeer node = node("node")) {
            CoreKey key = node.write("theirs", 1500, 3000);
            java.connect(node.listen());
            Hypercore core = java.open(key);
            assertThat(core.manifest()).isNull();
            core.update(SOON);
            assertThat(core.length()).isEqualTo(1500);
            join(core.download(0, 1500));
            assertThat(JavaPeer.digest(core, 0, 1500)).isEqualTo(node.digest(key, 0, 1500));
            Manifest manifest = Objects.requireNonNull(core.manifest());
            assertThat(manifest.coreKey()).isEqualTo(key);
            requireEqualHeads(core, node);
            assertThat(core.writable()).isFalse();
            node.stop();
        }
    }

    @Test
    void shouldFetchOnlyTheBlocksAskedForWhenReadingSparsely() {
        try (JavaPeer java = java();
                CorePeer node = node("node")) {
            Hypercore ours = java.write("ours", 700, 500);
            CoreKey theirs = node.write("theirs", 700, 500);
            java.connect(node.listen());
            Hypercore copy = java.open(theirs);
            node.ask("open", "key", ours.key());
            for (int index : new int[] {699, 0, 350, 127, 128, 512}) {
                assertThat(copy.get(index, SOON)).isEqualTo(JavaPeer.block("theirs", index, 500));
                String digest = node.ask("get", "key", ours.key(), "index", index, "timeout", 30_000)
                        .path("sha256")
                        .asString();
                assertThat(digest).isEqualTo(sha256(JavaPeer.block("ours", index, 500)));
            }
            assertThat(held(copy, 700)).containsExactly(0, 127, 128, 350, 512, 699);
            JsonNode has = node.ask("has", "key", ours.key(), "start", 0, "end", 700);
            assertThat(has.path("indexes").toString()).isEqualTo("[0,127,128,350,512,699]");
            assertThat(copy.contiguousLength()).isEqualTo(1);
            requireEqualHeads(copy, node);
            requireEqualHeads(ours, node);
        }
    }

    @Test
    void shouldDeliverAppendsWhenAStockReaderIsConnected() {
        try (JavaPeer java = java();
                CorePeer node = node("node")) {
            Hypercore core = java.write("ours", 1, 100);
            node.connect(java.listen());
            node.waitLength(core.key(), 1);
            node.download(core.key(), 0, 1);
            for (int size : new int[] {1, 2, 5, 64, 300}) {
                long before = core.length();
                JavaPeer.append(core, "ours", size, 1000);
                node.waitLength(core.key(), before + size);
                node.download(core.key(), before, before + size);
            }
            assertThat(node.digest(core.key(), 0, core.length())).isEqualTo(JavaPeer.digest(core, 0, core.length()));
            requireEqualHeads(core, node);
        }
    }

    @Test
    void shouldFollowAStockWriterWhenItAppendsWhileConnected() {
        try (JavaPeer java = java();
                CorePeer node = node("node")) {
            CoreKey key = node.write("theirs", 1, 1000);
            java.connect(node.listen());
            Hypercore core = java.open(key);
            try (Download live = core.download(0, Download.LIVE)) {
                long length = 1;
                for (int size : new int[] {1, 2, 5, 64, 300}) {
                    node.write("theirs", size, 1000);
                    length += size;
                    long expected = length;
                    Waiting.until("block " + expected + " came", () -> core.contiguousLength() == expected);
                }
                assertThat(live.done()).isNotDone();
            }
            assertThat(JavaPeer.digest(core, 0, core.length())).isEqualTo(node.digest(key, 0, core.length()));
            requireEqualHeads(core, node);
        }
    }

    @Test
    void shouldReplicateSeveralCoresBothWaysWhenThereIsOneStream() {
        try (JavaPeer java = java();
                CorePeer node = node("node")) {
            Hypercore first = java.write("first", 300, 2000);
            Hypercore second = java.write("second", 200, 5000);
            CoreKey third = node.write("third", 300, 2000);
            CoreKey fourth = node.write("fourth", 200, 5000);
            java.connect(node.listen());
            Hypercore thirdHere = java.open(third);
            Hypercore fourthHere = java.open(fourth);
            thirdHere.update(SOON);
            fourthHere.update(SOON);
            Download thirdDownload = thirdHere.download(0, 300);
            Download fourthDownload = fourthHere.download(0, 200);
            node.start("download", "key", first.key(), "start", 0, "end", 300);
            node.start("download", "key", second.key(), "start", 0, "end", 200);
            node.answer();
            node.answer();
            join(thirdDownload);
            join(fourthDownload);
            assertThat(java.swarm.connections()).hasSize(1);
            assertThat(node.digest(first.key(), 0, 300)).isEqualTo(JavaPeer.digest(first, 0, 300));
            assertThat(node.digest(second.key(), 0, 200)).isEqualTo(JavaPeer.digest(second, 0, 200));
            assertThat(JavaPeer.digest(thirdHere, 0, 300)).isEqualTo(node.digest(third, 0, 300));
            assertThat(JavaPeer.digest(fourthHere, 0, 200)).isEqualTo(node.digest(fourth, 0, 200));
        }
    }

    @Test
    void shouldServeWhatItHoldsWhenAStockReaderNeverMeetsTheWriter() {
        try (JavaPeer java = java();
                CorePeer reader = node("reader")) {
            CoreKey key;
            Hypercore copy;
            String digest;
            try (CorePeer writer = node("writer")) {
                key = writer.write("theirs", 400, 1500);
                java.connect(writer.listen());
                copy = java.open(key);
                copy.update(SOON);
                join(copy.download(100, 300));
                digest = writer.digest(key, 100, 300);
                writer.stop();
            }
            reader.connect(java.listen());
            reader.waitLength(key, 400);
            reader.download(key, 100, 300);
            assertThat(reader.digest(key, 100, 300)).isEqualTo(digest);
            assertThat(copy.has(50)).isFalse();
            assertThat(reader.status(key).path("contiguousLength").asInt()).isZero();
            requireEqualHeads(copy, reader);
        }
    }

    @Test
    void shouldGoOnWhenTheStockPeerComesBackAfterAConnectionWasLost() {
        try (JavaPeer java = java();
                CorePeer node = node("node")) {
            CoreKey key = node.write("theirs", 300, 1000);
            int port = node.listen();
            java.connect(port);
            Hypercore core = java.open(key);
            core.update(SOON);
            join(core.download(0, 100));
            node.ask("disconnect");
            Waiting.until(
                    "the connection is gone", () -> java.swarm.connections().isEmpty());
            assertThatThrownBy(() -> core.get(200, Duration.ofMillis(50)))
                    .isInstanceOf(BlockNotAvailableException.class);
            node.write("theirs", 50, 1000);
            Download rest = core.download(0, 350);
            java.connect(port);
            join(rest);
            assertThat(JavaPeer.digest(core, 0, 350)).isEqualTo(node.digest(key, 0, 350));
        }
    }

    private JavaPeer java() {
        return new JavaPeer(folder.resolve("java"));
    }

    private CorePeer node(String name) {
        return new CorePeer(folder.resolve(name));
    }

    private static void requireEqualHeads(Hypercore core, CorePeer node) {
        JsonNode status = node.status(core.key());
        assertThat(status.path("length").asLong()).isEqualTo(core.length());
        assertThat(status.path("byteLength").asLong()).isEqualTo(core.byteLength());
        assertThat(status.path("fork").asLong()).isEqualTo(core.fork());
        assertThat(status.path("treeHash").asString())
                .isEqualTo(core.head().treeHash().hex());
        assertThat(status.path("signature").asString())
                .isEqualTo(HEX.formatHex(core.head().signature()));
    }

    private static long[] held(Hypercore core, int length) {
        return LongStream.range(0, length).filter(core::has).toArray();
    }

    private static String sha256(byte[] bytes) {
        return HEX.formatHex(JavaPeer.sha256().digest(bytes));
    }

    private static void join(Download download) {
        download.done()
                .orTimeout(Waiting.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }
}
