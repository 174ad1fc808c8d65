package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.datdot.interop.Peers.Peer;
import tools.jackson.databind.JsonNode;

/**
 * Runs one {@link Scenario}. The twin, a writer of the other kind, writes the same with the same key: what it signs must be equal. The reader
 * replicates from the writer: what it then has must be equal as well.
 */
final class ScenarioRun {
    /** What Node's sockets say to who writes after the other side has hung up: the operating system's word, no fault of either. */
    private static final Set<String> CUT_OFF = Set.of("write EPIPE", "write ECONNRESET", "read ECONNRESET");

    private static final List<String> HEAD =
            List.of("key", "discoveryKey", "length", "byteLength", "fork", "treeHash", "signature");

    private final Scenario scenario;
    private final Peer writer;
    private final Peer twin;
    private final Peer reader;
    private final List<Handle> open = new ArrayList<>();
    private long length;
    private String writerEnd = "";
    private String readerEnd = "";
    /** The reader's core of a log. */
    private String readerCore = "";

    /** Something to be closed at the end. */
    private record Handle(PeerProcess process, String name) {}

    private ScenarioRun(Scenario scenario, Peers peers) {
        this.scenario = scenario;
        writer = peers.writer(scenario.writer());
        twin = peers.twin(scenario.writer());
        reader = peers.reader(scenario.reader());
        length = scenario.lengthBlocks();
    }

    /** Runs it; an {@link AssertionError} or another exception says what was different. */
    static void run(Scenario scenario, Peers peers) {
        ScenarioRun run = new ScenarioRun(scenario, peers);
        try {
            switch (scenario.content()) {
                case LOG -> run.log();
                case BEE -> run.bee();
                case DRIVE -> run.drive();
            }
        } finally {
            run.closeAll();
        }
    }

    private void closeAll() {
        for (Handle handle : open.reversed()) handle.process().closeHandle(handle.name());
    }

    private String note(Peer peer, JsonNode answer, String kind) {
        String handle = answer.path(kind).asString();
        open.add(new Handle(peer.process(), handle));
        return handle;
    }

    private void forget(Peer peer, String handle) {
        open.remove(new Handle(peer.process(), handle));
    }

    private byte[] keySeed() {
        return secret("scenario ");
    }

    private byte[] secret(String what) {
        return JavaPeer.sha256().digest((what + scenario.seed()).getBytes(StandardCharsets.UTF_8));
    }

    private String core(Peer peer, Object... which) {
        return note(peer, peer.process().ask("core", encrypted(concat(which, "store", peer.store()))), "core");
    }

    private Object[] encrypted(Object... fields) {
        return scenario.encrypted() ? concat(fields, "encryptionKey", secret("encryption ")) : fields;
    }

    private String writable(Peer peer) {
        return core(peer, "seed", keySeed(), "manifestVersion", scenario.manifestVersion());
    }

    private String readable(String key) {
        return core(reader, "key", key);
    }

    private JsonNode info(Peer peer, String core) {
        return peer.process().ask("info", "core", core);
    }

    /** Connects the writer's core (or store) with the reader's. */
    private void connect(String writerCore, String readerCore) {
        Peer server = scenario.writerListens() ? writer : reader;
        Peer client = scenario.writerListens() ? reader : writer;
        JsonNode listening =
                server.process().ask("listen", carried(server, scenario.writerListens() ? writerCore : readerCore));
        String listener = note(server, listening, "listener");
        Object[] what = carried(client, scenario.writerListens() ? readerCore : writerCore);
        JsonNode connected = client.process()
                .ask("connect", what[0], what[1], "port", listening.path("port").asInt());
        String clientEnd = note(client, connected, "connection");
        String serverEnd = note(server, server.process().ask("accept", "listener", listener), "connection");
        writerEnd = scenario.writerListens() ? serverEnd : clientEnd;
        readerEnd = scenario.writerListens() ? clientEnd : serverEnd;
    }

