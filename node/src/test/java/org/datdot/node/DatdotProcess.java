package org.datdot.node;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code datdot} as a process of its own, with the classes under test. Waits are for what the process prints or for its end; all have a
 * limit and fail with everything it has printed.
 */
final class DatdotProcess implements AutoCloseable {
    /** Generous: the machine may be busy. */
    static final long LIMIT_SECONDS = 120;

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final List<String> arguments;
    private final Process process;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition printed = lock.newCondition();
    private final List<String> out = new ArrayList<>();
    private final List<String> err = new ArrayList<>();
    private final List<Thread> readers;

    private DatdotProcess(List<String> arguments, Process process) {
        this.arguments = arguments;
        this.process = process;
        this.readers = List.of(
                Thread.startVirtualThread(() -> read(process.inputReader(), out)),
                Thread.startVirtualThread(() -> read(process.errorReader(), err)));
    }

    /** How a process ended, and all it printed. */
    record Ended(int code, String out, String err) {
        JsonNode json() {
            return MAPPER.readTree(out);
        }
    }

    /**
     * Starts a command.
     *
     * @param home the person's folder
     * @param network the ledger to talk to, or null for none that answers
     * @param arguments the command and its options
     */
    static DatdotProcess start(Path home, @Nullable URI network, String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--home", home.toString()));
        if (network != null) {
            all.addAll(List.of("--network", network.toString()));
        }
        return start(List.of(), all);
    }

    /** Starts a command by way of another program, as {@code unshare}. */
    static DatdotProcess start(List<String> wrapper, List<String> arguments) {
        List<String> line = new ArrayList<>(wrapper);
        line.addAll(java());
        line.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().remove("DATDOT_HOME");
        builder.environment().remove("DATDOT_NETWORK");
        builder.environment().remove("DATDOT_BOOTSTRAP");
        try {
            return new DatdotProcess(arguments, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command to its end. */
    static Ended run(Path home, @Nullable URI network, String... arguments) throws InterruptedException {
        try (DatdotProcess process = start(home, network, arguments)) {
            return process.ended();
        }
    }

    /** The beginning of every command line: this JVM's java, our classes, our main class. */
    static List<String> java() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath(),
                OfflineMain.class.getName());
    }

    /** A launcher may load the tests with a class loader of its own; what that one has is what we need. */
    private static String classPath() {
        if (Main.class.getClassLoader() instanceof URLClassLoader loader) {
            return Arrays.stream(loader.getURLs())
                    .map(DatdotProcess::path)
                    .collect(Collectors.joining(File.pathSeparator));
        }
        return System.getProperty("java.class.path");
    }

    private static String path(URL url) {
        return Path.of(URI.create(url.toString())).toString();
    }

    private void read(BufferedReader reader, List<String> lines) {
        try (reader) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                add(lines, line);
            }
        } catch (IOException e) {
            add(err, "(the stream ended: " + e.getMessage() + ")"); // the process was killed
        }
    }

    private void add(List<String> lines, String line) {
        lock.lock();
        try {
            lines.add(line);
            printed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The first line on standard output that contains a text. */
    String awaitLine(String part) throws InterruptedException {
        Predicate<String> fits = line -> line.contains(part);
        return await(
                "a line with '" + part + "'",
                lines -> lines.stream().filter(fits).findFirst().orElse(null));
    }

    /** The JSON object on standard output's first line. */
    JsonNode awaitJson() throws InterruptedException {
        return await("a JSON object", DatdotProcess::json);
    }

    private static @Nullable JsonNode json(List<String> lines) {
        return lines.isEmpty() ? null : MAPPER.readTree(lines.getFirst());
    }

    private <T> T await(String what, Function<List<String>, @Nullable T> look) throws InterruptedException {
        long left = TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        boolean ended = false;
        lock.lock();
        try {
            while (true) {
                T found = look.apply(out);
                if (found != null) {
                    return found;
                }
                if (ended || left <= 0) {
                    throw new AssertionError("no " + what + " from " + this);
                }
                ended = readers.stream().noneMatch(Thread::isAlive); // then one more look
                if (!ended) {
                    // the end of a stream does not signal: look now and then
                    left -= Math.min(
                            left, TimeUnit.SECONDS.toNanos(1) - Math.max(0, printed.awaitNanos(1_000_000_000L)));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the end. */
    Ended ended() throws InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("does not end: " + this);
        }
        for (Thread reader : readers) {
            reader.join();
        }
        return new Ended(process.exitValue(), String.join("\n", out), String.join("\n", err));
    }

    /** Asks it to end with SIGTERM, and waits for the end. */
    Ended terminate() throws InterruptedException {
        process.destroy();
        return ended();
    }

    /** Ends it with SIGKILL: it gets no chance to tidy up. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("survives SIGKILL: " + this);
        }
    }

    boolean alive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    @Override
    public String toString() {
        lock.lock();
        try {
            return "datdot " + String.join(" ", arguments) + " (" + (process.isAlive() ? "running" : "ended") + ")\n"
                    + String.join("\n", out) + "\n" + String.join("\n", err);
        } finally {
            lock.unlock();
        }
    }
}
