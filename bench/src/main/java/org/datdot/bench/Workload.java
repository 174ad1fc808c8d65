package org.datdot.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** What every measured process shares; the twin of {@code bench/node/common.js}, with the same options, payload and output. */
final class Workload {
    private final Map<String, String> options = new HashMap<>();

    Workload(String[] arguments) {
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (!argument.startsWith("--") || equals < 0) {
                throw new IllegalArgumentException("expected --name=value, found " + argument);
            }
            options.put(argument.substring(2, equals), argument.substring(equals + 1));
        }
    }

    int number(String name, int otherwise) {
        return Integer.parseInt(options.getOrDefault(name, Integer.toString(otherwise)));
    }

    String text(String name, String otherwise) {
        return options.getOrDefault(name, otherwise);
    }

    /** Block {@code index} of a benchmark's core: xorshift noise with the index in front. */
    static byte[] block(int index, int size) {
        byte[] block = new byte[size];
        int x = 1;
        for (int i = 0; i + 4 <= size; i += 4) {
            x ^= x << 13;
            x ^= x >>> 17;
            x ^= x << 5;
            putInt(block, i, x);
        }
        if (size >= 4) {
            putInt(block, 0, index);
        }
        return block;
    }

    /** The index in front of a block. */
    static int index(byte[] block) {
        return (block[0] & 0xff) | (block[1] & 0xff) << 8 | (block[2] & 0xff) << 16 | (block[3] & 0xff) << 24;
    }

    /** The {@code i}-th of {@code count} numbers in an order that looks like chance and holds each of them once. */
    static int shuffled(int i, int count) {
        return (int) ((i * 7919L + 31) % count);
    }

    private static void putInt(byte[] block, int at, int value) {
        for (int i = 0; i < 4; i++) {
            block[at + i] = (byte) (value >>> (8 * i));
        }
    }

    /** A folder of its own, removed when {@code work} has ended. */
    static void inFolder(FolderWork work) throws Exception {
        String base = System.getenv("BENCH_TMP");
        Path folder =
                base == null ? Files.createTempDirectory("bench-") : Files.createTempDirectory(Path.of(base), "bench-");
        try {
            work.run(folder);
        } finally {
            try (Stream<Path> all = Files.walk(folder)) {
                all.sorted(Comparator.reverseOrder()).forEach(Workload::delete);
            }
        }
    }

    private static void delete(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Work that needs a folder. */
    interface FolderWork {
        void run(Path folder) throws Exception;
    }

    /** Work to be timed. */
    interface Work {
        void run() throws Exception;
    }

    /** Wall and processor time of some work. */
    record Cost(double ms, double cpuMs) {
        static Cost of(Work work) throws Exception {
            long cpu = cpuNs();
            long began = System.nanoTime();
            work.run();
            return new Cost((System.nanoTime() - began) / 1e6, (cpuNs() - cpu) / 1e6);
        }

        void printOperations(long operations) {
            System.out.println("{\"operations\":" + operations + ",\"ms\":" + ms + ",\"cpuMs\":" + cpuMs + "}");
        }

        void print(long blocks, long bytes) {
            System.out.println(
                    "{\"blocks\":" + blocks + ",\"bytes\":" + bytes + ",\"ms\":" + ms + ",\"cpuMs\":" + cpuMs + "}");
        }
    }

    /** User and system time of this process, all threads and the JVM's own included. */
    static long cpuNs() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