    private Object[] carried(Peer peer, String core) {
        return scenario.wholeStore() ? new Object[] {"store", peer.store()} : new Object[] {"core", core};
    }

    /** One side hangs up when nothing is on its way; neither may have seen a failure, but for what a later write gets. */
    private void disconnect() {
        Peer first = scenario.writerHangsUp() ? writer : reader;
        Peer second = scenario.writerHangsUp() ? reader : writer;
        String firstEnd = scenario.writerHangsUp() ? writerEnd : readerEnd;
        String secondEnd = scenario.writerHangsUp() ? readerEnd : writerEnd;
        long written = awaitQuiet(first, firstEnd, second, secondEnd);
        JsonNode hungUp = first.process().ask("close", "handle", firstEnd);
        forget(first, firstEnd);
        JsonNode ended = second.process().ask("ended", "connection", secondEnd);
        assertThat(hungUp.path("failure").isNull())
                .as("who hung up saw %s", hungUp)
                .isTrue();
        boolean wroteOn = ended.path("written").asLong() > written
                && CUT_OFF.contains(ended.path("failure").asString());
        assertThat(ended.path("failure").isNull() || wroteOn)
                .as("the other end, after %d bytes written, saw %s", written, ended)
                .isTrue();
    }

    /**
     * Waits until what each has written the other one has read, which a connection that failed never comes to; returns how much the second has
     * written then.
     */
    private static long awaitQuiet(Peer first, String firstEnd, Peer second, String secondEnd) {
        long[] written = {0};
        Waiting.until("a quiet connection", () -> {
            JsonNode one = first.process().ask("traffic", "connection", firstEnd);
            JsonNode other = second.process().ask("traffic", "connection", secondEnd);
            written[0] = other.path("written").asLong();
            for (JsonNode end : List.of(one, other)) {
                assertThat(end.path("failure").isNull())
                        .as("an end saw %s", end)
                        .isTrue();
            }
            return one.path("written").equals(other.path("read"))
                    && one.path("read").equals(other.path("written"));
        });
        return written[0];
    }

    private static void assertSameHead(String what, JsonNode expected, JsonNode actual) {
        for (String field : HEAD) {
            assertThat(actual.path(field)).as("%s of %s", field, what).isEqualTo(expected.path(field));
        }
    }

    private void log() {
        String source = writable(writer);
        String same = writable(twin);
        CompletableFuture<?> twinWrites = CompletableFuture.runAsync(
                () -> append(twin, same, 0, scenario.batches().size()), Thread::startVirtualThread);
        int before = scenario.batchesBefore();
        append(writer, source, 0, before);
        String copy = readable(info(writer, source).path("key").asString());
        readerCore = copy;
        connect(source, copy);
        if (scenario.live() && !scenario.sparse()) reader.process().ask("follow", "core", copy);
        List<CompletableFuture<JsonNode>> gets = new ArrayList<>();
        if (scenario.sparse()) {
            for (long index : scenario.wantedShuffled()) {
                gets.add(reader.process().send("get", "core", copy, "index", index));
            }
        }
        append(writer, source, before, scenario.batches().size());
        awaitGets(gets);
        twinWrites.join();
        bringAll(source, length);
        compareLogs(source, same, copy);
        disconnect();
    }

    /** A cut takes away what was there and is waited for, and who waits is told; all else comes. */
    private void awaitGets(List<CompletableFuture<JsonNode>> gets) {
        List<Long> wanted = scenario.wantedShuffled();
        for (int i = 0; i < gets.size(); i++) {
            try {
                reader.process().await("get", gets.get(i));
            } catch (PeerProcess.Refused e) {
                if (wanted.get(i) < scenario.neverCut()) throw e;
            }
        }
    }

