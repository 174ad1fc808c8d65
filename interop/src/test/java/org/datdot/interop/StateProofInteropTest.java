package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.datdot.chain.Chain;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.RpcServer;
import org.datdot.crypto.KeyPair;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Genesis;
import org.datdot.ledger.Parameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Proofs of the ledger's state as Substrate's own trie checks them, in state-proof.js. */
class StateProofInteropTest {
    private static final int ACCOUNTS = 300;

    @TempDir
    Path place;

    private static KeyPair keys(int number) {
        byte[] seed = new byte[32];
        Arrays.fill(seed, (byte) number);
        seed[0] = (byte) (number >> 8);
        return KeyPair.fromSeed(seed);
    }

    @Test
    void shouldProveEveryEntryToSubstratesOwnTrie() {
        List<Genesis.Endowment> endowments = new ArrayList<>();
        for (int i = 0; i < ACCOUNTS; i++) {
            endowments.add(new Genesis.Endowment(AccountId.of(keys(i).publicKey()), 1_000 + i));
        }
        KeyPair authority = keys(ACCOUNTS);
        ChainSpec spec = new ChainSpec(
                "proofs",
                1_790_000_000_000L,
                authority.publicKey(),
                Parameters.devnet(),
                new Genesis(endowments.getFirst().account(), endowments));
        try (Chain chain = Chain.open(place.resolve("chain"), spec, (key, manifest, head) -> true)) {
            for (int i = 0; i < 40; i++) {
                chain.produce(authority, spec.timestampMs() + 6_000L * (i + 1));
            }
            try (RpcServer server = RpcServer.start(chain, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                    NodeProcess client = NodeProcess.start(
                            "state-proof.js",
                            "http://127.0.0.1:" + server.address().getPort())) {
                JsonNode report = client.next();
                assertThat(client.finish()).as(client.errorText()).isZero();
                assertThat(report.get("entries").asInt()).isGreaterThan(ACCOUNTS);
                assertThat(report.get("proven")).isEqualTo(report.get("entries"));
                assertThat(report.get("absent").asInt()).isPositive();
                assertThat(report.get("mostBytes").asInt()).isLessThan(8_192);
            }
        }
    }
}
