package org.datdot.chain;

import org.datdot.crypto.Hash;
import org.datdot.crypto.Signature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A header as Substrate's JSON-RPC writes it, number in hex and the digest, with the fields of a {@link Header} besides. */
final class HeaderJson {
    private HeaderJson() {}

    static JsonNode of(Header header) {
        ObjectNode out = JsonNodeFactory.instance
                .objectNode()
                .put("parentHash", RpcParams.hex(header.parentHash().bytes()))
                .put("number", "0x" + Long.toHexString(header.number()))
                .put("stateRoot", RpcParams.hex(header.stateRoot().bytes()))
                .put("extrinsicsRoot", RpcParams.hex(header.extrinsicsRoot().bytes()))
                .put("timestampMs", header.timestampMs())
                .put("entropy", RpcParams.hex(header.entropy().bytes()))
                .put("entropySignature", RpcParams.hex(header.entropySignature().bytes()))
                .put("signature", RpcParams.hex(header.signature().bytes()));
        ArrayNode logs = out.putObject("digest").putArray("logs");
        header.digest().forEach(item -> logs.add(RpcParams.hex(item)));
        return out;
    }

    /**
     * Reads a header.
     *
     * @throws IllegalArgumentException when a field is missing or malformed
     */
    static Header parse(JsonNode json) {
        String number = json.path("number").asString("");
        if (!number.startsWith("0x") || !json.path("timestampMs").canConvertToLong()) {
            throw new IllegalArgumentException("this is no header of a DatDot chain: " + json);
        }
        return new Header(
                hash(json, "parentHash"),
                Long.parseLong(number, 2, number.length(), 16),
                json.path("timestampMs").asLong(),
                hash(json, "stateRoot"),
                hash(json, "extrinsicsRoot"),
                hash(json, "entropy"),
                new Signature(RpcParams.bytes(json.path("entropySignature").asString(""))),
                new Signature(RpcParams.bytes(json.path("signature").asString(""))));
    }

    private static Hash hash(JsonNode json, String field) {
        return new Hash(RpcParams.bytes(json.path(field).asString("")));
    }
}
