package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.datdot.chain.Chain;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.EmbeddedEngine;
import org.datdot.chain.RpcServer;
import org.datdot.crypto.KeyPair;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Genesis;
import org.datdot.ledger.Parameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The ledger as a stock {@code @polkadot/api} client sees it: polkadot-chain.mjs does what is checked, and fails when something is not as it must be. */
class PolkadotInteropTest {
    private static final KeyPair AUTHORITY = KeyPair.fromSeed(filled(99));
    private static final long RICH = 1_000_000_000_000L;

    @TempDir
    Path place;

    private static byte[] filled(int value) {
        byte[] seed = new byte[32];
        Arrays.fill(seed, (byte) value);
        return seed;
    }

    private static ChainSpec spec() {
        List<Genesis.Endowment> endowments = IntStream.rangeClosed(1, 6)
                .mapToObj(n -> AccountId.of(KeyPair.fromSeed(filled(n)).publicKey()))
                .map(account -> new Genesis.Endowment(account, RICH))
                .toList();
        AccountId treasury = AccountId.of(KeyPair.fromSeed(filled(50)).publicKey());
        return new ChainSpec(
                "interop",
                System.currentTimeMillis() - 1_000,
                AUTHORITY.publicKey(),
                Parameters.devnet(),
                new Genesis(treasury, endowments));
    }

    @Test
    void shouldServeAStockPolkadotClientWithAllItCanAsk() {
        List<JsonNode> reports = new ArrayList<>();
        try (Chain chain = Chain.open(place.resolve("chain"), spec(), (key, manifest, head) -> head.length() == 4);
                EmbeddedEngine engine =
                        EmbeddedEngine.start(chain, AUTHORITY, Duration.ofMillis(300), InstantSource.system());
                RpcServer server = RpcServer.start(chain, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                NodeProcess client = NodeProcess.start(
                        "polkadot-chain.mjs",
                        "ws://127.0.0.1:" + server.address().getPort())) {
            do {
                reports.add(client.next());
            } while (!reports.getLast().get("check").asString().equals("end"));
            assertThat(client.finish()).as(client.errorText()).isZero();
            assertThat(engine.stopped()).isNotDone();
            assertThat(chain.verify())
                    .as("all blocks execute again to the same state")
                    .isNotNull();
        }
        assertThat(texts(report(reports, "connected").get("pallets")))
                .containsExactly("System", "DatDot", "Balances", "Timestamp");
        assertThat(report(reports, "constants").get("constants").asInt()).isEqualTo(count(Parameters.class) + 2);
        assertThat(report(reports, "constants")
                        .get("named")
                        .get("datDot.ChallengeDelay")
                        .asString())
                .isEqualTo(Long.toString(Parameters.devnet().challengeDelay()));
        assertThat(texts(report(reports, "storage at last").get("full")))
                .contains("system.account", "system.blockHash", "datDot.items", "datDot.jobs", "datDot.feedHeads");
        JsonNode extrinsics = report(reports, "extrinsics");
        List<String> all = texts(extrinsics.get("all"));
        assertThat(all).hasSizeGreaterThanOrEqualTo(17);
        assertThat(texts(extrinsics.get("good"))).as("applied once").containsExactlyElementsOf(all);
        assertThat(extrinsics.get("wrong").propertyNames())
                .as("rejected once, with the error's name")
                .containsExactlyInAnyOrderElementsOf(all);
        assertThat(texts(report(reports, "blocks").get("events")))
                .contains("system.ExtrinsicSuccess", "datDot.HosterActivated", "balances.Transfer");
        // It names our own methods, and logs the refusals the script provokes.
        assertThat(texts(report(reports, "end").get("warnings")))
                .allMatch(warning ->
                        warning.matches("(?s).*(not decorated: datdot_|StaleNonce|FutureNonce|BadSignature).*"));
    }

    private static int count(Class<?> parameters) {
        int count = 0;
        for (RecordComponent each : parameters.getRecordComponents()) {
            count += each.getType().isRecord() ? count(each.getType()) : 1;
        }
        return count;
    }

    private static JsonNode report(List<JsonNode> reports, String check) {
        return reports.stream()
                .filter(each -> each.get("check").asString().equals(check))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no report of " + check + " in " + reports));
    }

    private static List<String> texts(JsonNode list) {
        List<String> out = new ArrayList<>();
        list.forEach(each -> out.add(each.asString()));
        return out;
    }
}
