package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Hash;
import org.datdot.drive.Hyperdrive;
import org.datdot.drive.TransferMonitor;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.EncryptionKey;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.Connection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Features of the stock packages whose values, marks on disk and counts the stock packages are asked for. */
@Timeout(300)
class StockFeaturesInteropTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final int BLOCK = 1 << 16;

    @TempDir
    private Path folder;

    private Corestore open() {
        return Corestore.open(folder.resolve("store"), StoreOptions.defaults().allowMoved(true));
    }

    private JsonNode stock(String action) {
        try (NodeProcess process =
                NodeProcess.start("stock-features.js", folder.resolve("store").toString(), action)) {
            JsonNode answer = process.next();
            assertThat(process.finish()).as(process.errorText()).isZero();
            return answer;
        }
    }

    private static List<Integer> held(Hypercore core) {
        return IntStream.range(0, (int) core.length()).filter(core::has).boxed().toList();
    }

    @Test
    void shouldGiveTheValuesThatStockGives() {
        String signable;
        String treeHash;
        String blockKey;
        List<String> named;
        try (Corestore store = open()) {
            Hypercore core = store.get("log");
            JavaPeer.append(core, "log", 40, 100);
            Manifest manifest = Objects.requireNonNull(core.manifest());
            // What is signed of the first 13 blocks under fork 4.
            var head = core.headAt(13);
            signable = HEX.formatHex(
                    manifest.signable(core.key(), new org.datdot.hypercore.TreeHead(4, 13, head.roots(), new byte[0])));
            treeHash = head.treeHash().hex();
            byte[] secret = new byte[32];
            Arrays.fill(secret, (byte) 7);
            blockKey =
                    HEX.formatHex(EncryptionKey.of(secret).ofBlocks(core.key()).toBytes());
            Corestore place = store.namespace("place");
            place.get("one").close();
            place.get("two").close();
            named = place.listNamed().stream()
                    .map(each -> each.discoveryKey().hex())
                    .toList();
            assertThat(core.append(List.of(new byte[1], new byte[1]), 41)).isEqualTo(40);
            assertThat(core.has(0, 20)).isTrue();
            assertThat(core.has(0, 41)).isFalse();
        }
        JsonNode theirs = stock("describe");
        assertThat(theirs.path("signable").asString()).isEqualTo(signable);
        assertThat(theirs.path("treeHash").asString()).isEqualTo(treeHash);
        assertThat(theirs.path("blockKey").asString()).isEqualTo(blockKey);
        assertThat(theirs.path("grown").asInt()).isEqualTo(40);
        assertThat(theirs.path("refused").asBoolean()).isTrue();
        assertThat(theirs.path("has").toString()).isEqualTo("[true,false]");
        assertThat(StreamSupport.stream(theirs.path("named").spliterator(), false)
                        .map(JsonNode::asString))
                .hasSize(2)
                .containsExactlyElementsOf(named);
    }

    @Test
    void shouldSweepByMarksThatStockMadeAndTheOtherWayRound() {
        try (Corestore store = open()) {
            JavaPeer.append(store.get("log"), "log", 40, 100);
        }
        stock("mark");
        try (Corestore store = open()) {
            Hypercore core = store.get("log");
            assertThat(core.marks().marked(4)).isTrue();
            assertThat(core.marks().sweep()).isEqualTo(35);
            assertThat(held(core)).containsExactly(2, 4, 10, 11, 12);
            core.marks().clear();
            core.marking().get(10);
            core.marks().mark(11, 13);
        }
        assertThat(stock("sweep").path("indexes").toString()).isEqualTo("[10,11,12]");
        try (Corestore store = open()) {
            assertThat(held(store.get("log"))).containsExactly(10, 11, 12);
            assertThat(store.get("log").marks().marked(10)).isFalse();
        }
    }

    @Test
    void shouldKeepAGroupsListOfUpdatesWithStockInTurn() {
        byte[] nines = new byte[32];
        Arrays.fill(nines, (byte) 9);
        Hash topic = new Hash(nines);
        CoreKey log;
        CoreKey other;
        try (Corestore store = open()) {
            Hypercore core = store.get("log");
            Hypercore second = store.get("second");
            log = core.key();
            other = second.key();
            store.joinGroup(core, topic);
            store.joinGroup(second, topic);
            JavaPeer.append(core, "log", 3, 10);
            JavaPeer.append(second, "second", 3, 10);
        }
        JsonNode theirs = stock("group");
        assertThat(theirs.path("before"))
                .extracting(JsonNode::asString)
                .containsExactlyInAnyOrder(log.hex(), other.hex());
        assertThat(theirs.path("after")).extracting(JsonNode::asString).containsExactly(log.hex(), other.hex());
        assertThat(theirs.path("told").path("length").asInt()).isEqualTo(4);
        StoreOptions later = StoreOptions.defaults()
                .allowMoved(true)
                .clock(() -> Instant.now().plusSeconds(60));
        try (Corestore store = Corestore.open(folder.resolve("store"), later)) {
            assertThat(store.groupUpdates(topic, 0, true)).containsExactly(log, other);
            JavaPeer.append(store.get("second"), "second", 1, 10);
            assertThat(store.groupUpdates(topic, 0, true)).containsExactly(other, log);
        }
        assertThat(stock("group").path("before"))
                .extracting(JsonNode::asString)
                .containsExactly(other.hex(), log.hex());
    }

    @Test
    void shouldKnowHowMuchStockPeersHoldAndStoreItForStock() {
        CoreKey key;
        try (JavaPeer java = new JavaPeer(folder.resolve("store"));
                CorePeer node = new CorePeer(folder.resolve("node"))) {
            key = node.write("theirs", 30, 100);
            Hypercore log = java.store.get("log");
            java.connect(node.listen());
            Hypercore copy = java.open(key);
            copy.update(Waiting.PATIENCE);
            try (Download all = copy.download(0, 30)) {
                all.done().join();
            }
            Waiting.until("the peer has said what it has", () -> copy.remoteContiguousLength() == 30);
            node.ask("open", "key", log.key());
            JavaPeer.append(log, "log", 12, 100);
            node.waitLength(log.key(), 12);
            node.download(log.key(), 0, 12);
            Waiting.until("the reader has all", () -> log.remoteContiguousLength() == 12);
            JavaPeer.append(log, "log", 28, 100);
            node.stop();
        }
        assertThat(stock("describe").path("remoteContiguousLength").asInt()).isGreaterThanOrEqualTo(12);
    }

    @Test
    void shouldCountTheBlocksOfAFileAsStockMonitorsDo() {
        try (JavaPeer java = new JavaPeer(folder.resolve("store"));
                NodeProcess node = NodeProcess.start(
                        "drive-monitor.js", folder.resolve("node").toString())) {
            JsonNode started = node.next();
            Connection connection = java.connect(started.path("port").asInt());
            CoreKey key = new CoreKey(HEX.parseHex(started.path("key").asString()));
            try (Hyperdrive theirs = Hyperdrive.open(java.store, key)) {
                assertThat(theirs.update(Duration.ofSeconds(60))).isTrue();
                try (TransferMonitor file = theirs.monitor("/file");
                        TransferMonitor blob = theirs.blobs()
                                .monitor(Objects.requireNonNull(Objects.requireNonNull(theirs.entry("/file"))
                                        .blob()))) {
                    theirs.get("/file");
                    Waiting.until(
                            "all is counted",
                            () -> file.downloads().blocks() == 5
                                    && blob.downloads().blocks() == 5);
                    node.send("uploads");
                    JsonNode counted = node.next();
                    requireEqual(counted.path("file"), file.downloads(), file.peers());
                    requireEqual(counted.path("blob"), blob.downloads(), blob.peers());
                }
            }
            // Over two connections stock peers may ask for the same block twice.
            connection.close();
            Waiting.until("it is over", () -> java.swarm.connections().isEmpty());
            try (Hyperdrive ours = Hyperdrive.open(java.store)) {
                ours.put("/other", "other".getBytes(StandardCharsets.UTF_8));
                byte[] content = new byte[4 * BLOCK + 100];
                Arrays.fill(content, (byte) 3);
                ours.put("/file", content);
                try (TransferMonitor file = ours.monitor("/file")) {
                    node.send("read " + ours.key().hex() + " " + java.listen());
                    JsonNode read = node.next();
                    assertThat(read.path("sha256").asString())
                            .isEqualTo(HEX.formatHex(JavaPeer.sha256().digest(content)));
                    Waiting.until("all is counted", () -> file.uploads().blocks() >= 5);
                    requireEqual(read.path("file"), file.uploads(), -1);
                }
            }
        }
    }

    private static void requireEqual(JsonNode stock, TransferMonitor.Transfer ours, int peers) {
        assertThat(ours.blocks()).isEqualTo(stock.path("blocks").asLong());
        assertThat(ours.bytes()).isEqualTo(stock.path("totalBytes").asLong());
        assertThat(ours.percentage()).isEqualTo(stock.path("percentage").asDouble());
        assertThat(ours.targetBytes()).isEqualTo(stock.path("targetBytes").asLong());
        assertThat(ours.targetBlocks()).isEqualTo(stock.path("targetBlocks").asLong());
        if (peers >= 0) assertThat(peers).isEqualTo(stock.path("peers").asInt());
    }
}
