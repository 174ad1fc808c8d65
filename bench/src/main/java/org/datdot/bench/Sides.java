package org.datdot.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Starts the measured processes: scripts of {@code bench/node} on the stock side, classes of this package on ours. */
final class Sides {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_S = 600;
    private static final int DHT_NODES = 20;

    private final Path root;

    Sides(Path root) {
        this.root = root;
    }

    /** A process that has said it is ready, ended with this. */
    static final class Running implements AutoCloseable {
        private final Process process;
        private final BufferedReader lines;
        private final Writer ask;
        private final JsonNode ready;

        private Running(Process process) throws IOException {
            this.process = process;
            lines = process.inputReader(StandardCharsets.UTF_8);
            ask = process.outputWriter(StandardCharsets.UTF_8);
            ready = read();
        }

        /** Its first line. */
        JsonNode ready() {
            return ready;
        }

        /** Its next line. */
        JsonNode read() throws IOException {
            String line = lines.readLine();
            if (line == null) {
                throw new IllegalStateException("a measured process ended early: " + process.info());
            }
            return JSON.readTree(line);
        }

        /** Asks for a line. */
        JsonNode ask() throws IOException {
            ask.write("\n");
            ask.flush();
            return read();
        }

        /** Ends its input, and reads what it says to that. */
        JsonNode leave() throws IOException {
            ask.close();
            return read();
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }

    /** The command of a side. */
    List<String> of(boolean java, String script, String type, String... options) {
        return java ? java(type, options) : node(script, options);
    }

    private List<String> node(String script, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "node", "--expose-gc", root.resolve("bench/node/" + script).toString()));
        command.addAll(Arrays.asList(options));
        return command;
    }

    private static List<String> java(String type, String... options) {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "org.datdot.bench." + type));
        command.addAll(Arrays.asList(options));
        return command;
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        Path packages = root.resolve("interop/node_modules").toAbsolutePath();
        builder.environment().put("NODE_PATH", packages.toString());
        return builder;
    }

    /** Starts a process and waits until it is ready. */
    Running begin(List<String> command) throws IOException {
        return new Running(builder(command).start());
    }

    /** A DHT on loopback. */
    Running dht(boolean java) throws IOException {
        return begin(of(java, "dht.js", "LocalDht", "--nodes=" + DHT_NODES));
    }

    /** Runs a process to its end. Returns the line it says. */
    JsonNode run(List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("bench-", ".json");
        try {
            Process process = builder(command).redirectOutput(out.toFile()).start();
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                process.destroyForcibly().onExit().join();
                throw new IllegalStateException("took more than " + PATIENCE_S + " s: " + command);
            }
            if (process.exitValue() != 0) {
                throw new IllegalStateException("failed with " + process.exitValue() + ": " + command);
            }
            return JSON.readTree(Files.readString(out));
        } finally {
            Files.delete(out);
        }
    }

    /** A core goes from one process to another: over TCP, or, with the port of a DHT's first node, over the swarm. */
    Row.Sample replication(boolean javaSource, boolean javaSink, int mib, int bootstrap) throws Exception {
        String size = "--mib=" + mib;
        String swarm = "--bootstrap=" + bootstrap;
        try (Running source = begin(of(javaSource, "source.js", "Source", size, swarm))) {
            String key = "--key=" + source.ready().get("key").asString();
            String port = "--port=" + source.ready().get("port").asInt();
            String blocks = "--blocks=" + mib * 16;
            JsonNode done = run(of(javaSink, "sink.js", "Sink", key, port, blocks, swarm));
            double cpuMs =
                    done.get("cpuMs").asDouble() + source.leave().get("cpuMs").asDouble();
            return new Row.Sample(done.get("ms").asDouble(), cpuMs, (long) mib << 20);
        }
    }

    /** Bytes go from one process to another. */
    Row.Sample transfer(String script, String type, boolean javaSource, boolean javaSink, int mib, String... more)
            throws Exception {
        List<String> options = new ArrayList<>(Arrays.asList(more));
        options.add("--mib=" + mib);
        options.add("--role=sink");
        try (Running sink = begin(of(javaSink, script, type, options.toArray(String[]::new)))) {
            options.removeLast();
            options.add("--role=source");
            options.add("--port=" + sink.ready().get("port").asInt());
            JsonNode source = run(of(javaSource, script, type, options.toArray(String[]::new)));
            JsonNode done = sink.read();
            double cpuMs = done.get("cpuMs").asDouble() + source.get("cpuMs").asDouble();
            return new Row.Sample(
                    done.get("ms").asDouble(), cpuMs, done.get("bytes").asDouble());
        }
    }
}
