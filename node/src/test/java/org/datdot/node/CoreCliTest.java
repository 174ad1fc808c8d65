package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.hosting.Peers;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.EncryptionKey;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.SwarmOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import tools.jackson.databind.JsonNode;

/** What the commands on cores do in a store, and at a peer. */
@Timeout(DatdotProcess.LIMIT_SECONDS)
class CoreCliTest {
    @TempDir
    Path place;

    private StoreCli.Ended in(String store, String... arguments) {
        return new StoreCli(place).in(store, arguments);
    }

    private StoreCli.Ended done(String store, String... arguments) {
        return new StoreCli(place).done(store, arguments);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A store with a core of five blocks, one of them dropped, and a session; its key. */
    private CoreKey write(String store) {
        try (Corestore cores = Corestore.open(place.resolve(store), StoreOptions.defaults())) {
            Hypercore core = cores.get("log");
            core.append(bytes("one,"), bytes("two,"), bytes("three,"), bytes("four,"), bytes("five"));
            core.session("draft").append(bytes("six"));
            cores.get("other").append(bytes("x"));
            return core.key();
        }
    }

    @Test
    void shouldTellAllAboutACoreAndListThoseOfAStore() {
        CoreKey key = write("s");
        assertThat(done("s", "core", "info").out).contains(key.toString(), "log", "writable", "other");
        assertThat(done("s", "core", "info", "--json").json())
                .extracting(core -> core.path("length").asInt())
                .containsExactlyInAnyOrder(5, 1);
        JsonNode info = done("s", "core", "info", "name:log", "--json").json().getFirst();
        assertThat(info.path("key").asString()).isEqualTo(key.toString());
        assertThat(info.path("byteLength").asInt()).isEqualTo(23);
        assertThat(info.path("held").asInt()).isEqualTo(5);
        assertThat(info.path("quorum").asInt()).isEqualTo(1);
        assertThat(info.path("sessions").toString()).isEqualTo("[\"draft\"]");
        assertThat(done("s", "core", "info", key.toString()).out)
                .contains("5 blocks, 23 B, fork 0", "1 of 1 (manifest version 1); writable here", "draft");
        String nobody = new CoreKey(new byte[32]).toString();
        assertThat(in("s", "core", "info", nobody).exit).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(in("none", "core", "info").exit).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(in("s", "core").exit).isEqualTo(Exit.USAGE.code());
    }

    @Test
    void shouldFindAndMendWhatIsWrong() throws RocksDBException {
        CoreKey key = write("s");
        assertThat(done("s", "core", "audit").out).contains(key + " is sound: 5 blocks and 8 tree nodes are right");
        spoilBlock("s", "three,");
        StoreCli.Ended damaged = in("s", "core", "audit", key.toString(), "--json");
        assertThat(damaged.exit).as("%s", damaged).isEqualTo(Exit.FAILED.code());
        JsonNode report = damaged.json().getLast();
        assertThat(report.path("sound").asBoolean(true)).isFalse();
        assertThat(report.path("droppedBlocks").asInt()).isEqualTo(1);
        assertThat(report.path("repaired").asBoolean(true)).isFalse();
        assertThat(in("s", "core", "audit", "--repair").exit).isEqualTo(Exit.FAILED.code());
        assertThat(done("s", "core", "audit", "name:log").out).contains("is sound: 4 blocks");
        assertThat(done("s", "core", "info", "name:log").out).contains("4 blocks, the first 2 without a gap");
        assertThat(in("s", "core", "audit", new CoreKey(new byte[32]).toString()).exit)
                .isEqualTo(Exit.NOT_FOUND.code());
    }

    /** Changes a block behind the store's back. */
    private void spoilBlock(String store, String content) throws RocksDBException {
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (DBOptions options = new DBOptions();
                RocksDB db = RocksDB.open(
                        options,
                        place.resolve(store).resolve("db").toString(),
                        List.of(
                                new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY),
                                new ColumnFamilyDescriptor(bytes("corestore"))),
                        handles)) {
            ColumnFamilyHandle cores = handles.get(1);
            byte[] found = null;
            try (var at = db.newIterator(cores)) {
                for (at.seekToFirst(); at.isValid(); at.next()) {
                    if (new String(at.value(), StandardCharsets.UTF_8).equals(content)) {
                        found = at.key();
                    }
                }
            }
            assertThat(found).isNotNull();
            db.put(cores, found, bytes("damage"));
            handles.forEach(ColumnFamilyHandle::close);
        }
    }

