package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The requests of {@code datdot peer} one by one; interop's DifferentialTest has them work together. */
class PeerSessionTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    private final List<JsonNode> answers = Collections.synchronizedList(new ArrayList<>());

    /** Asks one request of a session after the other. */
    private JsonNode ask(PeerSession session, String request) {
        answers.clear();
        session.serve(new ByteArrayInputStream((request + "\n").getBytes(StandardCharsets.UTF_8)));
        session.awaitIdle();
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    private PeerSession session() {
        return new PeerSession(line -> answers.add(JSON.readTree(line)));
    }

    @Test
    void shouldAnswerWithTheIdOfTheRequestWhenItSucceedsAndWhenItFails() {
        try (PeerSession session = session()) {
            assertThat(ask(session, "{\"id\":\"a\",\"op\":\"hello\"}")
                            .path("id")
                            .asString())
                    .isEqualTo("a");
            assertThat(ask(session, "{\"id\":[7],\"op\":\"hallo\"}")
                            .path("id")
                            .get(0)
                            .asInt())
                    .isEqualTo(7);
        }
    }

    @Test
    void shouldReadWhatWasAppendedWhenTheStoreIsOpenedAgain() {
        for (int round = 0; round < 2; round++) {
            try (PeerSession session = session()) {
                String path = JSON.writeValueAsString(folder.resolve("store").toString());
                String store = ask(session, "{\"op\":\"open\",\"path\":" + path + "}")
                        .path("store")
                        .asString();
                String core = ask(session, "{\"op\":\"core\",\"name\":\"log\",\"store\":\"" + store + "\"}")
                        .path("core")
                        .asString();
                JsonNode appended =
                        ask(session, "{\"op\":\"append\",\"core\":\"" + core + "\",\"blocks\":[\"0" + round + "\"]}");
                assertThat(appended.path("length").asInt()).isEqualTo(round + 1);
                JsonNode first = ask(session, "{\"op\":\"get\",\"core\":\"" + core + "\",\"index\":0}");
                assertThat(first.path("block").asString()).isEqualTo("00");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "nonsense | not JSON",
                "[1] | not a JSON object",
                "{\"id\":1} | \"op\" is missing",
                "{\"op\":7} | \"op\" is not text",
                "{\"op\":\"fly\"} | there is no operation \"fly\"",
                "{\"op\":\"info\",\"core\":\"core9\"} | there is no core core9",
                "{\"op\":\"info\",\"core\":\"core9\",\"corr\":1} | \"corr\": the operation has no such field",
                "{\"op\":\"open\"} | \"path\" is missing",
                "{\"op\":\"open\",\"path\":\"x\",\"primaryKey\":\"zz\"} | \"primaryKey\" is not hex",
                "{\"op\":\"open\",\"path\":\"x\",\"primaryKey\":\"00\"} | \"primaryKey\" has 1 bytes, not 32",
                "{\"op\":\"open\",\"path\":\"x\",\"sync\":1} | \"sync\" is not true or false",
                "{\"op\":\"close\",\"handle\":\"bee1\"} | there is no handle bee1"
            })
    void shouldSayWhatIsWrongWhenARequestMakesNoSense(String request, String message) {
        try (PeerSession session = session()) {
            JsonNode error = ask(session, request).path("error");
            assertThat(error.path("code").asString()).isEqualTo("bad-request");
            assertThat(error.path("message").asString()).contains(message);
        }
    }

    @Test
    void shouldSayThatItFailedWhenTheRequestIsRightButCannotBeDone() {
        try (PeerSession session = session()) {
            JsonNode error = ask(session, "{\"op\":\"open\",\"path\":\"/proc/self/nothing\"}")
                    .path("error");
            assertThat(error.path("code").asString()).isEqualTo("failed");
            assertThat(error.path("message").asString()).contains("/proc/self/nothing");
        }
    }
}