    /** The reader comes to the writer's head, with all the blocks it takes of the first ones. */
    private void bringAll(String source, long blocks) {
        long fork = info(writer, source).path("fork").asLong();
        reader.process().ask("wait", "core", readerCore, "length", blocks, "fork", fork);
        if (scenario.sparse()) {
            for (long index : scenario.wanted()) {
                if (index < blocks) reader.process().ask("get", "core", readerCore, "index", index);
            }
        } else {
            reader.process().ask("download", "core", readerCore, "start", 0, "end", blocks);
        }
    }

    /**
     * Lets the reader have everything, and the wire become quiet, before the writer cuts, if one of the two is a stock peer: a stock writer that
     * is cut while it answers ends the connection ("Expected tree node … from storage"), and a stock reader that hears of a fork while it changes
     * to another one asks for it twice, takes the second answer for a wrong one and asks no more. Ours are cut at any moment.
     */
    private void letReaderCatchUp(String source, long blocks) {
        if (scenario.writer() == PeerProcess.Kind.JAVA && scenario.reader() == PeerProcess.Kind.JAVA) return;
        bringAll(source, blocks);
        // A stock reader says that it has the new fork a moment before it is done with changing to it; an update waits
        // for that.
        reader.process().ask("update", "core", readerCore);
        awaitQuiet(writer, writerEnd, reader, readerEnd);
    }

    private void append(Peer peer, String core, int from, int to) {
        long index = 0;
        for (int i = 0; i < to; i++) {
            List<Integer> sizes = scenario.batches().get(i);
            if (i >= from) {
                // Going back over the last batch and writing it again leaves the contents, but under another fork
                // number.
                if (scenario.truncates(i)) {
                    if (peer.equals(writer) && !readerEnd.isEmpty()) letReaderCatchUp(core, index);
                    int last = scenario.batches().get(i - 1).size();
                    peer.process().ask("truncate", "core", core, "length", index - last);
                    appendBatch(peer, core, i - 1, index - last);
                }
                appendBatch(peer, core, i, index);
            }
            index += sizes.size();
        }
    }

    private void appendBatch(Peer peer, String core, int batch, long index) {
        List<Integer> sizes = scenario.batches().get(batch);
        Map<String, Object> fill =
                PeerProcess.object("seed", scenario.seed() & 0x7fffffff, "from", index, "sizes", sizes);
        JsonNode appended = peer.process().ask("append", "core", core, "fill", fill);
        assertThat(appended.path("length").asLong())
                .as("length of %s of %s after append %d", core, peer, batch)
                .isEqualTo(index + sizes.size());
    }

    private void compareLogs(String source, String same, String copy) {
        JsonNode written = info(writer, source);
        JsonNode read = info(reader, copy);
        assertThat(written.path("length").asLong()).isEqualTo(length);
        assertThat(written.path("contiguousLength").asLong()).isEqualTo(length);
        JsonNode twins = info(twin, same);
        assertSameHead("the twin", written, twins);
        assertThat(twins.path("contiguousLength").asLong()).isEqualTo(length);
        assertSameHead("the reader", written, read);
        if (scenario.sparse()) {
            List<Long> held = scenario.wanted();
            long contiguous = 0;
            while (held.contains(contiguous)) contiguous++;
            assertThat(read.path("contiguousLength").asLong())
                    .as("contiguous length of the reader")
                    .isEqualTo(contiguous);
            JsonNode has = reader.process().ask("has", "core", copy, "start", 0, "end", length);
            assertThat(has.path("indexes").valueStream().map(JsonNode::asLong))
                    .as("blocks of the reader")
                    .isEqualTo(held);
            for (long index : held) compareBlocks(source, copy, index, index + 1);
        } else {
            assertThat(read.path("contiguousLength").asLong())
                    .as("contiguous length of the reader")
                    .isEqualTo(length);
            compareBlocks(source, copy, 0, length);
        }
    }

