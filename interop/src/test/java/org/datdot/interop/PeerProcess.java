package org.datdot.interop;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A process that speaks the vocabulary of interop/README.md: {@code datdot peer} or {@code node/peer.js}. Requests of several threads run side by
 * side in it. Closing kills it.
 */
final class PeerProcess implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Which of the two. */
    enum Kind {
        NODE,
        JAVA
    }

    /** An answer that was an error. */
    static final class Refused extends RuntimeException {
        final String code;

        Refused(String who, String request, JsonNode error) {
            super(who + " to " + request + ": " + error.path("message").asString());
            code = error.path("code").asString();
        }
    }

    private record Waiter(String request, CompletableFuture<JsonNode> answer) {}

    final Kind kind;
    private final Process process;
    private final BufferedWriter input;
    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, Waiter> waiting = new ConcurrentHashMap<>();
    private final List<String> errors = new ArrayList<>();

    private PeerProcess(Kind kind, ProcessBuilder builder) {
        this.kind = kind;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + builder.command().getFirst(), e);
        }
        input = process.outputWriter(StandardCharsets.UTF_8);
        Thread.ofVirtual().name(kind + "-out").start(this::readAnswers);
        Thread.ofVirtual().name(kind + "-err").start(this::readErrors);
    }

    static PeerProcess start(Kind kind) {
        return kind == Kind.NODE ? node() : java();
    }

    private static PeerProcess node() {
        Path folder = NodeProcess.moduleFolder();
        ProcessBuilder builder =
                new ProcessBuilder("node", folder.resolve("node/peer.js").toString());
        builder.environment().put("NODE_PATH", folder.resolve("node_modules").toString());
        return new PeerProcess(Kind.NODE, builder);
    }

    private static PeerProcess java() {
        return new PeerProcess(
                Kind.JAVA,
                new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx384m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DatdotMain.class.getName(),
                        "peer"));
    }

    private void readAnswers() {
        String end = "its output ended";
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode answer = JSON.readTree(line);
                @Nullable Waiter waiter = waiting.remove(answer.path("id").asLong(-1));
                if (waiter == null) throw new IllegalStateException("an answer to nothing: " + line);
                if (answer.has("error")) {
                    waiter.answer()
                            .completeExceptionally(
                                    new Refused(kind.name(), shorten(waiter.request()), answer.path("error")));
                } else {
                    waiter.answer().complete(answer);
                }
            }
        } catch (IOException | RuntimeException e) {
            end = e.toString();
        }
        String why = kind + " has gone (" + end + "): " + errorText();
        waiting.values().forEach(waiter -> waiter.answer().completeExceptionally(new IllegalStateException(why)));
    }

    private void readErrors() {
        try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (errors) {
                    errors.add(line);
                }
            }
        } catch (IOException e) {
            synchronized (errors) {
                errors.add(e.toString());
            }
        }
    }

    String errorText() {
        synchronized (errors) {
            return String.join("\n", errors);
        }
    }

    private static String shorten(String request) {
        return request.length() <= 300 ? request : request.substring(0, 300) + "…";
    }

    /** Sends a request: names and values in turn, bytes as hex. */
    CompletableFuture<JsonNode> send(String operation, Object... fields) {
        long id = ids.incrementAndGet();
        Map<String, Object> request = object(fields);
        request.put("id", id);
        request.put("op", operation);
        return sendLine(id, JSON.writeValueAsString(request));
    }

    /** Sends a line as it is, its answer being the one with this id. */
    CompletableFuture<JsonNode> sendLine(long id, String line) {
        Waiter waiter = new Waiter(line, new CompletableFuture<>());
        waiting.put(id, waiter);
        try {
            synchronized (input) {
                input.write(line);
                input.newLine();
                input.flush();
            }
        } catch (IOException e) {
            waiting.remove(id);
            throw new UncheckedIOException(kind + " has gone: " + errorText(), e);
        }
        return waiter.answer();
    }

    /** An object of names and values in turn, bytes as hex. */
    static Map<String, Object> object(Object... fields) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            Object value =
                    fields[i + 1] instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : fields[i + 1];
            object.put((String) fields[i], value);
        }
        return object;
    }

    /** Sends a request and waits for its answer; an error becomes {@link Refused}. */
    JsonNode ask(String operation, Object... fields) {
        return await(operation, send(operation, fields));
    }

    JsonNode await(String what, CompletableFuture<JsonNode> answer) {
        try {
            return answer.orTimeout(Waiting.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Refused refused) throw refused;
            if (e.getCause() instanceof TimeoutException) {
                throw new AssertionError(kind + " did not answer " + what + "; its errors: " + errorText(), e);
            }
            throw e;
        }
    }

    /** Opens a store without fsync; its handle. */
    String open(Path folder, byte[] primaryKey) {
        return kind == Kind.NODE
                ? ask("open", "path", folder.toString(), "primaryKey", primaryKey)
                        .path("store")
                        .asString()
                : ask("open", "path", folder.toString(), "primaryKey", primaryKey, "sync", false)
                        .path("store")
                        .asString();
    }

    void closeHandle(String handle) {
        ask("close", "handle", handle);
    }

    long pid() {
        return process.pid();
    }

    /** Ends its input and waits until it has closed what was open and left; its exit code. */
    int finish() {
        try {
            input.close();
            if (!process.waitFor(Waiting.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(kind + " did not end; its errors: " + errorText());
            }
            return process.exitValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        kill();
    }

    /** SIGKILL; it has gone when this returns. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
