package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.datdot.crypto.CoreKey;
import org.datdot.hypercore.BlockLog;
import org.datdot.hypercore.BlockStream;
import org.datdot.hypercore.BytePosition;
import org.datdot.hypercore.CoreSession;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.EncryptionKey;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StorageException;
import org.datdot.hypercore.StoreOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** One store on disk, opened in turn by this implementation and by npm corestore, both appending to the same cores. */
@Timeout(300)
class StoreInteropTest {
    @TempDir
    private Path folder;

    @Test
    void shouldBeSoundForStockCorestoreWhenWeWroteTheStore() {
        try (Corestore store = open()) {
            write(store.get("log"), 2500);
            write(store.namespace("place").get("other"), 70);
        }
        JsonNode read = run("store-read.js");
        assertThat(read).hasSize(2);
        compareWith(read);
    }

    @Test
    void shouldGoOnWithStockBlocksWhenBothAppendInTurn() {
        JsonNode theirs = run("store-write.js", "333");
        CoreKey log = compareWith(theirs);
        try (Corestore store = open()) {
            Hypercore core = store.get("log");
            assertThat(core.key()).isEqualTo(log);
            assertThat(core.writable()).isTrue();
            assertThat(core.length()).isEqualTo(333);
            for (int i = 0; i < 333; i++) assertThat(core.local(i)).isEqualTo(block(i));
            write(core, 200);
            write(store.namespace("place").get("other"), 3);
        }
        theirs = run("store-write.js", "40");
        compareWith(theirs);
        try (Corestore store = open()) {
            Hypercore core = store.get("log");
            assertThat(core.length()).isEqualTo(573);
            for (int i = 0; i < 573; i++) assertThat(core.local(i)).isEqualTo(block(i));
            Hypercore other = store.namespace("place").get("other");
            assertThat(other.length()).isEqualTo(5);
        }
        compareWith(run("store-read.js"));
    }

