package org.datdot.chain;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.datdot.crypto.Hash;
import org.datdot.encoding.DecodingException;
import org.datdot.ledger.AccountId;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The positional parameters of a request. Bytes are hex with {@code 0x} in front, as everywhere in Substrate's JSON-RPC; whatever does not
 * fit is an {@link RpcException} naming the parameter.
 */
final class RpcParams {
    private static final HexFormat HEX = HexFormat.of();

    private final JsonNode params;

    RpcParams(JsonNode params, int most) {
        if (params.isObject()) {
            throw RpcException.invalidParams("expected a list of parameters, found an object");
        }
        if (params.size() > most) {
            throw RpcException.invalidParams("expected at most " + most + " parameters, found " + params.size());
        }
        this.params = params;
    }

    /** Bytes as text. */
    static String hex(byte[] bytes) {
        return "0x" + HEX.formatHex(bytes);
    }

    /** Text as bytes. */
    static byte[] bytes(String text) {
        if (!text.startsWith("0x")) {
            throw new IllegalArgumentException("expected hex digits with 0x in front");
        }
        return HEX.parseHex(text, 2, text.length());
    }

    /** Whether a parameter was given. */
    boolean has(int index) {
        JsonNode at = params.path(index);
        return !at.isMissingNode() && !at.isNull();
    }

    byte[] bytes(int index, String name) {
        return bytes(params.path(index), name);
    }

    private static byte[] bytes(JsonNode at, String name) {
        if (!at.isString()) {
            throw RpcException.invalidParams(name + " is a text of hex digits with 0x in front");
        }
        try {
            return bytes(at.asString());
        } catch (IllegalArgumentException e) {
            throw RpcException.invalidParams(name + ": " + e.getMessage());
        }
    }

    /** A list of byte strings. */
    List<byte[]> listOfBytes(int index, String name, int most) {
        JsonNode at = params.path(index);
        if (!at.isArray() || at.size() > most) {
            throw RpcException.invalidParams(name + " is a list of at most " + most + " hex texts");
        }
        List<byte[]> out = new ArrayList<>(at.size());
        for (JsonNode each : at) {
            out.add(bytes(each, name));
        }
        return out;
    }

    /** A hash, or null when none was given. */
    @Nullable
    Hash optionalHash(int index, String name) {
        if (!has(index)) {
            return null;
        }
        byte[] bytes = bytes(index, name);
        if (bytes.length != Hash.BYTES) {
            throw RpcException.invalidParams(name + " has 32 bytes, not " + bytes.length);
        }
        return new Hash(bytes);
    }

    /** A number of 0 to 2^63 - 1, as JSON number or as hex text, which is how Substrate writes block numbers. */
    long number(int index, String name) {
        JsonNode at = params.path(index);
        try {
            long value = at.isString() && at.asString().startsWith("0x")
                    ? Long.parseLong(at.asString(), 2, at.asString().length(), 16)
                    : at.isIntegralNumber() && at.canConvertToLong() ? at.longValue() : -1;
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw RpcException.invalidParams(name + " is a number, not " + at.asString());
        }
        throw RpcException.invalidParams(name + " is a number of at least 0");
    }

    String string(int index, String name) {
        JsonNode at = params.path(index);
        if (!at.isString()) {
            throw RpcException.invalidParams(name + " is a text");
        }
        return at.asString();
    }

    /** An account: its SS58 address, or its 32 bytes. */
    AccountId account(int index, String name) {
        String text = string(index, name);
        try {
            return text.startsWith("0x") ? new AccountId(bytes(text)) : AccountId.parse(text);
        } catch (IllegalArgumentException | DecodingException e) {
            throw RpcException.invalidParams(name + ": " + e.getMessage());
        }
    }
}
