package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.DhtResults;
import org.datdot.dht.LookupResult;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;
import org.datdot.dht.PeerRecord;
import org.datdot.dht.Target;
import org.datdot.drive.Hyperdrive;
import org.datdot.hosting.Peers;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.Endpoint;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What the commands on drives and bees do in a store, and at a peer. */
@Timeout(DatdotProcess.LIMIT_SECONDS)
class DriveCliTest {
    @TempDir
    Path place;

    private StoreCli.Ended in(String store, String... arguments) {
        return new StoreCli(place).in(store, arguments);
    }

    private StoreCli.Ended done(String store, String... arguments) {
        return new StoreCli(place).done(store, arguments);
    }

    private Path file(String name, String content) throws IOException {
        Path file = place.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    @Test
    void shouldGiveBackWhatWasPutWhenAFileIsRead() throws IOException {
        Path file = file("in/hello.txt", "hello, drive");
        String key = done("s", "drive", "put", "own", "/hello.txt", file.toString())
                .out
                .strip();
        assertThat(CoreKey.parse(key)).isNotNull();
        assertThat(done("s", "drive", "put", "own", "/bin/run", file.toString(), "--executable", "--json")
                        .json()
                        .getFirst()
                        .path("version")
                        .asInt())
                .isEqualTo(3);
        assertThat(done("s", "drive", "get", "own", "/hello.txt").out).isEqualTo("hello, drive");
        assertThat(done("s", "drive", "get", key, "hello.txt", "--start", "7", "--length", "3").out)
                .isEqualTo("dri");
        Path copy = place.resolve("copy.txt");
        done("s", "drive", "get", key, "/hello.txt", copy.toString());
        assertThat(copy).hasContent("hello, drive");
        assertThat(done("s", "drive", "ls", key).out)
                .contains("x           12  /bin/run", "-           12  /hello.txt", "2 entries, version 3");
        assertThat(done("s", "drive", "ls", key, "/", "--version", "2", "--json")
                        .json())
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.path("path").asString()).isEqualTo("/hello.txt");
                    assertThat(entry.path("here").asBoolean()).isTrue();
                });
        assertThat(done("s", "drive", "verify", "own").out).contains("2 files, 24 B in version 3; all whole");
    }

    @Test
    void shouldSayWhatIsMissingWhenTheNameIsWrong() throws IOException {
        String nobody = new CoreKey(new byte[32]).toString();
        assertThat(in("none", "drive", "ls", "own").exit).isEqualTo(Exit.NOT_FOUND.code());
        done("s", "drive", "put", "own", "/a", file("a", "a").toString());
        StoreCli.Ended unknown = in("s", "drive", "ls", nobody);
        assertThat(unknown.exit).as("%s", unknown).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(unknown.err).contains("nothing is known of " + nobody, "--peer");
        assertThat(in("s", "drive", "get", "own", "/b").exit).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(in("s", "drive", "ls", "own", "/folder").exit).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(in("s", "drive", "put", "own", "/b", place.resolve("no").toString()).exit)
                .isEqualTo(Exit.NOT_FOUND.code());
        assertThat(in("s", "drive", "ls", "no key").exit).isEqualTo(Exit.USAGE.code());
        assertThat(in("s", "drive", "ls", nobody, "--peer", "127.0.0.1:1").exit).isEqualTo(Exit.NETWORK.code());
        assertThat(in("s", "bee", "get", "own", "nothing").exit).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(in("s", "bee", "del", "name:notes", "nothing").exit).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(in("s", "bee", "put", "name:notes", "zz", "--hex").exit).isEqualTo(Exit.USAGE.code());
        assertThat(in("s", "drive", "mirror", "./a", "./b").exit).isEqualTo(Exit.USAGE.code());
    }

    @Test
    void shouldCountWhatDiffersWhenFoldersAndDrivesAreMirrored() throws IOException {
        file("in/a", "a");
        file("in/b/c", "c");
        file("in/skip/d", "d");
        String in = place.resolve("in").toString();
        JsonNode dry = counts("drive", "mirror", in, "own", "--dry-run", "--ignore", "skip");
        assertThat(dry.path("added").asInt()).isEqualTo(2);
        assertThat(done("s", "drive", "ls", "own").out).contains("0 entries");
        assertThat(counts("drive", "mirror", in, "own").path("added").asInt()).isEqualTo(3);
        assertThat(counts("drive", "mirror", in, "own").path("added").asInt()).isZero();
        assertThat(counts("drive", "mirror", "own", "name:copy").path("added").asInt())
                .isEqualTo(3);
        file("out/b/c", "other");
        file("out/old/x", "x");
        String out = place.resolve("out").toString();
        JsonNode would = counts("drive", "mirror", "own", out, "--dry-run");
        assertThat(place.resolve("out/old/x")).exists();
        JsonNode did = counts("drive", "mirror", "own", out);
        for (JsonNode count : List.of(would, did)) {
            assertThat(count.path("added").asInt()).isEqualTo(2);
            assertThat(count.path("changed").asInt()).isEqualTo(1);
            assertThat(count.path("removed").asInt()).isEqualTo(1);
        }
        assertThat(place.resolve("out/old")).doesNotExist();
        assertThat(place.resolve("out/b/c")).hasContent("c");
        Files.delete(place.resolve("in/a"));
        assertThat(counts("drive", "mirror", in, "own").path("removed").asInt()).isEqualTo(1);
        JsonNode again = counts("drive", "mirror", "own", "name:copy", "--dedup");
        assertThat(again.path("removed").asInt()).isEqualTo(1);
        assertThat(again.path("files").asInt()).isEqualTo(2);
    }

    private JsonNode counts(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.add("--json");
        return done("s", all.toArray(String[]::new)).json().getLast();
    }

    @Test
    void shouldReadADriveAndItsNamesFromAPeerWhenItIsElsewhere() throws IOException {
        try (Corestore store = Corestore.open(place.resolve("far"), StoreOptions.defaults());
                Peers peers = new Peers(KeyPair.generate(Entropy.system()), store, SwarmOptions.defaults())) {
            Hyperdrive drive = Hyperdrive.open(store);
            drive.put("/far.txt", "from far".getBytes(StandardCharsets.UTF_8));
            String peer = Addresses.text(peers.listen(ProviderNode.loopback(0)));
            String key = drive.key().toString();
            assertThat(done("near", "drive", "ls", key, "--peer", peer).out).contains("/far.txt");
            StoreCli.Ended notHere = in("near", "drive", "verify", key);
            assertThat(notHere.exit).as("%s", notHere).isEqualTo(Exit.FAILED.code());
            assertThat(notHere.out).contains("/far.txt is not all here");
            assertThat(in("near", "drive", "get", key, "/far.txt").exit).isEqualTo(Exit.NETWORK.code());
            assertThat(done("near", "drive", "get", key, "/far.txt", "--peer", peer).out)
                    .isEqualTo("from far");
            assertThat(done("near", "drive", "get", key, "/far.txt").out).isEqualTo("from far");
            assertThat(done("near", "bee", "ls", key, "--sub", "files").out).startsWith("/far.txt  {");
        }
    }

    @Test
    void shouldReadAndWriteEncryptedDrivesAndBeesWhenASecretIsNamed() throws IOException {
        String secret = "5ec7e7".repeat(10) + "0123";
        Path file = file("secret", secret + "\n");
        String key = done("s", "drive", "put", "own", "/a", file("a", "hidden").toString(), "--encryption-key", secret)
                .out
                .strip();
        assertThat(done("s", "drive", "get", key, "/a", "--encryption-key", file.toString()).out)
                .isEqualTo("hidden");
        assertThat(done("s", "drive", "ls", "own", "--encryption-key", secret).out)
                .contains("           6  /a");
        StoreCli.Ended blind = in("s", "drive", "get", key, "/a");
        assertThat(blind.exit).as("%s", blind).isEqualTo(Exit.FAILED.code());
        StoreCli.Ended wrong = in("s", "drive", "get", key, "/a", "--encryption-key", "00".repeat(32));
        assertThat(wrong.exit).as("%s", wrong).isEqualTo(Exit.FAILED.code());
        assertThat(in("s", "drive", "get", key, "/a", "--encryption-key", "00").exit)
                .isEqualTo(Exit.USAGE.code());
        assertThat(in("s", "drive", "get", key, "/a", "--block-key", secret).exit)
                .isEqualTo(Exit.USAGE.code());
        done("s", "drive", "mirror", "own", place.resolve("out").toString(), "--encryption-key", secret);
        assertThat(place.resolve("out/a")).hasContent("hidden");

        done("s", "bee", "put", "name:notes", "today", "rain", "--encryption-key", secret);
        assertThat(done("s", "bee", "get", "name:notes", "today", "--encryption-key", secret).out)
                .isEqualTo("rain\n");
        assertThat(done("s", "core", "export", "name:notes", "-").out).doesNotContain("today");
        assertThat(done("s", "core", "export", "name:notes", "-", "--encryption-key", secret).out)
                .contains("today");
        assertThat(in("s", "bee", "get", "name:notes", "today", "--encryption-key", secret, "--block-key", secret).exit)
                .isEqualTo(Exit.USAGE.code());
    }

    @Test
    void shouldSayHowFarItIsWhenMuchIsMoved() throws IOException {
        String big = file("big", "0123456789abcdef".repeat(3 << 16)).toString();
        String all = new ByteSize(3 << 20).toString();
        StoreCli.Ended put = done("s", "drive", "put", "own", "/big", big);
        assertThat(put.err).contains("/big: 25% of " + all, "/big: 100% of " + all);
        assertThat(CoreKey.parse(put.out.strip())).isNotNull();
        StoreCli.Ended get =
                done("s", "drive", "get", "own", "/big", place.resolve("copy").toString());
        assertThat(get.err).contains("/big: 25% of " + all, "/big: 100% of " + all);
        assertThat(done("s", "drive", "get", "own", "/big").out).hasSize(3 << 20);
        assertThat(done("s", "drive", "put", "own", "/big", big, "--json").err).isEmpty();
        assertThat(done("s", "drive", "put", "own", "/a", file("a", "a").toString()).err)
                .isEmpty();
        assertThat(done("s", "drive", "verify", "own").out).contains("verifying: 25% of ", "verifying: 100% of ");
        assertThat(done("s", "drive", "mirror", "own", "name:copy").out).contains("mirroring: 100% of 2 files");
        assertThat(done("s", "drive", "mirror", "own", place.resolve("out").toString()).out)
                .contains("exporting: 100% of ");
    }

    @Test
    void shouldKeepKeysAndTheirHistoryWhenABeeIsWritten() {
        String key = done("s", "bee", "put", "name:notes", "today", "rain").out.strip();
        done("s", "bee", "put", "name:notes", "yesterday", "sun");
        done("s", "bee", "put", "name:notes", "72", "ff00", "--sub", "x", "--hex");
        done("s", "bee", "del", "name:notes", "yesterday");
        assertThat(done("s", "bee", "get", key, "today").out).isEqualTo("rain\n");
        assertThat(done("s", "bee", "get", key, "72", "--sub", "x", "--hex").out)
                .isEqualTo("ff00\n");
        assertThat(done("s", "bee", "ls", key, "--before", "u").out).isEqualTo("today  rain\n");
        assertThat(done("s", "bee", "ls", key, "--version", "3", "--reverse", "--json")
                        .json())
                .extracting(entry -> entry.path("key").asString())
                .containsExactly("yesterday", "today");
        assertThat(done("s", "bee", "history", key, "--json", "--from", "-2").json())
                .extracting(change -> change.path("type").asString())
                .containsExactly("put", "del");
        assertThat(done("s", "bee", "history", key, "--limit", "1").out).isEqualTo("       1  put  today  rain\n");
    }

    @Test
    void shouldBeReadOverWebSocketAndSayInTheDhtWhereWhenItServes() throws IOException, InterruptedException {
        String key = done(
                        "s",
                        "drive",
                        "put",
                        "own",
                        "/hello.txt",
                        file("hello.txt", "hello").toString())
                .out
                .strip();
        try (Dht first = Dht.bootstrapper(PeerAddress.parse("127.0.0.1:0"));
                DatdotProcess serving = DatdotProcess.start(
                        place.resolve("server"),
                        null,
                        "drive",
                        "serve",
                        "own",
                        "--store",
                        place.resolve("s").toString(),
                        "--websocket",
                        "0",
                        "--reachable",
                        "wss://peer.example",
                        "--bootstrap",
                        PeerAddress.of(first.localAddress()).toString(),
                        "--json")) {
            JsonNode told = serving.awaitJson();
            assertThat(told.path("key").asString()).isEqualTo(key);
            String webSocket = told.path("websocket").asString();
            assertThat(done("copy", "drive", "get", key, "/hello.txt", "--peer", webSocket).out)
                    .isEqualTo("hello");
            DhtOptions options = DhtOptions.joining(List.of(BootstrapNode.at(PeerAddress.of(first.localAddress()))))
                    .withReachable(DhtOptions.Mode.EPHEMERAL);
            try (PeerNetwork network =
                            PeerNetwork.open(options, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                    Swarm reader = new Swarm(KeyPair.generate(Entropy.system()), _ -> {}, SwarmOptions.defaults())) {
                network.dht().awaitBootstrapped();
                PublicKey server = new PublicKey(
                        HexFormat.of().parseHex(told.path("publicKey").asString()));
                // It is said as soon as nodes of the DHT have taken it.
                List<Endpoint> said = List.of();
                while (said.isEmpty()) said = reader.endpoints(network, server);
                assertThat(said)
                        .extracting(Endpoint::toString)
                        .containsExactly(
                                "wss://peer.example",
                                webSocket,
                                "tcp://" + told.path("address").asString());
                List<PeerRecord> found = new ArrayList<>();
                try (DhtResults<LookupResult> results =
                        network.dht().lookup(Target.of(DiscoveryKey.of(CoreKey.parse(key))))) {
                    while (results.hasNext()) found.addAll(results.next().peers());
                }
                assertThat(found).extracting(PeerRecord::publicKey).containsExactly(server);
            }
        }
    }
}
