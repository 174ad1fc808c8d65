package org.datdot.chain;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON-RPC 2.0 (jsonrpc.org/specification): text in, text out, for one request or a batch. Whatever comes in, what goes out is an
 * answer or nothing; no input makes it throw. Without I/O, safe for use by several threads.
 */
final class JsonRpc {
    /** An extrinsic of 1 MiB is 2 MiB of hex digits; there is room for a batch beside it. */
    static final int MAX_REQUEST_CHARACTERS = 4 << 20;

    private static final Logger LOG = System.getLogger(JsonRpc.class.getName());
    private static final int MAX_BATCH = 100;
    private static final int MAX_DEPTH = 32;
    private static final long MAX_BATCH_ANSWER_CHARACTERS = 32L << 20;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Reads and writes JSON within bounds; shared by server and client. */
    static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(32)
                            .maxNameLength(256)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** What a request can reach. */
    interface Methods {
        /**
         * Executes a call.
         *
         * @param params an array or an object, or a missing node when there are none
         * @param session the connection, or null where nothing can be sent beside answers
         * @throws RpcException to answer with an error
         */
        JsonNode call(String method, JsonNode params, @Nullable RpcSession session);
    }

    private final Methods methods;

    JsonRpc(Methods methods) {
        this.methods = methods;
    }

    /** The answer to a request or batch, or null when none is due. */
    @Nullable
    String answer(String text, @Nullable RpcSession session) {
        JsonNode request;
        try {
            request = MAPPER.readTree(text);
        } catch (JacksonException e) {
            return error(NODES.nullNode(), RpcException.PARSE_ERROR, "Parse error: " + e.getOriginalMessage(), "")
                    .toString();
        }
        if (request.isMissingNode()) {
            return error(NODES.nullNode(), RpcException.PARSE_ERROR, "Parse error: nothing to read", "")
                    .toString();
        }
        if (request.isArray()) {
            return answerBatch(request, session);
        }
        ObjectNode answer = answerOne(request, session);
        return answer == null ? null : answer.toString();
    }

    private @Nullable String answerBatch(JsonNode batch, @Nullable RpcSession session) {
        if (batch.isEmpty() || batch.size() > MAX_BATCH) {
            return error(
                            NODES.nullNode(),
                            RpcException.INVALID_REQUEST,
                            "Invalid request: a batch has 1 to " + MAX_BATCH + " requests, not " + batch.size(),
                            "")
                    .toString();
        }
        StringBuilder out = new StringBuilder();
        for (JsonNode request : batch) {
            ObjectNode answer = out.length() > MAX_BATCH_ANSWER_CHARACTERS
                    ? error(
                            id(request),
                            RpcException.LIMIT_EXCEEDED,
                            "the answer to this batch is too long; ask in smaller ones",
                            "")
                    : answerOne(request, session);
            if (answer != null) {
                out.append(out.isEmpty() ? "[" : ",").append(answer);
            }
        }
        return out.isEmpty() ? null : out.append(']').toString();
    }

    private @Nullable ObjectNode answerOne(JsonNode request, @Nullable RpcSession session) {
        JsonNode id = id(request);
        JsonNode method = request.path("method");
        JsonNode params = request.path("params");
        if (!request.isObject()
                || !method.isString()
                || !"2.0".equals(request.path("jsonrpc").asString(""))
                || !(params.isMissingNode() || params.isNull() || params.isArray() || params.isObject())
                || (request.path("id").isContainer() || request.path("id").isBoolean())) {
            return error(
                    id,
                    RpcException.INVALID_REQUEST,
                    "Invalid request: expected {\"jsonrpc\":\"2.0\",\"id\":…,\"method\":…,\"params\":[…]}",
                    "");
        }
        ObjectNode answer = call(id, method.asString(), params, session);
        // A request without an id wants no answer, not even an error.
        return request.has("id") ? answer : null;
    }

    private ObjectNode call(JsonNode id, String method, JsonNode params, @Nullable RpcSession session) {
        try {
            JsonNode result = methods.call(method, params, session);
            ObjectNode answer = NODES.objectNode().put("jsonrpc", "2.0");
            answer.set("id", id);
            answer.set("result", result);
            return answer;
        } catch (RpcException e) {
            return error(id, e.code(), String.valueOf(e.getMessage()), e.data());
        } catch (ChainException e) {
            // A state may be let go of while it is read.
            return e.kind() == ChainException.Kind.STATE_GONE
                    ? error(id, RpcException.STATE_DISCARDED, String.valueOf(e.getMessage()), "")
                    : failed(id, method, e);
        } catch (RuntimeException e) {
            return failed(id, method, e);
        }
    }

    private ObjectNode failed(JsonNode id, String method, RuntimeException e) {
        LOG.log(Level.WARNING, "the request " + method + " failed", e);
        return error(id, RpcException.INTERNAL_ERROR, "Internal error: the ledger's log says more", "");
    }

    /** A notification to a subscriber. */
    static String notification(String method, String subscription, JsonNode result) {
        ObjectNode params = NODES.objectNode().put("subscription", subscription);
        params.set("result", result);
        ObjectNode out = NODES.objectNode().put("jsonrpc", "2.0").put("method", method);
        out.set("params", params);
        return out.toString();
    }

    /** A request with positional parameters. */
    static String request(long id, String method, ArrayNode params) {
        ObjectNode out = NODES.objectNode().put("jsonrpc", "2.0").put("id", id).put("method", method);
        out.set("params", params);
        return out.toString();
    }

    private static JsonNode id(JsonNode request) {
        JsonNode id = request.path("id");
        return id.isString() || id.isNumber() ? id : NODES.nullNode();
    }

    private static ObjectNode error(JsonNode id, int code, String message, String data) {
        ObjectNode error = NODES.objectNode().put("code", code).put("message", message);
        if (!data.isEmpty()) {
            error.put("data", data);
        }
        ObjectNode answer = NODES.objectNode().put("jsonrpc", "2.0");
        answer.set("id", id);
        answer.set("error", error);
        return answer;
    }
}
