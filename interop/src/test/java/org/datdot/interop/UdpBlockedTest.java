package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.datdot.interop.LabNat.Kind;
import org.datdot.interop.NatLab.Site;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Reading a drive where UDP does not come through, in {@link NatLab}. Skipped where network namespaces cannot be made. */
@Timeout(600)
class UdpBlockedTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path temporary;

    @Test
    void shouldReadADriveOverWebSocketWhenUdpIsDropped() throws IOException {
        byte[] content = new byte[300_000];
        new Random(3).nextBytes(content);
        Path folder = Files.createDirectory(temporary.resolve("folder"));
        Files.write(folder.resolve("file"), content);
        try (NatLab lab = open();
                NodeProcess network = NodeProcess.start(lab.at(Site.NETWORK), "nat-peer.mjs")) {
            network.next();
            network.send(JSON.writeValueAsString(
                    Map.of("do", "net", "hosts", List.of("5.0.0.1", "5.0.0.2", "5.0.0.3", "5.0.0.4"))));
            String bootstrap = network.next().path("bootstrap").asString();
            lab.route(Site.LEFT, Kind.CONSISTENT, 1);
            lab.route(Site.RIGHT, Kind.OPEN, 2);
            try (NodeProcess serving = NodeProcess.java(
                    lab.at(Site.RIGHT),
                    DrivePeer.class,
                    folder.toString(),
                    temporary.resolve("store").toString(),
                    Site.RIGHT.outside,
                    bootstrap)) {
                JsonNode served = serving.next();
                String key = served.path("key").asString();
                String webSocket = served.path("websocket").asString();
                Path home = temporary.resolve("home");

                lab.dropUdp(Site.LEFT, true, true);
                assertThat(get(lab, home, key, "--bootstrap", bootstrap))
                        .as("the DHT is there, the peer is not reached by UDP")
                        .isEqualTo(content);

                lab.dropUdp(Site.LEFT, true, false);
                assertThat(get(lab, home, key, "--bootstrap", bootstrap))
                        .as("nothing is reached by UDP, the peer is remembered")
                        .isEqualTo(content);
                assertThat(get(lab, temporary.resolve("other"), key, "--peer", webSocket))
                        .as("nothing is reached by UDP, somebody names the peer")
                        .isEqualTo(content);
                assertThat(lab.seen()).as("what went by UDP between the two").isEqualTo(new NatLab.Seen(0, 0));
            }
        }
    }

    private byte[] get(NatLab lab, Path home, String key, String... options) throws IOException {
        Path destination = Files.createTempDirectory(temporary, "got").resolve("folder");
        List<String> arguments = new ArrayList<>(List.of("get", key, destination.toString()));
        arguments.addAll(List.of(options));
        try (NodeProcess get = NodeProcess.datdot(lab.at(Site.LEFT), home, "", arguments.toArray(String[]::new))) {
            assertThat(get.finish()).as(get.errorText()).isZero();
        }
        return Files.readAllBytes(destination.resolve("file"));
    }

    private static NatLab open() throws IOException {
        try {
            return NatLab.open();
        } catch (IOException e) {
            Assumptions.abort("network namespaces cannot be made here, so nothing is tested: " + e.getMessage());
            throw e;
        }
    }
}
