package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same history gives the same roots on every machine: in processes that differ in all a Java program could stumble over. */
class ReproductionTest {
    @TempDir
    Path temporary;

    private List<String> run(String name, String... options) throws IOException, InterruptedException {
        Process process = ChainProcess.java(
                HistoryProcess.class,
                List.of(options),
                List.of(temporary.resolve(name).toString()));
        List<String> lines = new ArrayList<>();
        try (var reader = process.inputReader(java.nio.charset.StandardCharsets.UTF_8)) {
            reader.lines().forEach(lines::add);
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(name + ": " + lines).isZero();
        return lines;
    }

    private static String value(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + lines));
    }

    @Test
    void shouldComeToTheSameRootsOnDifferentMachines() throws Exception {
        List<String> plain = run("plain");
        List<String> other = run(
                "other",
                "-Duser.language=tr",
                "-Duser.country=TR",
                "-Duser.timezone=Pacific/Chatham",
                "-Dfile.encoding=ISO-8859-1",
                "-XX:+UnlockExperimentalVMOptions",
                "-XX:hashCode=2",
                "-XX:ActiveProcessorCount=1");
        List<String> third = run(
                "third",
                "-Duser.language=ar",
                "-Duser.country=EG",
                "-Duser.timezone=America/St_Johns",
                "-XX:+UnlockExperimentalVMOptions",
                "-XX:hashCode=3",
                "-XX:ActiveProcessorCount=7",
                "-Xint");
        assertThat(value(plain, "on")).isNotEqualTo(value(other, "on")).isNotEqualTo(value(third, "on"));
        for (List<String> each : List.of(other, third)) {
            assertThat(each.subList(0, each.size() - 1)).isEqualTo(plain.subList(0, plain.size() - 1));
        }
        String last = value(plain, "root 120").substring(0, 64);
        assertThat(List.of(value(plain, "reopened"), value(plain, "verified"), value(plain, "restored")))
                .containsOnly(last);
        assertThat(Integer.parseInt(value(plain, "kinds")))
                .as("kinds of events in it")
                .isGreaterThan(10);
    }
}
