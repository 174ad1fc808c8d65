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
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Runs each measurement with the stock packages and with ours, in turn, several times, and prints one table: medians and the median of the ratios
 * pair by pair. Machines are noisy: only the ratios mean something. {@code bench/run} starts it.
 */
final class SideBySide {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_S = 600;
    private static final int IDLE_CONNECTIONS = 200;

    private final Path root;
    private final int rounds;
    private final int mib;
    private final String only;

    private SideBySide(Workload workload) {
        this.root = Path.of(workload.text("root", "."));
        this.rounds = workload.number("rounds", 5);
        this.mib = workload.number("mib", 256);
        this.only = workload.text("only", "");
    }

    public static void main(String[] arguments) throws Exception {
        SideBySide bench = new SideBySide(new Workload(arguments));
        System.out.println(Row.HEAD);
        bench.log();
        bench.uncheckedGets();
        bench.structures();
        bench.transfers();
        bench.idle();
    }

    private void log() throws Exception {
        String size = "--mib=" + mib;
        // A thousand times the work of a small block is in its bookkeeping: less of them.
        String small = "--mib=" + Math.max(1, mib / 16);
        String few = "--mib=" + Math.max(1, mib / 128);
        Row.Unit bytes = Row.Unit.MEGABYTES;
        pair("append 64 KiB × 16, no fsync", bytes, 3, "append.js", "Append", size, "--batch=16", "--warm=64");
        pair("append 64 KiB × 1, no fsync", bytes, 3, "append.js", "Append", size, "--batch=1", "--warm=1000");
        pair(
                "append 100 B × 100, no fsync",
                bytes,
                4,
                "append.js",
                "Append",
                small,
                "--block=100",
                "--batch=100",
                "--warm=400");
        pair(
                "append 100 B × 1, no fsync",
                bytes,
                3,
                "append.js",
                "Append",
                few,
                "--block=100",
                "--batch=1",
                "--warm=5000");
        List<String> synced = List.of("--sync=true");
        pair(
                "append 64 KiB × 16, ours with fsync",
                bytes,
                1,
                "append.js",
                "Append",
                synced,
                List.of(size, "--batch=16", "--warm=64"));
        pair("get 64 KiB sequential", bytes, 4, "get.js", "Get", size);
        pair("get 64 KiB random", bytes, 4, "get.js", "Get", size, "--order=random");
    }

    private void uncheckedGets() throws Exception {
        List<String> unchecked = List.of("--check=false");
        Row.Unit bytes = Row.Unit.MEGABYTES;
        String size = "--mib=" + mib;
        pair("get 64 KiB sequential, ours unchecked", bytes, 0, "get.js", "Get", unchecked, List.of(size));
        List<String> random = List.of(size, "--order=random");
        pair("get 64 KiB random, ours unchecked", bytes, 0, "get.js", "Get", unchecked, random);
    }

    private void structures() throws Exception {
        Row.Unit operations = Row.Unit.OPERATIONS;
        pair("bee batch put, 1,000 a batch", operations, 4, "bee.js", "Bee", "--mode=put", "--warm=10");
        pair("bee random get", operations, 4, "bee.js", "Bee", "--mode=get", "--entries=50000");
        pair("drive put 1 KiB files", operations, 4, "drive.js", "Drive", "--mode=put", "--warm=1000");
        pair(
                "drive put 1 KiB files × 100",
                operations,
                4,
                "drive.js",
                "Drive",
                "--mode=put",
                "--batch=100",
                "--warm=1000");
        List<String> synced = List.of("--sync=true");
        pair(
                "drive put 1 KiB files × 100, ours with fsync",
                operations,
                0,
                "drive.js",
                "Drive",
                synced,
                List.of("--mode=put", "--batch=100", "--warm=1000"));
        pair("drive get 1 KiB files", operations, 4, "drive.js", "Drive", "--mode=get");
    }

    private void transfers() throws Exception {
        pairs("raw TCP", 0, (ours, theirs) -> transfer("stream.js", "StreamBench", ours, theirs, "--kind=tcp"), false);
        pairs(
                "raw secret-stream over TCP",
                0,
                (ours, theirs) -> transfer("stream.js", "StreamBench", ours, theirs, "--kind=secret"),
                true);
        pairs("replicate over TCP", 4, this::replication, true);
        pairs("raw UDP", 0, (ours, theirs) -> transfer("udp.js", "UdpBench", ours, theirs), false);
        pairs("one UDX stream", 3, (ours, theirs) -> transfer("udx.js", "UdxBench", ours, theirs), true);
    }

    /** Two processes; which of them are ours. */
    private interface Transfer {
        Row.Sample run(boolean javaSource, boolean javaSink) throws Exception;
    }

