package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** With a process that dies. */
@Timeout(240)
class CrashTest {
    @TempDir
    Path temporary;

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    @Test
    void shouldHaveEveryBlockItToldOfWhenKilledInTheMiddle() throws Exception {
        long seed = 6;
        Random random = new Random(seed);
        long before = 0;
        for (int round = 0; round < 5; round++) {
            Process process = ChainProcess.start(temporary, 0);
            long number = 0;
            String hash = "";
            try (BufferedReader lines = output(process)) {
                int blocks = 1 + random.nextInt(60);
                for (int i = 0; i < blocks; i++) {
                    String[] words = next(lines).split(" ", -1);
                    number = Long.parseLong(words[1]);
                    hash = words[2];
                }
                // The handle's way leaves what was printed to be read.
                process.toHandle().destroyForcibly();
                String line = lines.readLine();
                while (line != null) {
                    String[] words = line.split(" ", -1);
                    if (words.length == 3 && words[2].length() == 64) {
                        number = Long.parseLong(words[1]);
                        hash = words[2];
                    }
                    line = lines.readLine();
                }
            } finally {
                process.destroyForcibly();
            }
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            try (Chain chain = TestChain.open(temporary)) {
                assertThat(chain.head().number())
                        .as("seed %d round %d", seed, round)
                        .isGreaterThanOrEqualTo(number)
                        .isGreaterThan(before);
                assertThat(TestChain.block(chain, number).header().hash().hex()).isEqualTo(hash);
                before = chain.verify().number();
            }
        }
    }

    private static String next(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        assertThat(line).isNotNull().startsWith("block ");
        return line;
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldStopAndKeepWhatIsStoredWhenADiskTakesNoMore() throws Exception {
        Process process = ChainProcess.start(temporary, 400_000);
        List<String> lines;
        try (BufferedReader output = output(process)) {
            lines = output.lines().toList();
        } finally {
            process.destroyForcibly();
        }
        List<String> blocks =
                lines.stream().filter(line -> line.startsWith("block ")).toList();
        assertThat(blocks).isNotEmpty();
        assertThat(lines).anyMatch(line -> line.startsWith("stopped ") && line.contains("the chain in"));
        assertThat(lines).anyMatch(line -> line.equals("refused STOPPED"));
        String[] last = blocks.getLast().split(" ", -1);
        assertThat(lines).anyMatch(line -> line.startsWith("head " + last[1] + " "));
        try (Chain chain = TestChain.open(temporary)) {
            assertThat(TestChain.block(chain, Long.parseLong(last[1]))
                            .header()
                            .hash()
                            .hex())
                    .isEqualTo(last[2]);
            assertThat(chain.verify().number()).isGreaterThanOrEqualTo(Long.parseLong(last[1]));
            TestChain.produce(chain);
        }
    }
}
