package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The promise itself: what DatDot's hosters keep, stock Hypercore peers read, while the publisher is gone. */
class HostedDriveInteropTest {
    @TempDir
    Path place;

    private NodeProcess devnet;
    private String network;
    private String bootstrap;
    private Path folder;

    @BeforeEach
    void startDevnet() throws IOException {
        folder = makeFolder(place.resolve("folder"));
        devnet = NodeProcess.datdot(place.resolve("net"), "", "devnet", "--port", "0");
        JsonNode ready = devnet.next();
        network = ready.get("network").asString();
        bootstrap = ready.get("bootstrap").asString();
    }

    @AfterEach
    void endDevnet() {
        devnet.close();
    }

    @Test
    void shouldLetAStockReaderReadAHostedDriveWhileItsPublisherIsGone() {
        Path home = place.resolve("publisher");
        String key;
        try (NodeProcess publish = NodeProcess.datdot(home, network, "publish", folder.toString())) {
            key = publish.next().get("key").asString();
            assertThat(publish.finish()).isZero();
        }
        try (NodeProcess host = NodeProcess.datdot(home, network, "host", key, "--budget", "20")) {
            assertThat(host.next().get("positions").asLong()).isEqualTo(3);
            assertThat(host.finish()).isZero(); // the publisher has gone
        }
        assertThat(hosters(home, key)).hasSize(3).allSatisfy(hoster -> readByNode(key, hoster));
        readByNode(key, "dht:" + bootstrap); // a stock hyperswarm that knows nothing but the key
    }

    @Test
    void shouldHostADriveThatAStockPeerHasPublished() {
        Path home = place.resolve("sponsor");
        String key;
        try (NodeProcess publisher = NodeProcess.start("serve-drive.js", folder.toString())) {
            JsonNode ready = publisher.next();
            key = ready.get("key").asString();
            String address = "127.0.0.1:" + ready.get("port").asInt();
            try (NodeProcess host =
                    NodeProcess.datdot(home, network, "host", key, "--budget", "20", "--peer", address)) {
                assertThat(host.next().get("status").asString()).isEqualTo("HOSTED");
                assertThat(host.finish()).isZero();
            }
        } // the stock publisher has gone
        List<String> hosters = hosters(home, key);
        assertThat(hosters).hasSize(3);
        readByNode(key, hosters.toArray(String[]::new));
        readByNode(key, hosters.getLast());
    }

    /** Another Node.js process compares every byte with the folder. */
    private void readByNode(String key, String... hosters) {
        List<String> arguments = new ArrayList<>(List.of(key, folder.toString()));
        arguments.addAll(List.of(hosters));
        try (NodeProcess reader = NodeProcess.start("read-drive.js", arguments.toArray(String[]::new))) {
            JsonNode read = reader.next();
            assertThat(read.get("files").asInt()).isEqualTo(7);
            assertThat(reader.finish()).isZero();
        }
    }

    private List<String> hosters(Path home, String key) {
        try (NodeProcess status = NodeProcess.datdot(home, network, "status", key)) {
            List<String> addresses = new ArrayList<>();
            status.next()
                    .at("/plans/0/contracts/0/positions")
                    .forEach(position -> addresses.add(position.get("address").asString()));
            assertThat(status.finish()).isZero();
            return addresses;
        }
    }

    private static Path makeFolder(Path folder) throws IOException {
        Random random = new Random(7);
        Files.createDirectories(folder.resolve("a/deeper"));
        Files.writeString(folder.resolve("hello.txt"), "hello\n");
        Files.createFile(folder.resolve("empty"));
        write(folder.resolve("a/one-block"), random, 65_536);
        write(folder.resolve("a/deeper/three-megabytes"), random, 3_000_000);
        Files.writeString(folder.resolve("a/compresses.txt"), "the same again and again\n".repeat(10_000));
        Files.writeString(folder.resolve("run.sh"), "#!/bin/sh\n");
        assertThat(folder.resolve("run.sh").toFile().setExecutable(true)).isTrue();
        Files.createSymbolicLink(folder.resolve("link"), Path.of("hello.txt"));
        return folder;
    }

    private static void write(Path file, Random random, int length) throws IOException {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        Files.write(file, bytes);
    }
}
