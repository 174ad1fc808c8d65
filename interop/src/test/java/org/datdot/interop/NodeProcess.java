package org.datdot.interop;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A peer in its own process: one of the scripts in {@code interop/node}, run by Node.js with the pinned stock packages, or DatDot's command line. It
 * prints one JSON object a line; its standard input ending tells a script to leave. Closing ends the process.
 */
final class NodeProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String name;
    private final Process process;
    private final BufferedWriter input;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> errors = new ArrayList<>();

    private NodeProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.input = process.outputWriter(StandardCharsets.UTF_8);
        Thread.ofVirtual().name(name + "-out").start(() -> pump(process.inputReader(StandardCharsets.UTF_8), lines));
        Thread.ofVirtual().name(name + "-err").start(() -> {
            try (BufferedReader reader = process.errorReader(StandardCharsets.UTF_8)) {
                reader.lines().forEach(line -> {
                    synchronized (errors) {
                        errors.add(line);
                    }
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void pump(BufferedReader reader, BlockingQueue<String> lines) {
        try (reader) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            lines.add("{\"error\":\"" + e.getMessage() + "\"}");
        }
    }

    /** The folder of the module, from Maven's working directory. */
    static Path moduleFolder() {
        return Path.of("").toAbsolutePath();
    }

    /** Starts DatDot's own command line as a process, with a home and a ledger of the test's. */
    static NodeProcess datdot(Path home, String network, String... arguments) {
        return datdot(List.of(), home, network, arguments);
    }

    /** The same after the beginning of a command line. */
    static NodeProcess datdot(List<String> prefix, Path home, String network, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                DatdotMain.class.getName()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--json", "--home", home.toString()));
        if (!network.isEmpty()) {
            command.addAll(List.of("--network", network));
        }
        try {
            return new NodeProcess("datdot " + arguments[0], new ProcessBuilder(command).start());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command.getFirst(), e);
        }
    }

    /** Starts a main class of these tests with its own small virtual machine, after the beginning of a command line. */
    static NodeProcess java(List<String> prefix, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        try {
            return new NodeProcess(main.getSimpleName(), new ProcessBuilder(command).start());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command.getFirst(), e);
        }
    }

    /** Starts {@code interop/node/<script>} with arguments. */
    static NodeProcess start(String script, String... arguments) {
        return start(List.of(), script, arguments);
    }

    /** The same after the beginning of a command line, such as one that enters a namespace. */
    static NodeProcess start(List<String> prefix, String script, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(
                List.of("node", moduleFolder().resolve("node").resolve(script).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .put("NODE_PATH", moduleFolder().resolve("node_modules").toString());
        try {
            return new NodeProcess(script, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start node; install Node.js 20 or newer", e);
        }
    }

    /** The next line of its output, as JSON. */
    JsonNode next() {
        @Nullable String line;
        try {
            line = lines.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + name, e);
        }
        if (line == null) {
            throw new AssertionError(name + " said nothing for " + PATIENCE + "; its errors: " + errorText());
        }
        JsonNode json = JSON.readTree(line);
        if (json.has("error")) {
            throw new AssertionError(name + ": " + line + "; its errors: " + errorText());
        }
        return json;
    }

    /** Sends a line to its standard input. */
    void send(String line) {
        try {
            input.write(line);
            input.newLine();
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " has gone: " + errorText(), e);
        }
    }

    /** Ends its input and waits until it has left by itself; the exit code. */
    int finish() {
        try {
            input.close();
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(name + " did not end; its errors: " + errorText());
            }
            return process.exitValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + name, e);
        }
    }

    /** What it wrote to standard error. */
    String errorText() {
        synchronized (errors) {
            return String.join("\n", errors);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
