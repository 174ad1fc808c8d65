package org.datdot.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * Runs each measurement with the stock packages and with ours, in turn, several times, and prints one table: medians and the median of the ratios
 * pair by pair. Machines are noisy: only the ratios mean something. {@code bench/run} starts it.
 */
final class SideBySide {
    private static final int IDLE_CONNECTIONS = 200;

    private final Sides sides;
    private final int rounds;
    private final int mib;
    private final String only;
    private final int held;
    private final int heldSeconds;

    private SideBySide(Workload workload) {
        this.sides = new Sides(Path.of(workload.text("root", ".")));
        this.rounds = workload.number("rounds", 5);
        this.mib = workload.number("mib", 256);
        this.only = workload.text("only", "");
        this.held = workload.number("held", 10_000);
        this.heldSeconds = workload.number("seconds", 600);
    }

    public static void main(String[] arguments) throws Exception {
        SideBySide bench = new SideBySide(new Workload(arguments));
        System.out.println(Row.HEAD);
        bench.log();
        bench.uncheckedGets();
        bench.structures();
        bench.transfers();
        bench.network();
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
        pairs("replicate over TCP", 4, (ours, theirs) -> sides.replication(ours, theirs, mib, 0), true);
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
            stock.add(sample.apply(sides.run(sides.of(false, script, type, options.toArray(String[]::new)))));
            List<String> both = new ArrayList<>(options);
            both.addAll(ours);
            datdot.add(sample.apply(sides.run(sides.of(true, script, type, both.toArray(String[]::new)))));
        }
        print(new Row(title, unit, target, stock, datdot));
    }

    private static void print(Row row) {
        System.out.println(row.line());
    }

    /** Through the DHT, and many connections. */
    private void network() throws Exception {
        pairs("replicate over the swarm", 3, this::swarmReplication, true);
        rows("connect by key, 20 stock nodes", Row.Unit.MILLISECONDS, 1, java -> connects(false, java));
        rows("connect by key, 20 nodes of its own kind", Row.Unit.MILLISECONDS, 1, java -> connects(java, java));
        Connections connections = new Connections(sides);
        rows(
                "memory of an idle replicating connection",
                Row.Unit.KIBIBYTES,
                2,
                java -> connections.memory(java, IDLE_CONNECTIONS));
        rows(
                "memory of an idle replicating connection over UDX, of 500",
                Row.Unit.KIBIBYTES,
                2,
                java -> connections.overUdx(java, 250));
        if (only.equals("connections held")) {
            System.out.println(Connections.HELD_HEAD);
            System.out.println(connections.held(false, held, heldSeconds));
            System.out.println(connections.held(true, held, heldSeconds));
        }
    }

    private Row.Sample swarmReplication(boolean javaSource, boolean javaSink) throws Exception {
        try (Sides.Running dht = sides.dht(false)) {
            return sides.replication(
                    javaSource, javaSink, mib, dht.ready().get("port").asInt());
        }
    }

    private Row.Sample connects(boolean javaNodes, boolean java) throws Exception {
        try (Sides.Running dht = sides.dht(javaNodes)) {
            String bootstrap = "--bootstrap=" + dht.ready().get("port").asInt();
            try (Sides.Running server = sides.begin(sides.of(java, "connect.js", "Connect", bootstrap))) {
                String key = "--key=" + server.ready().get("key").asString();
                JsonNode done = sides.run(sides.of(java, "connect.js", "Connect", "--role=client", bootstrap, key));
                return Row.Sample.operations(done);
            }
        }
    }

    private Row.Sample transfer(String script, String type, boolean javaSource, boolean javaSink, String... more)
            throws Exception {
        return sides.transfer(script, type, javaSource, javaSink, mib, more);
    }

    /** One run of a side. */
    private interface Run {
        Row.Sample of(boolean java) throws Exception;
    }

    private void rows(String title, Row.Unit unit, double target, Run run) throws Exception {
        if (!title.contains(only)) {
            return;
        }
        List<Row.Sample> stock = new ArrayList<>();
        List<Row.Sample> datdot = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            stock.add(run.of(false));
            datdot.add(run.of(true));
        }
        print(new Row(title, unit, target, stock, datdot));
    }
}
