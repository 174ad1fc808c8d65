package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.datdot.chain.Block;
import org.datdot.chain.LedgerClient;
import org.datdot.chain.RpcLedgerClient;
import org.datdot.dht.Dht;
import org.datdot.dht.PeerAddress;
import org.datdot.ledger.Parameters;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code datdot chain} does with a ledger of one author, and how another process follows that. */
@Timeout(DatdotProcess.LIMIT_SECONDS)
class ChainCliTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path place;

    private LedgerNode ledger;

    private record Ended(int exit, String out, String err) {
        List<JsonNode> json() {
            return out.lines().map(JSON::readTree).toList();
        }
    }

    @BeforeEach
    void startLedger() {
        InetSocketAddress any = ProviderNode.loopback(0);
        ledger = LedgerNode.start(
                place.resolve("home").resolve("ledger"),
                any,
                Duration.ofMillis(50),
                Parameters.devnet(),
                Optional.empty(),
                any);
    }

    @AfterEach
    void stopLedger() {
        ledger.close();
    }

    private Ended run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("chain"));
        all.addAll(Arrays.asList(arguments));
        all.addAll(List.of(
                "--home",
                place.resolve("home").toString(),
                "--network",
                ledger.uri().toString(),
                "--json"));
        StringWriter err = new StringWriter();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            CommandLine line = Main.commandLine(List.of());
            line.setErr(new PrintWriter(err, true));
            int exit = line.execute(all.toArray(String[]::new));
            return new Ended(exit, printed.toString(StandardCharsets.UTF_8), err.toString());
        } finally {
            System.setOut(before);
        }
    }

    private static String root(@Nullable Block block) {
        return Objects.requireNonNull(block).header().stateRoot().hex();
    }

    private List<JsonNode> done(String... arguments) {
        Ended ended = run(arguments);
        assertThat(ended.exit).as("%s: %s", List.of(arguments), ended).isZero();
        return ended.json();
    }

    @Test
    void shouldGiveUnitsSubmitByNameAndReadWithProof() {
        JsonNode status = done("status").getFirst();
        assertThat(status.get("genesis").asString())
                .isEqualTo(ledger.chain().genesis().hex());
        assertThat(status.get("name").asString()).isEqualTo("DatDot devnet");
        String account = done("keys").getFirst().get("account").asString();
        assertThat(run("query", "system.account", account, "--proof").exit)
                .as("proven that there is none")
                .isEqualTo(Exit.NOT_FOUND.code());
        assertThat(done("faucet", "100").toString()).contains("Transfer", account);
        JsonNode proven = done("query", "System.Account", account, "--proof").getFirst();
        assertThat(proven.get("value").toString()).contains("100000000000");
        assertThat(proven.get("provenAtBlock").asLong()).isPositive();
        String treasury = ledger.chain().spec().genesis().treasury().toString();
        List<JsonNode> events = done("submit", "balances.transferAllowDeath", "[\"" + treasury + "\", 7]");
        assertThat(events.toString()).contains("ExtrinsicSuccess", "\"units\":7");
        assertThat(done("query", "system.number").getFirst().get("value").asLong())
                .isPositive();
        assertThat(done("query", "System.Account")).hasSize(2);
        assertThat(run("query").out).contains("DatDot.PlansOfFeed (2 keys)");
        assertThat(run("submit").out).contains("DatDot.publish_plan [");
    }

    @Test
    void shouldSayWhatIsWrongWithACallOrEntry() {
        assertThat(run("submit", "datDot.fly"))
                .satisfies(ended -> assertThat(ended.err).contains("no call datDot.fly"))
                .extracting(Ended::exit)
                .isEqualTo(Exit.USAGE.code());
        assertThat(run("submit", "datDot.cancelPlan", "{\"plan\": \"x\"}").err).contains("a number from 0");
        assertThat(run("submit", "datDot.cancelPlan", "{").err).contains("no JSON");
        assertThat(run("query", "system.account", "nobody").err).contains("SS58");
        assertThat(run("query", "system.nothing").exit).isEqualTo(Exit.USAGE.code());
        done("faucet", "5");
        assertThat(run("submit", "datDot.cancelPlan", "{\"plan\": 1}").exit).isEqualTo(Exit.REFUSED.code());
    }

    @Test
    void shouldVerifyAnExportAndFindAnyChangeInIt() throws Exception {
        done("faucet", "3");
        Path file = place.resolve("blocks.ddb");
        JsonNode exported = done("export", file.toString()).getFirst();
        assertThat(exported.get("blocks").asLong()).isPositive();
        JsonNode verified = done(
                        "verify",
                        file.toString(),
                        "--compare",
                        "--genesis",
                        ledger.chain().genesis().hex())
                .getFirst();
        assertThat(verified.get("block")).isEqualTo(exported.get("blocks"));
        assertThat(verified.get("compared").asBoolean()).isTrue();
        assertThat(run("verify", file.toString(), "--genesis", "00").exit).isEqualTo(Exit.FAILED.code());
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 1; i <= 12; i++) {
            byte[] changed = bytes.clone();
            int at = (int) ((long) bytes.length * i / 13);
            changed[at] ^= 1;
            Files.write(file, changed);
            assertThat(run(
                                    "verify",
                                    file.toString(),
                                    "--genesis",
                                    ledger.chain().genesis().hex())
                            .exit)
                    .as("byte %d of %d", at, bytes.length)
                    .isNotZero();
        }
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 5));
        assertThat(run("verify", file.toString()).err).contains("ends too soon");
        // The state it came to, or did not come to, is not kept.
        assertThat(place.resolve("home").resolve("verify")).isDirectoryContaining("glob:**lock");
        assertThat(place.resolve("home").resolve("verify").resolve("state")).doesNotExist();
    }

    @Test
    void shouldFollowFromAnotherProcessThatAnswersTheSame() throws Exception {
        String account = done("keys").getFirst().get("account").asString();
        String key = ledger.logKey().orElseThrow().toString();
        String peer = Addresses.text(ledger.peers().orElseThrow());
        String genesis = ledger.chain().genesis().hex();
        Path other = place.resolve("other");
        for (int round = 1; round <= 2; round++) {
            done("faucet", "10");
            try (DatdotProcess follower = DatdotProcess.start(
                    other, null, "chain", "follow", key, "--peer", peer, "--genesis", genesis, "--json")) {
                JsonNode started = follower.awaitJson();
                assertThat(started.get("genesis").asString()).isEqualTo(genesis);
                long wanted = ledger.chain().head().number() + 3;
                JsonNode block = JSON.readTree(follower.awaitLine("\"block\":" + wanted + ","));
                try (LedgerClient there = RpcLedgerClient.connect(
                        URI.create(started.get("network").asString()))) {
                    assertThat(block.get("stateRoot").asString())
                            .isEqualTo(root(there.block(wanted)))
                            .isEqualTo(root(ledger.chain().block(wanted)));
                    assertThat(there.events(wanted))
                            .isEqualTo(ledger.chain().events(wanted).stream()
                                    .map(each -> each.event())
                                    .toList());
                }
                DatdotProcess.Ended read = DatdotProcess.run(
                        place.resolve("home"),
                        URI.create(started.get("network").asString()),
                        "chain",
                        "query",
                        "System.Account",
                        account,
                        "--proof",
                        "--json");
                assertThat(read.json().get("value").toString()).contains(round + "0000000000");
                DatdotProcess.Ended refused = DatdotProcess.run(
                        place.resolve("home"), URI.create(started.get("network").asString()), "chain", "faucet", "1");
                assertThat(refused.code()).isNotZero();
                assertThat(refused.err()).contains("follows another one");
                assertThat(follower.terminate().err()).doesNotContain("datdot: ");
            }
        }
        refusesAnotherChain(key, peer);
    }

    @Test
    void shouldFollowByTheKeyOfTheLogAlone() throws Exception {
        InetSocketAddress any = ProviderNode.loopback(0);
        try (Dht dht = Dht.bootstrapper(PeerAddress.of(any));
                LedgerNode found = LedgerNode.start(
                        place.resolve("found"),
                        any,
                        Duration.ofMillis(50),
                        Parameters.devnet(),
                        Optional.of(PeerAddress.of(dht.localAddress())),
                        any)) {
            String key = found.logKey().orElseThrow().toString();
            String bootstrap = PeerAddress.of(dht.localAddress()).toString();
            try (DatdotProcess follower = DatdotProcess.start(
                    place.resolve("other"), null, "chain", "follow", key, "--bootstrap", bootstrap, "--json")) {
                assertThat(follower.awaitJson().get("genesis").asString())
                        .isEqualTo(found.chain().genesis().hex());
                long wanted = found.chain().head().number() + 3;
                JsonNode block = JSON.readTree(follower.awaitLine("\"block\":" + wanted + ","));
                assertThat(block.get("stateRoot").asString())
                        .isEqualTo(root(found.chain().block(wanted)));
            }
        }
    }

    private void refusesAnotherChain(String key, String peer) throws Exception {
        DatdotProcess.Ended wrong = DatdotProcess.run(
                place.resolve("third"), null, "chain", "follow", key, "--peer", peer, "--genesis", "00".repeat(32));
        assertThat(wrong.code()).isNotZero();
        assertThat(wrong.err()).contains("not of");
    }
}
