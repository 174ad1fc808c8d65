package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shouldPrintPlainLinesForEachQuarterWhenTheOutputIsNoTerminal() {
        Console console = new Console(out, false, false);
        try (Progress progress = console.progress("importing", 1000)) {
            for (int done = 0; done <= 1000; done += 10) {
                progress.update(done);
            }
        }
        assertThat(printed().lines())
                .containsExactly(
                        "  importing: 25% of 1.0 kB",
                        "  importing: 50% of 1.0 kB", "  importing: 75% of 1.0 kB", "  importing: 100% of 1.0 kB");
    }

    @Test
    void shouldDrawABarOverItselfOnATerminalAndKeepLinesWhole() {
        Console console = new Console(out, true, false);
        try (Progress progress = console.progress("importing", 1000)) {
            progress.update(500);
            console.line("a line between");
            progress.update(1000);
        }
        assertThat(printed())
                .contains("50%")
                .contains("\r\u001b[Ka line between")
                .endsWith("\r\u001b[K");
    }

    @Test
    void shouldPrintNothingWhereMachinesRead() {
        Console console = new Console(out, false, true);
        console.stage("x");
        console.line("y");
        console.table(List.of("a"), List.of(List.of("1")));
        assertThat(printed()).isEmpty();
    }

    @Test
    void shouldAlignTheColumnsOfATable() {
        new Console(out, false, false)
                .table(List.of("who", "tokens"), List.of(List.of("alice", "1.5"), List.of("bo", "20")));
        assertThat(printed().lines()).containsExactly("  who    tokens", "  alice     1.5", "  bo         20");
    }
}