    @Test
    void shouldBeSoundForStockCorestoreWhenWeConvertedAStoreOfVersion1() throws IOException {
        Path resources = Path.of("..", "hypercore", "src", "test", "resources", "org", "datdot", "hypercore");
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(resources.resolve("store-version1.zip")))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = folder.resolve(entry.getName());
                if (entry.isDirectory()) Files.createDirectories(file);
                else Files.copy(zip, file);
            }
        }
        CoreKey key;
        try (Corestore store =
                Corestore.open(folder.resolve("store"), StoreOptions.defaults().allowMoved(true))) {
            Hypercore core = store.get("log");
            key = core.key();
            assertThat(core.session("draft").commit()).isTrue();
            core.append(block(107), block(108));
            core.truncate(108);
        }
        // The other core is still as it was: the stock software converts it now.
        assertThat(compareWith(run("store-read.js"))).isEqualTo(key);
        compareWith(run("store-edit.js", "append=40", "truncate=20", "append=30", "clear=4,8"));
        try (Corestore store = open()) {
            assertThat(store.get("log").fork()).isEqualTo(3);
            assertThat(store.get("log").sessions()).containsExactly("draft");
            assertThat(store.get("log").deleteSession("draft")).isTrue();
        }
        compareWith(run("store-read.js"));
    }

    @Test
    void shouldBeSoundForBothWhenTheyCutTheCoreInTurn() {
        for (int length : new int[] {0, 1, 2, 7, 64, 100, 199}) {
            long fork;
            try (Corestore store = open()) {
                Hypercore core = store.get("log");
                write(core, 200 - (int) core.length());
                core.truncate(length);
                fork = core.fork();
            }
            compareWith(run("store-read.js"));
            compareWith(run("store-edit.js", "append=40", "truncate=" + length / 2, "append=30", "clear=4,8"));
            try (Corestore store = open()) {
                Hypercore core = store.get("log");
                assertThat(core.fork()).isEqualTo(fork + 1);
                assertThat(core.length()).isEqualTo(length / 2 + 30);
                assertThat(core.manifest()).isNotNull();
                assertThat(Objects.requireNonNull(core.manifest()).verify(core.key(), core.head()))
                        .isTrue();
                core.append(block(3));
                core.truncate(core.length() - 2);
            }
        }
        compareWith(run("store-edit.js", "append=5", "truncate=3,90", "append=2"));
        try (Corestore store = open()) {
            assertThat(store.get("log").fork()).isEqualTo(90);
        }
    }

    @Test
    void shouldShareSessionsUserDataAndEncryptedCoresWithStockCorestore() throws Exception {
        String hex = "07".repeat(32);
        EncryptionKey secret = EncryptionKey.of(HexFormat.of().parseHex(hex));
        try (Corestore store = open()) {
            Hypercore core = store.get("log");
            core.append(bytes("one"), bytes("two"));
            core.session("draft").append(bytes("java draft"));
            core.userData("mark", bytes("java was here"));
            store.get("secret").encrypted(secret).append(bytes("hush"), bytes("said java"));
        }
        JsonNode read = sessions("read", hex);
        assertThat(texts(read.path("core"))).containsExactly("one", "two");
        assertThat(texts(read.path("draft"))).containsExactly("one", "two", "java draft");
        assertThat(read.path("mark").asString()).isEqualTo("java was here");
        assertThat(texts(read.path("hidden"))).containsExactly("hush", "said java");
        assertThat(read.path("hiddenBytes").asInt()).isEqualTo(13);
        assertThat(read.path("seek").toString()).isEqualTo("[1,6]");
        read = sessions("write", hex);
        try (Corestore store = open()) {
            Hypercore core = store.get("log");
            assertThat(texts(core)).containsExactly("one", "two", "committed by node");
            CoreSession draft = core.session("draft");
            assertThat(texts(draft))
                    .containsExactly("one", "two", "java draft", "node draft 1", "node draft 2", "node draft 3");
            assertThat(draft.commit()).isFalse();
            assertThat(texts(core.session("theirs"))).containsExactly("one", "two", "committed by node");
            assertThat(core.userData("mark")).isEqualTo(bytes("node was here"));
            Hypercore hidden = store.get("secret").encrypted(secret);
            assertThat(texts(hidden)).containsExactly("hush", "said java", "whispered", "by node");
            assertThat(hidden.byteLength()).isEqualTo(read.path("hiddenBytes").asLong());
            assertThat(hidden.seek(hidden.byteLength() - 3).get()).isEqualTo(new BytePosition(3, 4));
            draft.truncate(1);
            draft.append(bytes("cut by java"));
            core.session("theirs").append(bytes("and more by java"));
            assertThat(core.session("theirs").commit()).isTrue();
        }
        read = sessions("read", "-");
        assertThat(texts(read.path("core"))).containsExactly("one", "two", "committed by node", "and more by java");
        assertThat(texts(read.path("draft"))).containsExactly("one", "cut by java");
        compareWith(run("store-read.js"));
    }

    private JsonNode sessions(String what, String secret) {
        String store = folder.resolve("store").toString();
        try (NodeProcess node = NodeProcess.start("store-sessions.js", store, what, secret)) {
            JsonNode said = node.next();
            assertThat(node.finish()).as(node.errorText()).isZero();
            return said;
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> all = new ArrayList<>();
        for (JsonNode each : array) all.add(each.asString());
        return all;
    }

    private static List<String> texts(BlockLog log) {
        List<String> all = new ArrayList<>();
        try (BlockStream blocks = log.blocks()) {
            while (blocks.hasNext()) all.add(new String(blocks.next(), StandardCharsets.UTF_8));
        }
        return all;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void shouldBeSoundForStockCorestoreWhenItHoldsOnlyPartsOfACore() {
        CoreKey key;
        try (CorePeer writer = new CorePeer(folder.resolve("writer"))) {
            key = writer.write("theirs", 300, 700);
            try (JavaPeer java = new JavaPeer(folder.resolve("store"))) {
                java.connect(writer.listen());
                Hypercore core = java.open(key);
                for (long index : new long[] {299, 4, 5, 6, 128, 64})
                    assertThat(core.get(index, Waiting.PATIENCE)).hasSize(700);
            }
        }
        JsonNode read = run("store-read.js");
        assertThat(read).hasSize(1);
        assertThat(read.get(0).path("held").asInt()).isEqualTo(6);
        compareWith(read);
    }

    @Test
    void shouldBeSoundForStockCorestoreWhenReceivedBlocksBecameFiles() throws IOException {
        CoreKey key;
        try (CorePeer writer = new CorePeer(folder.resolve("writer"))) {
            key = writer.write("theirs", 6, 5 << 20); // each large enough for a file of its own
            try (JavaPeer java = new JavaPeer(folder.resolve("store"))) {
                java.connect(writer.listen());
                Hypercore core = java.open(key);
                for (long index : new long[] {3, 0, 5, 1, 4, 2}) {
                    assertThat(core.get(index, Waiting.PATIENCE)).hasSize(5 << 20);
                }
            }
        }
        assertThat(bytesOf(".sst")).isGreaterThan(6 * (5L << 20));
        JsonNode read = run("store-read.js");
        assertThat(read.get(0).path("held").asInt()).isEqualTo(6);
        compareWith(read);
        try (Corestore store = open()) {
            Hypercore core = store.get(key);
            core.clear(1, 4);
            core.compact();
        }
        assertThat(bytesOf(".sst") + bytesOf(".blob")).isLessThan(4 * (5L << 20));
        read = run("store-read.js");
        assertThat(read.get(0).path("held").asInt()).isEqualTo(3);
        compareWith(read);
    }

    private long bytesOf(String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Test
    void shouldRefuseAStoreWhenAStockProcessHasItOpen() {
        try (CorePeer node = new CorePeer(folder.resolve("store"))) {
            CoreKey key = node.write("theirs", 3, 10);
            assertThatThrownBy(this::open)
                    .isInstanceOfSatisfying(
                            StorageException.class, e -> assertThat(e.kind()).isEqualTo(StorageException.Kind.LOCKED))
                    .hasMessageContaining("store");
            node.write("theirs", 3, 10);
            node.stop();
            try (Corestore store = open()) {
                assertThat(store.get(key).length()).isEqualTo(6);
            }
        }
    }

    @Test
    void shouldKeepStockCorestoreOutWhenWeHaveTheStoreOpen() {
        try (Corestore store = open()) {
            Hypercore core = store.get("log");
            write(core, 5);
            try (NodeProcess node =
                    NodeProcess.start("store-write.js", folder.resolve("store").toString())) {
                assertThat(node.finish()).isNotZero();
                assertThat(node.errorText()).containsIgnoringCase("lock");
            }
            write(core, 5);
        }
        compareWith(run("store-read.js"));
    }

    /** Runs a script on the store; what it says is stored. Its audits must have found nothing. */
    private JsonNode run(String script, String... more) {
        List<String> arguments = new ArrayList<>(List.of(folder.resolve("store").toString()));
        arguments.addAll(List.of(more));
        try (NodeProcess node = NodeProcess.start(script, arguments.toArray(String[]::new))) {
            JsonNode described = node.next();
            assertThat(node.finish()).as(node.errorText()).isZero();
            for (JsonNode core : described) {
                JsonNode audit = core.path("audit");
                assertThat(audit.path("blocks").asInt())
                        .as("audit of %s", core)
                        .isEqualTo(core.path("held").asInt());
                assertThat(audit.path("bits").asInt())
                        .as("audit of %s", core)
                        .isEqualTo(core.path("held").asInt());
                for (String dropped : List.of("droppedTreeNodes", "droppedBlocks", "droppedBits")) {
                    assertThat(audit.path(dropped).asInt(-1))
                            .as("audit of %s", core)
                            .isZero();
                }
                assertThat(audit.path("corrupt").asBoolean(true))
                        .as("audit of %s", core)
                        .isFalse();
            }
            return described;
        }
    }

    /** Compares every core of the store with what the stock package said about it; the key of the longest. */
    private CoreKey compareWith(JsonNode described) {
        HexFormat hex = HexFormat.of();
        try (Corestore store = open()) {
            assertThat(described).hasSize(store.list().size());
            for (JsonNode expected : described) {
                Hypercore core =
                        store.get(new CoreKey(hex.parseHex(expected.path("key").asString())));
                assertThat(core.discoveryKey().hex())
                        .isEqualTo(expected.path("discoveryKey").asString());
                assertThat(core.length()).isEqualTo(expected.path("length").asLong());
                assertThat(core.byteLength())
                        .isEqualTo(expected.path("byteLength").asLong());
                assertThat(core.contiguousLength())
                        .isEqualTo(expected.path("contiguousLength").asLong());
                assertThat(core.head().treeHash().hex())
                        .isEqualTo(expected.path("treeHash").asString());
                MessageDigest digest = JavaPeer.sha256();
                int held = 0;
                for (long i = 0; i < core.length(); i++) {
                    byte[] block = core.local(i);
                    if (block == null) continue;
                    held++;
                    digest.update(block);
                }
                assertThat(held).isEqualTo(expected.path("held").asInt());
                assertThat(hex.formatHex(digest.digest()))
                        .isEqualTo(expected.path("digest").asString());
            }
        }
        JsonNode longest = StreamSupport.stream(described.spliterator(), false)
                .max(Comparator.comparingLong(core -> core.path("length").asLong()))
                .orElseThrow();
        return new CoreKey(hex.parseHex(longest.path("key").asString()));
    }

    private Corestore open() {
        return Corestore.open(folder.resolve("store"), StoreOptions.defaults());
    }

    private static void write(Hypercore core, int count) {
        for (int done = 0; done < count; ) {
            List<byte[]> batch = new ArrayList<>();
            for (int i = 0; i < 97 && done < count; i++, done++) batch.add(block((int) core.length() + i));
            core.append(batch);
        }
    }

    /** Block i of a test core, as in interop/node/store-common.js. */
    private static byte[] block(int i) {
        int size = i % 9 == 5 ? 65_536 : i % 5 == 3 ? 4096 + i : (i * 37) % 301;
        byte[] block = new byte[size];
        for (int j = 0; j < size; j++) block[j] = (byte) (i + j * 31);
        return block;
    }
}
