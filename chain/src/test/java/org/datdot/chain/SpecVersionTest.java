package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.ledger.Parameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients keep what they know of the rules by the version of them, and signatures are made for one: what changes metadata or rules raises {@link Extrinsic#SPEC_VERSION}.
 * {@code spec-versions.txt} has, for each version there was, the hash of its metadata and the state root that the history of {@link HistoryProcess} leads to by its rules.
 */
class SpecVersionTest {
    @TempDir
    Path temporary;

    private static List<String> lines() throws IOException {
        try (InputStream in = Objects.requireNonNull(SpecVersionTest.class.getResourceAsStream("spec-versions.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
        }
    }

    @Test
    void shouldRaiseTheVersionWhenMetadataOrRulesChange() throws Exception {
        Hash metadata = new Hash(Blake2b.hash(Metadata.encode(Parameters.defaults())));
        Hash root = HistoryProcess.lastRoot(temporary);
        String now = Extrinsic.SPEC_VERSION + " " + metadata.hex() + " " + root.hex();
        assertThat(lines().getLast())
                .as("metadata or rules changed: raise Extrinsic.SPEC_VERSION, run this test again, and add the line it"
                        + " then finds to spec-versions.txt")
                .isEqualTo(now);
    }

    @Test
    void shouldHaveEachVersionOnceInOrder() throws IOException {
        List<Integer> versions = lines().stream()
                .map(line -> Integer.parseInt(line.substring(0, line.indexOf(' '))))
                .toList();
        assertThat(versions).isSorted().doesNotHaveDuplicates();
        assertThat(lines().stream().map(line -> line.substring(line.indexOf(' '))))
                .as("a version that changed nothing")
                .doesNotHaveDuplicates();
    }
}
