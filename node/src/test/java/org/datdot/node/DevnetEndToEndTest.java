package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.datdot.chain.LedgerClient;
import org.datdot.chain.RpcLedgerClient;
import org.datdot.ledger.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The main job of the program with every command a process of its own, as a person runs them. */
class DevnetEndToEndTest {
    private static final Duration PATIENCE = Duration.ofSeconds(DatdotProcess.LIMIT_SECONDS);

    @TempDir
    Path place;

    @Test
    void shouldKeepAFolderReadableWhenPublisherAndNetworkRestart() throws IOException, InterruptedException {
        Path folder = Samples.folder(place.resolve("folder"), 200_000, new Random(20));
        Path mine = place.resolve("mine");
        Path network = place.resolve("network");
        String key;
        try (DatdotProcess devnet = devnet(network)) {
            URI uri = uri(devnet);
            JsonNode published = json(mine, uri, "publish", folder.toString());
            key = published.path("key").asString();
            assertThat(key).hasSize(52);
            assertThat(published.path("added").asInt()).isEqualTo(Samples.FILES);

            JsonNode hosted = json(mine, uri, "host", key, "--budget", "20", "--duration", "1h");
            assertThat(hosted.path("status").asString()).isEqualTo("HOSTED");
            assertThat(hosted.path("positions").asInt()).isEqualTo(3);
            requireHosted(json(mine, uri, "status"), key);
            JsonNode account = json(mine, uri, "account");
            assertThat(account.path("freeUnits").asLong()).isPositive();
            assertThat(account.path("reservedUnits").asLong()).isPositive();

            requireEqual(folder, get(uri, key, "first"));
            awaitProof(uri);
            DatdotProcess.Ended ended = devnet.terminate();
            assertThat(ended.code()).as(ended.toString()).isIn(0, 143);
            assertThat(ended.err()).isEmpty();
        }
        DataDirectory.open(new Home(network).devnet().resolve("ledger")).close(); // the lock is free
        try (DatdotProcess devnet = devnet(network)) {
            URI uri = uri(devnet);
            requireHosted(json(mine, uri, "status", key), key);
            requireEqual(folder, get(uri, key, "second"));
            awaitProof(uri);
            devnet.terminate();
        }
    }

    private static DatdotProcess devnet(Path home) {
        return DatdotProcess.start(home, null, "devnet", "--json", "--port", "0", "--providers", "10");
    }

    private static URI uri(DatdotProcess devnet) throws InterruptedException {
        JsonNode started = devnet.awaitJson();
        assertThat(started.path("providers")).hasSize(10);
        return URI.create(started.path("network").asString());
    }

    private static JsonNode json(Path home, URI network, String... arguments) throws InterruptedException {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = "--json";
        DatdotProcess.Ended ended = DatdotProcess.run(home, network, all);
        assertThat(ended.code()).as(String.join(" ", all) + ": " + ended).isZero();
        return ended.json();
    }

    /** Read by a person who has nothing yet. */
    private Path get(URI network, String key, String name) throws InterruptedException {
        Path copy = place.resolve(name).resolve("copy");
        JsonNode got = json(place.resolve(name).resolve("home"), network, "get", key, copy.toString());
        assertThat(got.path("files").asInt()).isEqualTo(Samples.FILES);
        return copy;
    }

    private static void requireEqual(Path folder, Path copy) throws IOException {
        assertThat(FolderCompare.run(folder, copy).difference()).isEmpty();
        assertThat(Files.isExecutable(copy.resolve("bin/run.sh"))).isTrue();
    }

    private static void requireHosted(JsonNode status, String key) {
        assertThat(status.path("plans")).hasSize(1);
        JsonNode plan = status.path("plans").path(0);
        assertThat(plan.path("status").asString()).isEqualTo("HOSTED");
        assertThat(plan.path("feeds").valueStream().map(JsonNode::asString)).contains(key);
        assertThat(plan.path("contracts").path(0).path("positions").valueStream())
                .hasSize(3)
                .allSatisfy(one -> {
                    assertThat(one.path("state").asString()).isEqualTo("ACTIVE");
                    assertThat(one.path("storedBytes").asLong()).isPositive();
                });
    }

    /** A challenge made from now on is passed. */
    private static void awaitProof(URI network) throws InterruptedException {
        try (LedgerClient ledger = RpcLedgerClient.connect(network);
                EventWatch events = new EventWatch(ledger)) {
            Event.NewStorageChallenge made = events.await(Event.NewStorageChallenge.class, _ -> true, PATIENCE);
            events.await(
                    Event.StorageChallengeConfirmed.class,
                    confirmed -> confirmed.challenge() == made.challenge(),
                    PATIENCE);
            assertThat(events.count(Event.StorageChallengeFailed.class)).isZero();
        }
    }
}
