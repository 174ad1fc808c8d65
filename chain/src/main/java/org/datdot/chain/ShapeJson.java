package org.datdot.chain;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.Ss58;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Codec;
import org.datdot.ledger.Shape;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Values of any {@link Shape} as JSON and back, so that a program can write a call and read an entry knowing their names only: numbers as numbers (as text from 2^53 on), bytes as hex with {@code 0x} in
 * front, accounts as SS58, lists as lists, named fields as an object, a possibility without fields as its name, one with fields as an object with one entry, what is missing as null.
 */
public final class ShapeJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final BigInteger MOST_EXACT = BigInteger.TWO.pow(53);
    private static final Shape ACCOUNT = Codec.of(AccountId.class).shape();

    private ShapeJson() {}

    /**
     * A value as JSON.
     *
     * @throws DecodingException when the bytes are none of that shape
     */
    public static JsonNode read(Shape shape, byte[] bytes) {
        ScaleDecoder in = new ScaleDecoder(bytes);
        JsonNode value = read(shape, in);
        in.requireEnd();
        return value;
    }

    /** The same of a value that something follows. */
    static JsonNode read(Shape shape, ScaleDecoder in) {
        if (shape.equals(ACCOUNT)) {
            return NODES.stringNode(new AccountId(in.fixed(AccountId.BYTES)).toString());
        }
        return switch (shape) {
            case Shape.Primitive primitive -> primitive(primitive, in);
            case Shape.Compact _ -> number(in.compactBig());
            case Shape.Sequence(Shape of) ->
                of == Shape.Primitive.U8 ? hex(in.bytes()) : list(in.list(item -> read(of, item)));
            case Shape.Array(int length, Shape of) -> {
                if (of == Shape.Primitive.U8) {
                    yield hex(in.fixed(length));
                }
                List<JsonNode> items = new ArrayList<>();
                for (int i = 0; i < length; i++) {
                    items.add(read(of, in));
                }
                yield list(items);
            }
            case Shape.Tuple(List<Shape> of) ->
                list(of.stream().map(each -> read(each, in)).toList());
            case Shape.Composite composite -> fields(composite.fields(), in);
            case Shape.Variant variant -> variant(variant, in);
        };
    }

    private static JsonNode primitive(Shape.Primitive primitive, ScaleDecoder in) {
        return switch (primitive) {
            case BOOL -> NODES.booleanNode(in.bool());
            case STR -> NODES.stringNode(in.string());
            case U8 -> NODES.numberNode(in.u8());
            case U16 -> NODES.numberNode(in.u16());
            case U32 -> NODES.numberNode(in.u32());
            case U64 -> number(new BigInteger(Long.toUnsignedString(in.u64Bits())));
            case U128 -> number(in.u128());
        };
    }

    private static JsonNode number(BigInteger value) {
        return value.compareTo(MOST_EXACT) < 0
                ? NODES.numberNode(value.longValueExact())
                : NODES.stringNode(value.toString());
    }

    private static JsonNode hex(byte[] bytes) {
        return NODES.stringNode(RpcParams.hex(bytes));
    }

    private static JsonNode list(List<JsonNode> items) {
        ArrayNode out = NODES.arrayNode();
        items.forEach(out::add);
        return out;
    }

    private static JsonNode variant(Shape.Variant variant, ScaleDecoder in) {
        int index = in.u8();
        Shape.Option option = variant.options().stream()
                .filter(each -> each.index() == index)
                .findFirst()
                .orElseThrow(() -> new DecodingException("there is no possibility " + index + " of " + name(variant)));
        if (isOptional(variant)) {
            return option.fields().isEmpty()
                    ? NODES.nullNode()
                    : read(option.fields().getFirst().shape(), in);
        }
        if (option.fields().isEmpty()) {
            return NODES.stringNode(option.name());
        }
        ObjectNode out = NODES.objectNode();
        out.set(option.name(), fields(option.fields(), in));
        return out;
    }

    private static JsonNode fields(List<Shape.Field> fields, ScaleDecoder in) {
        if (fields.size() == 1 && fields.getFirst().name() == null) {
            return read(fields.getFirst().shape(), in);
        }
        ObjectNode named = NODES.objectNode();
        ArrayNode placed = NODES.arrayNode();
        for (Shape.Field field : fields) {
            JsonNode value = read(field.shape(), in);
            String name = field.name();
            if (name == null) {
                placed.add(value);
            } else {
                named.set(name, value);
            }
        }
        return placed.isEmpty() ? named : placed;
    }

    private static boolean isOptional(Shape.Variant variant) {
        return variant.path().equals(List.of("Option"));
    }

    private static String name(Shape.Variant variant) {
        return variant.path().isEmpty() ? "it" : variant.path().getLast();
    }

    /**
     * The bytes of a value.
     *
     * @throws IllegalArgumentException when the JSON is none of that shape, saying where and what is expected
     */
    public static byte[] write(Shape shape, JsonNode json) {
        ScaleEncoder out = new ScaleEncoder();
        write(shape, json, "the value", out);
        return out.toBytes();
    }

    private static void write(Shape shape, JsonNode json, String where, ScaleEncoder out) {
        if (shape.equals(ACCOUNT) && json.isString() && !json.asString().startsWith("0x")) {
            try {
                out.fixed(Ss58.decode(json.asString()));
            } catch (IllegalArgumentException | DecodingException e) {
                throw expected(where, "an account as SS58 or hex (" + e.getMessage() + ")", json);
            }
            return;
        }
        switch (shape) {
            case Shape.Primitive primitive -> writePrimitive(primitive, json, where, out);
            case Shape.Compact(Shape of) -> out.compact(number(of, json, where));
            case Shape.Sequence(Shape of) -> {
                if (of == Shape.Primitive.U8) {
                    out.bytes(bytes(json, where));
                } else {
                    requireArray(json, -1, where);
                    out.compact(json.size());
                    writeItems(of, json, where, out);
                }
            }
            case Shape.Array(int length, Shape of) -> {
                if (of == Shape.Primitive.U8) {
                    byte[] bytes = bytes(json, where);
                    if (bytes.length != length) {
                        throw expected(where, length + " bytes", json);
                    }
                    out.fixed(bytes);
                } else {
                    requireArray(json, length, where);
                    writeItems(of, json, where, out);
                }
            }
            case Shape.Tuple(List<Shape> of) -> {
                requireArray(json, of.size(), where);
                for (int i = 0; i < of.size(); i++) {
                    write(of.get(i), json.get(i), where + "[" + i + "]", out);
                }
            }
            case Shape.Composite composite -> writeFields(composite.fields(), json, where, out);
            case Shape.Variant variant -> writeVariant(variant, json, where, out);
        }
    }

    private static void writeItems(Shape of, JsonNode json, String where, ScaleEncoder out) {
        for (int i = 0; i < json.size(); i++) {
            write(of, json.get(i), where + "[" + i + "]", out);
        }
    }

    private static void writePrimitive(Shape.Primitive primitive, JsonNode json, String where, ScaleEncoder out) {
        switch (primitive) {
            case BOOL -> {
                if (!json.isBoolean()) {
                    throw expected(where, "true or false", json);
                }
                out.bool(json.booleanValue());
            }
            case STR -> {
                if (!json.isString()) {
                    throw expected(where, "a text", json);
                }
                out.string(json.asString());
            }
            case U8 -> out.u8((int) number(primitive, json, where));
            case U16 -> out.u16((int) number(primitive, json, where));
            case U32 -> out.u32(number(primitive, json, where));
            case U64 -> out.u64(number(primitive, json, where));
            case U128 -> out.u128(BigInteger.valueOf(number(primitive, json, where)));
        }
    }

    /** Numbers of ours are below 2^63, whatever their width. */
    private static long number(Shape of, JsonNode json, String where) {
        BigInteger most = BigInteger.TWO
                .pow(
                        switch (of) {
                            case Shape.Primitive.U8 -> 8;
                            case Shape.Primitive.U16 -> 16;
                            case Shape.Primitive.U32 -> 32;
                            default -> 63;
                        })
                .subtract(BigInteger.ONE);
        String range = "a number from 0 to " + most;
        BigInteger value;
        try {
            value = json.isString()
                    ? new BigInteger(json.asString())
                    : json.isIntegralNumber() ? json.bigIntegerValue() : null;
        } catch (NumberFormatException e) {
            throw expected(where, range, json);
        }
        if (value == null || value.signum() < 0 || value.compareTo(most) > 0) {
            throw expected(where, range, json);
        }
        return value.longValueExact();
    }

    private static byte[] bytes(JsonNode json, String where) {
        try {
            return RpcParams.bytes(json.asString(""));
        } catch (IllegalArgumentException e) {
            throw expected(where, "hex digits with 0x in front", json);
        }
    }

    private static void requireArray(JsonNode json, int size, String where) {
        if (!json.isArray() || (size >= 0 && json.size() != size)) {
            throw expected(where, size < 0 ? "a list" : "a list of " + size, json);
        }
    }

    private static void writeVariant(Shape.Variant variant, JsonNode json, String where, ScaleEncoder out) {
        if (isOptional(variant)) {
            Shape.Option some = variant.options().getLast();
            out.bool(!json.isNull());
            if (!json.isNull()) {
                write(some.fields().getFirst().shape(), json, where, out);
            }
            return;
        }
        String name = json.isString()
                ? json.asString()
                : json.isObject() && json.size() == 1
                        ? json.propertyNames().iterator().next()
                        : "";
        Shape.Option option = variant.options().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> expected(
                        where,
                        "one of "
                                + variant.options().stream()
                                        .map(Shape.Option::name)
                                        .toList(),
                        json));
        out.u8(option.index());
        if (json.isObject()) {
            writeFields(option.fields(), json.get(name), where + "." + name, out);
        } else if (!option.fields().isEmpty()) {
            throw expected(where, "an object {\"" + name + "\": …}", json);
        }
    }

    /** The fields of a call, event or object, by name or by place. */
    static void writeFields(List<Shape.Field> fields, JsonNode json, String where, ScaleEncoder out) {
        if (fields.size() == 1 && fields.getFirst().name() == null) {
            write(fields.getFirst().shape(), json, where, out);
            return;
        }
        if (json.isArray()) {
            requireArray(json, fields.size(), where);
        } else if (!json.isObject()) {
            throw expected(where, "an object with " + names(fields), json);
        } else {
            for (String given : json.propertyNames()) {
                if (fields.stream().noneMatch(field -> given.equals(field.name()))) {
                    throw new IllegalArgumentException(where + " has no field " + given + "; it has " + names(fields));
                }
            }
        }
        for (int i = 0; i < fields.size(); i++) {
            Shape.Field field = fields.get(i);
            JsonNode value = json.isArray() ? json.get(i) : json.path(field.name() == null ? "" : field.name());
            if (value.isMissingNode()) {
                throw new IllegalArgumentException(where + " lacks the field " + field.name());
            }
            write(field.shape(), value, where + "." + (field.name() == null ? i : field.name()), out);
        }
    }

    private static List<@Nullable String> names(List<Shape.Field> fields) {
        List<@Nullable String> names = new ArrayList<>();
        fields.forEach(field -> names.add(field.name()));
        return names;
    }

    private static IllegalArgumentException expected(String where, String what, JsonNode found) {
        String text = found.toString();
        return new IllegalArgumentException(
                where + ": expected " + what + ", found " + (text.length() > 80 ? text.substring(0, 80) + "…" : text));
    }
}