    private void pairs(String title, double target, Transfer transfer, boolean mixed) throws Exception {
        if (!title.contains(only)) {
            return;
        }
        List<Row.Sample> stock = new ArrayList<>();
        List<Row.Sample> datdot = new ArrayList<>();
        List<Row.Sample> fromNode = new ArrayList<>();
        List<Row.Sample> toNode = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            stock.add(transfer.run(false, false));
            datdot.add(transfer.run(true, true));
            if (mixed) {
                fromNode.add(transfer.run(false, true));
                toNode.add(transfer.run(true, false));
            }
        }
        print(new Row(title + ", both sides", Row.Unit.MEGABYTES, target, stock, datdot));
        if (mixed) {
            print(new Row(title + ", stock to DatDot", Row.Unit.MEGABYTES, 0, stock, fromNode));
            print(new Row(title + ", DatDot to stock", Row.Unit.MEGABYTES, 0, stock, toNode));
        }
    }

    private void pair(String title, Row.Unit unit, double target, String script, String type, String... options)
            throws Exception {
        pair(title, unit, target, script, type, List.of(), Arrays.asList(options));
    }

    private void pair(
            String title,
            Row.Unit unit,
            double target,
            String script,
            String type,
            List<String> ours,
            List<String> options)
            throws Exception {
        if (!title.contains(only)) {
            return;
        }
        Function<JsonNode, Row.Sample> sample =
                unit == Row.Unit.OPERATIONS ? Row.Sample::operations : Row.Sample::bytes;
        List<Row.Sample> stock = new ArrayList<>();
        List<Row.Sample> datdot = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            stock.add(sample.apply(run(node(script, options.toArray(String[]::new)))));
            List<String> both = new ArrayList<>(options);
            both.addAll(ours);
            datdot.add(sample.apply(run(java(type, both.toArray(String[]::new)))));
        }
        print(new Row(title, unit, target, stock, datdot));
    }

    private static void print(Row row) {
        System.out.println(row.line());
    }

    private Row.Sample replication(boolean javaSource, boolean javaSink) throws Exception {
        String size = "--mib=" + mib;
        Process source = start(javaSource ? java("Source", size) : node("source.js", size));
        try (BufferedReader lines = source.inputReader(StandardCharsets.UTF_8)) {
            JsonNode ready = JSON.readTree(lines.readLine());
            String[] options = {
                "--key=" + ready.get("key").asString(),
                "--port=" + ready.get("port").asInt(),
                "--blocks=" + mib * 16
            };
            JsonNode done = run(javaSink ? java("Sink", options) : node("sink.js", options));
            source.getOutputStream().close();
            JsonNode left = JSON.readTree(lines.readLine());
            double cpuMs = done.get("cpuMs").asDouble() + left.get("cpuMs").asDouble();
            return new Row.Sample(done.get("ms").asDouble(), cpuMs, (long) mib << 20);
        } finally {
            source.destroyForcibly().onExit().join();
        }
    }

    private Row.Sample transfer(String script, String type, boolean javaSource, boolean javaSink, String... more)
            throws Exception {
        List<String> options = new ArrayList<>(Arrays.asList(more));
        options.add("--mib=" + mib);
        options.add("--role=sink");
        String[] sinkOptions = options.toArray(String[]::new);
        Process sink = start(javaSink ? java(type, sinkOptions) : node(script, sinkOptions));
        try (BufferedReader lines = sink.inputReader(StandardCharsets.UTF_8)) {
            options.removeLast();
            options.add("--role=source");
            options.add("--port=" + JSON.readTree(lines.readLine()).get("port").asInt());
            String[] sourceOptions = options.toArray(String[]::new);
            JsonNode source = run(javaSource ? java(type, sourceOptions) : node(script, sourceOptions));
            JsonNode done = JSON.readTree(lines.readLine());
            double cpuMs = done.get("cpuMs").asDouble() + source.get("cpuMs").asDouble();
            return new Row.Sample(
                    done.get("ms").asDouble(), cpuMs, done.get("bytes").asDouble());
        } finally {
            sink.destroyForcibly().onExit().join();
        }
    }

    /** Stock clients open connections to a server of either kind, which tells its memory with some and with many of them. */
    private void idle() throws Exception {
        String title = "memory of an idle replicating connection";
        if (!title.contains(only)) {
            return;
        }
        List<Row.Sample> stock = new ArrayList<>();
        List<Row.Sample> datdot = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            List<String> scripted = new ArrayList<>(node("idle.js"));
            scripted.add(1, "--expose-gc");
            stock.add(idle(scripted));
            List<String> small = java("Idle");
            // The heap begins at 1/64 of the machine's memory otherwise, and what was ever touched of it counts.
            small.add(1, "-Xms32m");
            datdot.add(idle(small));
        }
        print(new Row(title, Row.Unit.KIBIBYTES, 2, stock, datdot));
    }

    private Row.Sample idle(List<String> command) throws Exception {
        Process server = start(command);
        List<Process> clients = new ArrayList<>();
        try (BufferedReader lines = server.inputReader(StandardCharsets.UTF_8);
                Writer ask = server.outputWriter(StandardCharsets.UTF_8)) {
            JsonNode ready = JSON.readTree(lines.readLine());
            double[] rss = new double[2];
            for (int i = 0; i < 2; i++) {
                Process client = start(node(
                        "idle.js",
                        "--role=client",
                        "--key=" + ready.get("key").asString(),
                        "--port=" + ready.get("port").asInt(),
                        "--connections=" + IDLE_CONNECTIONS));
                clients.add(client);
                JSON.readTree(client.inputReader(StandardCharsets.UTF_8).readLine());
                ask.write("\n");
                ask.flush();
                JsonNode memory = JSON.readTree(lines.readLine());
                if (memory.get("peers").asInt() != (i + 1) * IDLE_CONNECTIONS) {
                    throw new IllegalStateException("the server has " + memory.get("peers") + " peers");
                }
                rss[i] = memory.get("rss").asDouble();
            }
            return new Row.Sample(1, 0, (rss[1] - rss[0]) / IDLE_CONNECTIONS / 1024);
        } finally {
            for (Process client : clients) {
                client.destroyForcibly().onExit().join();
            }
            server.destroyForcibly().onExit().join();
        }
    }

    private List<String> node(String script, String... options) {
        List<String> command = new ArrayList<>(
                List.of("node", root.resolve("bench/node/" + script).toString()));
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

    private Process start(List<String> command) throws IOException {
        return builder(command).start();
    }

    private JsonNode run(List<String> command) throws IOException, InterruptedException {
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
}
