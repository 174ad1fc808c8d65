package org.datdot.node;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The fields of one request of {@code datdot peer}, read with a {@link PeerRefusal} for what is missing or of another type. */
final class PeerRequest {
    private static final String ID = "id";
    private static final String OPERATION = "op";

    private final JsonNode json;

    PeerRequest(JsonNode json) {
        this.json = json;
    }

    /** Refuses fields the operation does not know, which are misspelt ones most often. */
    void allow(Collection<String> fields) {
        for (String name : json.propertyNames()) {
            if (!name.equals(ID) && !name.equals(OPERATION) && !fields.contains(name)) {
                throw new PeerRefusal("\"" + name + "\": the operation has no such field, it has " + fields);
            }
        }
    }

    boolean has(String name) {
        return !json.path(name).isMissingNode() && !json.path(name).isNull();
    }

    private JsonNode field(String name) {
        if (!has(name)) throw new PeerRefusal("\"" + name + "\" is missing");
        return json.path(name);
    }

    String text(String name) {
        JsonNode value = field(name);
        if (!value.isString()) throw new PeerRefusal("\"" + name + "\" is not text");
        return value.stringValue();
    }

    String text(String name, String otherwise) {
        return has(name) ? text(name) : otherwise;
    }

    /** A whole number from 0 to 2^53 - 1. */
    long number(String name) {
        return number(name, field(name));
    }

    long number(String name, long otherwise) {
        return has(name) ? number(name) : otherwise;
    }

    private static long number(String name, JsonNode value) {
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < 0
                || value.longValue() >= 1L << 53) {
            throw new PeerRefusal("\"" + name + "\" is not a whole number from 0 to 2^53 - 1");
        }
        return value.longValue();
    }

    boolean flag(String name, boolean otherwise) {
        if (!has(name)) return otherwise;
        if (!field(name).isBoolean()) throw new PeerRefusal("\"" + name + "\" is not true or false");
        return field(name).booleanValue();
    }

    byte[] hex(String name) {
        return hex(name, field(name));
    }

    byte @Nullable [] optionalHex(String name) {
        return has(name) ? hex(name) : null;
    }

    private static byte[] hex(String name, JsonNode value) {
        if (!value.isString()) throw new PeerRefusal("\"" + name + "\" is not hex text");
        try {
            return HexFormat.of().parseHex(value.stringValue());
        } catch (IllegalArgumentException e) {
            throw new PeerRefusal("\"" + name + "\" is not hex: " + e.getMessage());
        }
    }

    /** 32 bytes as hex. */
    byte[] key(String name) {
        byte[] key = hex(name);
        if (key.length != 32) throw new PeerRefusal("\"" + name + "\" has " + key.length + " bytes, not 32");
        return key;
    }

    private JsonNode list(String name) {
        JsonNode value = field(name);
        if (!value.isArray()) throw new PeerRefusal("\"" + name + "\" is not a list");
        return value;
    }

    List<Long> numbers(String name) {
        List<Long> numbers = new ArrayList<>();
        for (JsonNode value : list(name)) numbers.add(number(name, value));
        return numbers;
    }

    List<PeerRequest> objects(String name) {
        List<PeerRequest> objects = new ArrayList<>();
        for (JsonNode value : list(name)) objects.add(object(name, value));
        return objects;
    }

    /** An object within the request, null when it is not there. */
    @Nullable
    PeerRequest object(String name) {
        return has(name) ? object(name, field(name)) : null;
    }

    private static PeerRequest object(String name, JsonNode value) {
        if (!value.isObject()) throw new PeerRefusal("\"" + name + "\" is not an object");
        return new PeerRequest(value);
    }

    /** Any JSON, null when it is not there. */
    @Nullable
    JsonNode any(String name) {
        return has(name) ? field(name) : null;
    }

    /** The bytes named by "blocks" (a list of hex) or "fill" (made here: {@code {"seed", "from", "sizes"}}). */
    List<byte[]> blocks() {
        List<byte[]> blocks = new ArrayList<>();
        PeerRequest fill = object("fill");
        if (fill == null) {
            for (JsonNode value : list("blocks")) blocks.add(hex("blocks", value));
            return blocks;
        }
        long seed = fill.number("seed");
        long from = fill.number("from", 0);
        for (long size : fill.numbers("sizes")) {
            if (size > 1 << 30) throw new PeerRefusal("\"sizes\": a block of " + size + " bytes");
            blocks.add(fill((int) seed, (int) (from + blocks.size()), (int) size));
        }
        return blocks;
    }

    private static byte[] fill(int seed, int index, int size) {
        byte[] bytes = new byte[size];
        int x = seed + index * 0x9e3779b1;
        for (int i = 0; i < size; i++) {
            x = x * 1664525 + 1013904223;
            bytes[i] = (byte) (x >>> 24);
        }
        return bytes;
    }
}
