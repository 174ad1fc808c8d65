package org.datdot.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One run of {@code datdot peer}: reads requests, lets each run on a thread of its own, prints its answer when it is done.
 * An answer carries the request's "id"; a request that depends on another is sent after that one's answer.
 */
final class PeerSession implements AutoCloseable {
    /** An operation of the vocabulary. */
    @FunctionalInterface
    interface Operation {
        Map<String, @Nullable Object> run(PeerRequest request) throws Exception;
    }

    private record Known(List<String> fields, Operation operation) {}

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Consumer<String> out;
    private final Map<String, Known> operations = new LinkedHashMap<>();
    private final PeerHandles handles = new PeerHandles();
    /** The requests that were not answered yet, and one for the session. */
    private final Phaser inFlight = new Phaser(1);

    private final ExecutorService running = Executors.newVirtualThreadPerTaskExecutor();

    PeerSession(Consumer<String> out) {
        this.out = out;
        register("hello", List.of(), _ -> hello());
        register("close", List.of("handle"), request -> handles.close(request.text("handle")));
        new PeerCores(handles).register(this);
        new PeerLinks(handles).register(this);
        new PeerBees(handles).register(this);
        new PeerDrives(handles).register(this);
    }

    void register(String name, List<String> fields, Operation operation) {
        operations.put(name, new Known(fields, operation));
    }

    private static Map<String, @Nullable Object> hello() {
        return Json.object(
                "peer",
                "java",
                "version",
                Runtime.version().toString(),
                "features",
                List.of("core", "bee", "drive", "truncate", "seek"));
    }

    /** Answers requests until the input ends. */
    void serve(InputStream in) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String request = line;
                inFlight.register();
                var _ = running.submit(() -> answer(request));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(String line) {
        Object id = null;
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        try {
            JsonNode json = parse(line);
            id = json.path("id").isMissingNode() ? null : json.path("id");
            answer.put("id", id);
            answer.putAll(run(new PeerRequest(json)));
        } catch (Exception | StackOverflowError | OutOfMemoryError e) {
            answer.clear();
            answer.put("id", id);
            answer.put("error", error(e));
        }
        String text = JSON.writeValueAsString(answer);
        synchronized (out) {
            out.accept(text);
        }
        inFlight.arriveAndDeregister();
    }

    /** Returns when every request so far was answered. */
    void awaitIdle() {
        inFlight.arriveAndAwaitAdvance();
    }

    private static JsonNode parse(String line) {
        JsonNode json;
        try {
            json = JSON.readTree(line);
        } catch (JacksonException e) {
            throw new PeerRefusal("not JSON: " + e.getOriginalMessage());
        }
        if (!json.isObject()) throw new PeerRefusal("not a JSON object");
        return json;
    }

    private Map<String, @Nullable Object> run(PeerRequest request) throws Exception {
        String name = request.text("op");
        @Nullable Known known = operations.get(name);
        if (known == null) {
            throw new PeerRefusal("there is no operation \"" + name + "\", there are " + operations.keySet());
        }
        request.allow(known.fields());
        return known.operation().run(request);
    }

    private static Map<String, @Nullable Object> error(Throwable failure) {
        if (failure instanceof PeerRefusal refusal) {
            return Json.object("code", "bad-request", "message", String.valueOf(refusal.getMessage()));
        }
        return Json.object(
                "code",
                "failed",
                "message",
                String.valueOf(Failures.explain(failure).getMessage()));
    }

    /** Closes everything that is still open, what was opened last first; requests that wait for peers end with it. */
    @Override
    public void close() {
        running.shutdown();
        for (String name : handles.names()) {
            handles.close(name);
        }
        running.shutdownNow();
    }
}