    private void compareBlocks(String source, String copy, long start, long end) {
        assertThat(reader.process()
                        .ask("digest", "core", copy, "start", start, "end", end)
                        .path("sha256"))
                .as("content of blocks %d to %d", start, end)
                .isEqualTo(writer.process()
                        .ask("digest", "core", source, "start", start, "end", end)
                        .path("sha256"));
    }

    private void bee() {
        String source = writable(writer);
        String same = writable(twin);
        JsonNode opened = writer.process().ask("bee", "core", source);
        String bee = note(writer, opened, "bee");
        String sameBee = note(twin, twin.process().ask("bee", "core", same), "bee");
        CompletableFuture<?> twinWrites = CompletableFuture.runAsync(
                () -> change(twin, sameBee, 0, scenario.batches().size()), Thread::startVirtualThread);
        int before = Math.max(1, scenario.batchesBefore());
        change(writer, bee, 0, before);
        String copy = readable(info(writer, source).path("key").asString());
        connect(source, copy);
        change(writer, bee, before, scenario.batches().size());
        twinWrites.join();
        JsonNode written = info(writer, source);
        length = written.path("length").asLong();
        assertSameHead("the twin", written, info(twin, same));
        reader.process().ask("get", "core", copy, "index", length - 1);
        assertSameHead("the reader", written, info(reader, copy));
        String readBee = note(reader, reader.process().ask("bee", "core", copy), "bee");
        for (Object[] range : ranges()) {
            JsonNode expected = writer.process().ask("bee-range", concat(range, "bee", bee));
            assertThat(reader.process()
                            .ask("bee-range", concat(range, "bee", readBee))
                            .path("entries"))
                    .as("the range %s", List.of(range))
                    .isEqualTo(expected.path("entries"));
        }
        Random random = new Random(scenario.seed() ^ 5);
        for (int i = 0; i < 8; i++) {
            byte[] key = beeKey(random);
            JsonNode expected = writer.process().ask("bee-get", "bee", bee, "key", key);
            assertThat(reader.process()
                            .ask("bee-get", "bee", readBee, "key", key)
                            .path("entry"))
                    .as("the entry of %s", new String(key, StandardCharsets.UTF_8))
                    .isEqualTo(expected.path("entry"));
        }
        if (!scenario.sparse()) {
            reader.process().ask("download", "core", copy, "start", 0, "end", length);
            compareBlocks(source, copy, 0, length);
        }
        disconnect();
    }

    private static Object[] concat(Object[] fields, Object... more) {
        Object[] all = new Object[fields.length + more.length];
        System.arraycopy(fields, 0, all, 0, fields.length);
        System.arraycopy(more, 0, all, fields.length, more.length);
        return all;
    }

    private List<Object[]> ranges() {
        Random random = new Random(scenario.seed() ^ 6);
        List<Object[]> ranges = new ArrayList<>();
        if (!scenario.sparse()) ranges.add(new Object[] {});
        ranges.add(
                new Object[] {"gt", beeKey(random), "reverse", random.nextBoolean(), "limit", 1 + random.nextInt(9)});
        ranges.add(new Object[] {"gte", beeKey(random), "lte", beeKey(random), "limit", 20});
        ranges.add(new Object[] {"lt", beeKey(random), "reverse", true, "limit", random.nextInt(9)});
        return ranges;
    }

    private byte[] beeKey(Random random) {
        long different = Math.max(1, scenario.lengthBlocks() / 2);
        return ("key-" + random.nextLong(different)).getBytes(StandardCharsets.UTF_8);
    }

    private void change(Peer peer, String bee, int from, int to) {
        Random random = new Random(scenario.seed() ^ 4);
        for (int i = 0; i < to; i++) {
            List<Object> changes = new ArrayList<>();
            for (int size : scenario.batches().get(i)) {
                byte[] key = beeKey(random);
                byte[] value = new byte[size % 500];
                random.nextBytes(value);
                boolean delete = random.nextInt(4) == 0 && !(i == 0 && changes.isEmpty());
                changes.add(delete ? PeerProcess.object("del", key) : PeerProcess.object("put", key, "value", value));
            }
            if (i >= from) peer.process().ask("bee-batch", "bee", bee, "changes", changes);
        }
    }

