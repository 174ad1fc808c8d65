package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs commands on the stores of a folder, in this process. */
final class StoreCli {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path place;

    StoreCli(Path place) {
        this.place = place;
    }

    /** How a command ended. */
    static final class Ended {
        final int exit;
        final String out;
        final String err;

        private Ended(int exit, String out, String err) {
            this.exit = exit;
            this.out = out;
            this.err = err;
        }

        List<JsonNode> json() {
            return out.lines().map(JSON::readTree).toList();
        }

        @Override
        public String toString() {
            return "exit " + exit + ": " + out + err;
        }
    }

    Ended in(String store, String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of(
                "--store",
                place.resolve(store).toString(),
                "--home",
                place.resolve("home").toString()));
        StringWriter err = new StringWriter();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream beside = new ByteArrayOutputStream();
        PrintStream before = System.out;
        PrintStream errorBefore = System.err;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(beside, true, StandardCharsets.UTF_8));
        try {
            CommandLine line = Main.commandLine(List.of());
            line.setErr(new PrintWriter(err, true));
            int exit = line.execute(all.toArray(String[]::new));
            return new Ended(
                    exit, printed.toString(StandardCharsets.UTF_8), beside.toString(StandardCharsets.UTF_8) + err);
        } finally {
            System.setOut(before);
            System.setErr(errorBefore);
        }
    }

    /** As {@link #in}; the command must have succeeded. */
    Ended done(String store, String... arguments) {
        Ended ended = in(store, arguments);
        assertThat(ended.exit).as("%s", ended).isZero();
        return ended;
    }
}
