package org.datdot.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Judges address translation as stock hyperdht does: interop/node/relay-vectors.js. */
class NatAnalysisTest {
    private final SimulatedNetwork network = new SimulatedNetwork(1);

    private NatAnalysis firewalled() {
        SimulatedNetwork.Host host = network.add(network.nextAddress(), false, List.of(), options -> options);
        return new NatAnalysis(host.node, LocalSocket.CLIENT);
    }

    @Test
    void shouldJudgeAsTheStockPackageWhateverNodesSay() throws IOException {
        int compared = 0;
        for (String line : lines()) {
            String[] halves = line.split(" \\| ", -1);
            String[] seenAs = halves[0].split(" ", -1);
            String[] expected = halves[1].split(" ", -1);
            NatAnalysis nat = firewalled();
            List<String> judged = new ArrayList<>();
            for (int i = 0; i < seenAs.length; i++) {
                PeerAddress from = new PeerAddress(5 << 24 | 1, i + 1);
                nat.add(PeerAddress.parse(seenAs[i]), from);
                nat.add(PeerAddress.parse("9.9.9.9:" + (i + 1)), from); // a node counts once
                List<PeerAddress> addresses = nat.addresses();
                String text = addresses == null
                        ? "-"
                        : addresses.stream().map(PeerAddress::toString).collect(Collectors.joining(","));
                judged.add(nat.firewall().code() + "/" + text);
            }
            assertThat(judged).as(halves[0]).containsExactly(expected);
            compared++;
        }
        assertThat(compared).isEqualTo(200);
    }

    @Test
    void shouldStayWithWhatThePeerWasToldWhenFrozen() {
        NatAnalysis nat = firewalled();
        for (int i = 1; i <= 3; i++) nat.add(PeerAddress.parse("1.2.3.4:5"), new PeerAddress(i, 1));
        assertThat(nat.firewall()).isEqualTo(Firewall.CONSISTENT);
        nat.freeze();
        for (int i = 4; i <= 40; i++) nat.add(PeerAddress.parse("1.2.3.4:" + i), new PeerAddress(i, 1));
        assertThat(nat.addresses()).containsExactly(PeerAddress.parse("1.2.3.4:5"));
    }

    private static List<String> lines() throws IOException {
        try (InputStream in = NatAnalysisTest.class.getResourceAsStream("nat-vectors.txt")) {
            if (in == null) throw new AssertionError("nat-vectors.txt is missing");
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }
}
