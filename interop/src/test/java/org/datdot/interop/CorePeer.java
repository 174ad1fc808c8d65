package org.datdot.interop;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.datdot.crypto.CoreKey;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A stock corestore in its own process: interop/node/core-peer.js, where the commands are described. */
final class CorePeer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final NodeProcess process;

    CorePeer(Path directory) {
        process = NodeProcess.start("core-peer.js", directory.toString());
        if (!process.next().path("event").asString().equals("ready")) throw new AssertionError("no stock peer");
    }

    /** Runs a command; the arguments are names and values in turn. Fails when the command does. */
    JsonNode ask(String command, Object... arguments) {
        start(command, arguments);
        return answer();
    }

    /** Sends a command whose {@link #answer} is waited for later. */
    void start(String command, Object... arguments) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("cmd", command);
        for (int i = 0; i < arguments.length; i += 2) {
            Object value = arguments[i + 1];
            message.put((String) arguments[i], value instanceof CoreKey key ? key.hex() : value);
        }
        process.send(JSON.writeValueAsString(message));
    }

    /** The next answer. Lost connections are part of some tests and not answers. */
    JsonNode answer() {
        while (true) {
            JsonNode answer = process.next();
            String event = answer.path("event").asString();
            if (event.equals("error")) throw new AssertionError("the stock peer: " + answer);
            if (!event.equals("lost")) return answer;
        }
    }

    int listen() {
        return ask("listen").path("port").asInt();
    }

    void connect(int port) {
        ask("connect", "port", port);
    }

    /** Appends made-up blocks to the core of a name; its key. */
    CoreKey write(String name, int count, int sizeBytes) {
        String hex = ask("write", "name", name, "count", count, "size", sizeBytes)
                .path("key")
                .asString();
        return new CoreKey(HexFormat.of().parseHex(hex));
    }

    void waitLength(CoreKey key, long length) {
        ask("waitLength", "key", key, "length", length);
    }

    void download(CoreKey key, long start, long end) {
        ask("download", "key", key, "start", start, "end", end);
    }

    /** SHA-256 over blocks, all of which must be there. */
    String digest(CoreKey key, long start, long end) {
        return ask("digest", "key", key, "start", start, "end", end)
                .path("sha256")
                .asString();
    }

    JsonNode status(CoreKey key) {
        return ask("status", "key", key);
    }

    /** Closes its store in good order and waits for the process. */
    void stop() {
        JsonNode answer = ask("stop");
        if (!answer.path("event").asString().equals("stopped")) throw new AssertionError("not stopped: " + answer);
        process.finish();
    }

    @Override
    public void close() {
        process.close();
    }
}