    private void drive() {
        String name = "drive-" + scenario.seed();
        JsonNode opened = writer.process().ask("drive", encrypted("store", writer.store(), "namespace", name));
        String drive = note(writer, opened, "drive");
        JsonNode twinOpened = twin.process().ask("drive", encrypted("store", twin.store(), "namespace", name));
        String sameDrive = note(twin, twinOpened, "drive");
        assertThat(twinOpened.path("key")).isEqualTo(opened.path("key"));
        CompletableFuture<?> twinWrites =
                CompletableFuture.runAsync(() -> fillDrive(twin, sameDrive), Thread::startVirtualThread);
        String copy = "";
        if (scenario.live()) {
            copy = readable(opened.path("key").asString());
            connect(drive, copy);
        }
        fillDrive(writer, drive);
        if (!scenario.live()) {
            copy = readable(opened.path("key").asString());
            connect(drive, copy);
        }
        twinWrites.join();
        JsonNode written = writer.process().ask("drive-info", "drive", drive);
        JsonNode twins = twin.process().ask("drive-info", "drive", sameDrive);
        for (String field : List.of("key", "version", "blobsKey", "blobsLength")) {
            assertThat(twins.path(field)).as("%s of the twin", field).isEqualTo(written.path(field));
        }
        reader.process()
                .ask("get", "core", copy, "index", written.path("version").asLong() - 1);
        String readDrive = note(
                reader,
                reader.process()
                        .ask(
                                "drive",
                                encrypted(
                                        "store",
                                        reader.store(),
                                        "key",
                                        opened.path("key").asString())),
                "drive");
        JsonNode list = writer.process().ask("drive-list", "drive", drive);
        assertThat(twin.process().ask("drive-list", "drive", sameDrive).path("entries"))
                .as("the twin's entries")
                .isEqualTo(list.path("entries"));
        assertThat(reader.process().ask("drive-list", "drive", readDrive).path("entries"))
                .as("the reader's entries")
                .isEqualTo(list.path("entries"));
        for (JsonNode entry : list.path("entries")) {
            String path = entry.path("path").asString();
            JsonNode expected = writer.process().ask("drive-get", "drive", drive, "path", path);
            JsonNode actual = reader.process().ask("drive-get", "drive", readDrive, "path", path);
            assertThat(actual.path("sha256")).as("content of %s", path).isEqualTo(expected.path("sha256"));
            assertThat(actual.path("byteLength")).as("length of %s", path).isEqualTo(expected.path("byteLength"));
        }
        disconnect();
    }

    private void fillDrive(Peer peer, String drive) {
        Random random = new Random(scenario.seed() ^ 7);
        int writes = Math.min(12, scenario.batches().size());
        for (int i = 0; i < writes; i++) {
            String path = "/" + (random.nextBoolean() ? "folder/" : "") + "file " + random.nextInt(8);
            int kind = i == 0 ? 0 : random.nextInt(8);
            if (kind == 7) {
                peer.process().ask("drive-del", "drive", drive, "path", path);
            } else if (kind == 6) {
                peer.process().ask("drive-symlink", "drive", drive, "path", path, "target", "/file 0");
            } else {
                Map<String, Object> fill = PeerProcess.object(
                        "seed",
                        scenario.seed() & 0x7fffffff,
                        "from",
                        i * 1000,
                        "sizes",
                        scenario.batches().get(i));
                peer.process()
                        .ask(
                                "drive-put",
                                "drive",
                                drive,
                                "path",
                                path,
                                "fill",
                                fill,
                                "executable",
                                random.nextBoolean());
            }
        }
    }
}
