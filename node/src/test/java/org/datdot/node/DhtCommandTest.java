package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.node.DatdotProcess.Ended;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** {@code datdot dht}: a network in a process of its own, and the commands that look into it. */
@Timeout(DatdotProcess.LIMIT_SECONDS)
class DhtCommandTest {
    private static final String KEY = new CoreKey(new byte[32]).toString();

    @Test
    void shouldFindInItsOwnNetworkWhatWasAnnouncedThere() throws InterruptedException {
        try (DatdotProcess network = DatdotProcess.start(
                List.of(), List.of("dht", "network", "--listen", "127.0.0.1:0", "--nodes", "4", "--json"))) {
            JsonNode ready = network.awaitJson();
            String bootstrap = ready.path("bootstrap").asString();
            assertThat(run("dht", "ping", bootstrap, "--json").json().path("ms").asInt(-1))
                    .isNotNegative();
            JsonNode nodes =
                    run("dht", "nodes", "--bootstrap", bootstrap, "--json").json();
            assertThat(nodes.path("nodes").size()).isEqualTo(4);
            assertThat(nodes.path("publicAddress").asString()).startsWith("127.0.0.1:");
            Ended nobody = run("dht", "lookup", KEY, "--bootstrap", bootstrap);
            assertThat(nobody.code()).isEqualTo(Exit.NOT_FOUND.code());
            assertThat(nobody.err()).contains(KEY);
            JsonNode announced = run("dht", "announce", KEY, "--bootstrap", bootstrap, "--json")
                    .json();
            assertThat(announced.path("nodes").size()).isEqualTo(4);
            Ended found = run("dht", "lookup", KEY, "--bootstrap", bootstrap);
            assertThat(found.code()).as(found.err()).isZero();
            assertThat(found.out()).contains(announced.path("peer").asString() + "  on 4 nodes");
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenNobodyAnswersOrAnAddressIsNone() throws InterruptedException {
        Ended silent = run("dht", "nodes", "--bootstrap", "127.0.0.1:1");
        assertThat(silent.code()).isEqualTo(Exit.NETWORK.code());
        assertThat(silent.err()).contains("no node of the DHT answered");
        for (String line :
                List.of("dht", "dht ping nowhere", "dht nodes --bootstrap 1.2.3.4", "dht network --nodes 0")) {
            Ended ended = run(line.split(" "));
            assertThat(ended.code()).as(line + ended.err()).isEqualTo(Exit.USAGE.code());
            assertThat(ended.err()).doesNotContain("Exception");
        }
    }

    private static Ended run(String... arguments) throws InterruptedException {
        try (DatdotProcess process = DatdotProcess.start(List.of(), new ArrayList<>(Arrays.asList(arguments)))) {
            return process.ended();
        }
    }
}