    @Test
    void shouldTellContentsApartFromWhatEncryptionAddsWhenTheKeyIsNamed() {
        EncryptionKey secret = EncryptionKey.of(bytes("0123456789abcdef0123456789abcdef"));
        String blockKey;
        try (Corestore cores = Corestore.open(place.resolve("s"), StoreOptions.defaults())) {
            Hypercore core = cores.get("log");
            core.encrypted(secret).append(bytes("one,"), bytes("two"));
            blockKey = HexFormat.of().formatHex(secret.ofBlocks(core.key()).toBytes());
        }
        assertThat(done("s", "core", "info", "name:log", "--json")
                        .json()
                        .getFirst()
                        .path("byteLength")
                        .asInt())
                .isEqualTo(7 + 16);
        assertThat(done("s", "core", "info", "name:log", "--json", "--block-key", blockKey)
                        .json()
                        .getFirst()
                        .path("byteLength")
                        .asInt())
                .isEqualTo(7);
        assertThat(done("s", "core", "export", "name:log", "-", "--block-key", blockKey).out)
                .isEqualTo("one,two");
        String whole = HexFormat.of().formatHex(bytes("0123456789abcdef0123456789abcdef"));
        assertThat(done("s", "core", "export", "name:log", "-", "--encryption-key", whole).out)
                .isEqualTo("one,two");
    }

    @Test
    void shouldWriteTheBlocksIntoFilesAndFetchThoseThatAreMissing() throws IOException {
        CoreKey key = write("far");
        Path file = place.resolve("out.bin");
        try (Corestore store = Corestore.open(place.resolve("far"), StoreOptions.defaults());
                Peers peers = new Peers(KeyPair.generate(Entropy.system()), store, SwarmOptions.defaults())) {
            String peer = Addresses.text(peers.listen(ProviderNode.loopback(0)));
            assertThat(done("near", "core", "export", key.toString(), "-", "--start", "1", "--end", "3", "--peer", peer)
                            .out)
                    .isEqualTo("two,three,");
            StoreCli.Ended missing = in("near", "core", "export", key.toString(), file.toString());
            assertThat(missing.exit).as("%s", missing).isEqualTo(Exit.NOT_FOUND.code());
            assertThat(missing.err).contains("block 0", "--peer");
            assertThat(place).isDirectoryNotContaining(path -> path.toString().endsWith(".part"));
            assertThat(done("near", "core", "export", key.toString(), file.toString(), "--peer", peer).out)
                    .contains("100% of 5 blocks", "5 blocks, 23 B in ");
        }
        assertThat(file).hasContent("one,two,three,four,five");
        assertThat(in("near", "core", "export", key.toString(), file.toString()).exit)
                .isNotEqualTo(Exit.OK.code());
        Path folder = place.resolve("blocks");
        done("near", "core", "export", key.toString(), folder.toString(), "--separate", "--end", "2");
        assertThat(folder).isDirectoryContaining("glob:**000000000001").isDirectoryContaining("glob:**000000000000");
        assertThat(Files.readString(folder.resolve("000000000001"))).isEqualTo("two,");
        assertThat(in("near", "core", "export", key.toString(), "-", "--start", "-1").exit)
                .isEqualTo(Exit.USAGE.code());
    }
}
