package org.datdot.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Runs each measurement with the stock packages and with ours, in turn, several times, and prints one table: medians and the median of the ratios
 * pair by pair. Machines are noisy: only the ratios mean something. {@code bench/run} starts it.
 */
final class SideBySide {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_S = 600;

    private final Path root;
    private final int rounds;
    private final int mib;

    private SideBySide(Path root, int rounds, int mib) {
        this.root = root;
        this.rounds = rounds;
        this.mib = mib;
    }

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        SideBySide bench = new SideBySide(
                Path.of(workload.text("root", ".")), workload.number("rounds", 5), workload.number("mib", 256));
        System.out.println("| measurement | stock MB/s | DatDot MB/s | ratio | stock CPU ms/MiB | DatDot CPU ms/MiB |");
        System.out.println("|---|---|---|---|---|---|");
        bench.pair("append 64 KiB × 16, no fsync", "append.js", "Append", "--mib=" + bench.mib, "--batch=16");
        bench.pair("append 64 KiB × 1, no fsync", "append.js", "Append", "--mib=" + bench.mib, "--batch=1");
        bench.pair("append 100 B × 100, no fsync", "append.js", "Append", "--mib=8", "--block=100", "--batch=100");
        bench.pair(
                "append 64 KiB × 16, ours with fsync",
                "append.js",
                "Append",
                List.of("--sync=true"),
                "--mib=" + bench.mib,
                "--batch=16");
        bench.pair("get 64 KiB sequential", "get.js", "Get", "--mib=" + bench.mib);
        bench.pair("get 64 KiB random", "get.js", "Get", "--mib=" + bench.mib, "--order=random");
        bench.replication();
        bench.udx();
    }

    private void pair(String title, String script, String type, String... options) throws Exception {
        pair(title, script, type, List.of(), options);
    }

    private void pair(String title, String script, String type, List<String> ours, String... options) throws Exception {
        List<Sample> stock = new ArrayList<>();
        List<Sample> datdot = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            stock.add(Sample.of(run(node(script, options))));
            List<String> both = new ArrayList<>(Arrays.asList(options));
            both.addAll(ours);
            datdot.add(Sample.of(run(java(type, both.toArray(String[]::new)))));
        }
        row(title, stock, datdot);
    }

    private void replication() throws Exception {
        List<Sample> stock = new ArrayList<>();
        List<Sample> datdot = new ArrayList<>();
        List<Sample> fromNode = new ArrayList<>();
        List<Sample> toNode = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            stock.add(transfer(false, false));
            datdot.add(transfer(true, true));
            fromNode.add(transfer(false, true));
            toNode.add(transfer(true, false));
        }
        row("replicate over TCP, both sides", stock, datdot);
        row("replicate over TCP, stock to DatDot", stock, fromNode);
        row("replicate over TCP, DatDot to stock", stock, toNode);
    }

    private Sample transfer(boolean javaSource, boolean javaSink) throws Exception {
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
            return new Sample(done.get("ms").asDouble(), cpuMs, (long) mib << 20);
        } finally {
            source.destroyForcibly().onExit().join();
        }
    }

    private void udx() throws Exception {
        List<Sample> stock = new ArrayList<>();
        List<Sample> datdot = new ArrayList<>();
        List<Sample> fromNode = new ArrayList<>();
        List<Sample> toNode = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            stock.add(stream(false, false));
            datdot.add(stream(true, true));
            fromNode.add(stream(false, true));
            toNode.add(stream(true, false));
        }
        row("one UDX stream, both sides", stock, datdot);
        row("one UDX stream, stock to DatDot", stock, fromNode);
        row("one UDX stream, DatDot to stock", stock, toNode);
    }

    private Sample stream(boolean javaSource, boolean javaSink) throws Exception {
        Process sink = start(javaSink ? java("UdxBench", "--role=sink") : node("udx.js", "--role=sink"));
        try (BufferedReader lines = sink.inputReader(StandardCharsets.UTF_8)) {
            String[] options = {
                "--role=source",
                "--port=" + JSON.readTree(lines.readLine()).get("port").asInt(),
                "--mib=" + mib
            };
            JsonNode source = run(javaSource ? java("UdxBench", options) : node("udx.js", options));
            JsonNode done = JSON.readTree(lines.readLine());
            double cpuMs = done.get("cpuMs").asDouble() + source.get("cpuMs").asDouble();
            return new Sample(
                    done.get("ms").asDouble(), cpuMs, done.get("bytes").asLong());
        } finally {
            sink.destroyForcibly().onExit().join();
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
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "org.datdot.bench." + type));
        command.addAll(Arrays.asList(options));
        return command;
    }

    private Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment()
                .put(
                        "NODE_PATH",
                        root.resolve("interop/node_modules").toAbsolutePath().toString());
        return builder.start();
    }

    private JsonNode run(List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("bench-", ".json");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .redirectOutput(out.toFile());
            builder.environment()
                    .put(
                            "NODE_PATH",
                            root.resolve("interop/node_modules")
                                    .toAbsolutePath()
                                    .toString());
            Process process = builder.start();
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

    private static void row(String title, List<Sample> stock, List<Sample> datdot) {
        double[] ratios = new double[stock.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = datdot.get(i).megabytesPerSecond() / stock.get(i).megabytesPerSecond();
        }
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f | %.0f | %.2f× | %.2f | %.2f |%n",
                title,
                median(stock.stream().mapToDouble(Sample::megabytesPerSecond).toArray()),
                median(datdot.stream().mapToDouble(Sample::megabytesPerSecond).toArray()),
                median(ratios),
                median(stock.stream().mapToDouble(Sample::cpuMsPerMib).toArray()),
                median(datdot.stream().mapToDouble(Sample::cpuMsPerMib).toArray()));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** One run. */
    private record Sample(double ms, double cpuMs, long bytes) {
        static Sample of(JsonNode result) {
            return new Sample(
                    result.get("ms").asDouble(),
                    result.get("cpuMs").asDouble(),
                    result.get("bytes").asLong());
        }

        double megabytesPerSecond() {
            return bytes / 1e6 / ms * 1000;
        }

        double cpuMsPerMib() {
            return cpuMs / (bytes / 1048576.0);
        }
    }
}
