package org.datdot.drive;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.datdot.encoding.Utf8;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON in the very bytes of JavaScript's {@code JSON.stringify}, so that equal values give equal blocks (ECMA-262,
 * SerializeJSONProperty, QuoteJSONString, Number::toString; property order as OrdinaryOwnPropertyKeys).
 */
final class JsonText {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long MAX_ARRAY_INDEX = 0xffff_fffeL;
    private static final BigDecimal NO_EXPONENT_BELOW = new BigDecimal("1e21");
    private static final BigDecimal NO_EXPONENT_FROM = new BigDecimal("1e-6");

    private JsonText() {}

    static byte[] encode(JsonNode value) {
        StringBuilder out = new StringBuilder(128);
        write(out, value);
        return utf8(out.toString());
    }

    /** As JavaScript: a lone surrogate becomes U+FFFD where Java puts a question mark. */
    static byte[] utf8(String text) {
        if (StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        StringBuilder whole = new StringBuilder(text.length());
        text.codePoints().forEach(c -> whole.appendCodePoint(c >= 0xd800 && c <= 0xdfff ? 0xfffd : c));
        return whole.toString().getBytes(StandardCharsets.UTF_8);
    }

    static JsonNode decode(byte[] bytes, String what) {
        try {
            JsonNode value = JSON.readTree(Utf8.decode(bytes));
            if (value.isMissingNode()) {
                throw new CorruptDriveException(what + " is empty where JSON is expected");
            }
            return value;
        } catch (JacksonException e) {
            throw new CorruptDriveException(what + " is not JSON", e);
        }
    }

    private static void write(StringBuilder out, JsonNode value) {
        switch (value.getNodeType()) {
            case OBJECT, POJO -> writeObject(out, value);
            case ARRAY -> {
                out.append('[');
                for (int i = 0; i < value.size(); i++) {
                    out.append(i == 0 ? "" : ",");
                    write(out, value.get(i));
                }
                out.append(']');
            }
            case STRING -> writeString(out, value.stringValue());
            case NUMBER -> writeNumber(out, value);
            case BOOLEAN -> out.append(value.booleanValue());
            case BINARY -> throw new IllegalArgumentException("JSON has no bytes: write them as text");
            case NULL, MISSING -> out.append("null");
        }
    }

    private static void writeObject(StringBuilder out, JsonNode object) {
        List<Map.Entry<String, JsonNode>> indexes = new ArrayList<>();
        List<Map.Entry<String, JsonNode>> names = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : object.properties()) {
            (isArrayIndex(property.getKey()) ? indexes : names).add(property);
        }
        indexes.sort((a, b) -> Long.compare(Long.parseLong(a.getKey()), Long.parseLong(b.getKey())));
        indexes.addAll(names);
        out.append('{');
        String separator = "";
        for (Map.Entry<String, JsonNode> property : indexes) {
            out.append(separator);
            writeString(out, property.getKey());
            out.append(':');
            write(out, property.getValue());
            separator = ",";
        }
        out.append('}');
    }

    private static boolean isArrayIndex(String name) {
        if (name.isEmpty() || name.length() > 10 || (name.length() > 1 && name.charAt(0) == '0')) {
            return false;
        }
        return name.chars().allMatch(c -> c >= '0' && c <= '9') && Long.parseLong(name) <= MAX_ARRAY_INDEX;
    }

    private static void writeString(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    boolean pair = Character.isHighSurrogate(c)
                            && i + 1 < text.length()
                            && Character.isLowSurrogate(text.charAt(i + 1));
                    if (pair) {
                        out.append(c).append(text.charAt(++i));
                    } else if (c < ' ' || Character.isSurrogate(c)) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static void writeNumber(StringBuilder out, JsonNode number) {
        if (number.isIntegralNumber() && number.canConvertToLong()) {
            out.append(number.longValue());
            return;
        }
        double value = number.doubleValue();
        if (!Double.isFinite(value)) {
            out.append("null");
            return;
        }
        if (value == 0) {
            out.append('0');
            return;
        }
        // Java's shortest digits are JavaScript's; only the place of the point and the exponent are written otherwise.
        BigDecimal decimal = shortest(value).stripTrailingZeros();
        BigDecimal size = decimal.abs();
        if (size.compareTo(NO_EXPONENT_FROM) >= 0 && size.compareTo(NO_EXPONENT_BELOW) < 0) {
            out.append(decimal.toPlainString());
            return;
        }
        String digits = decimal.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - decimal.scale();
        out.append(decimal.signum() < 0 ? "-" : "").append(digits.charAt(0));
        if (digits.length() > 1) {
            out.append('.').append(digits, 1, digits.length());
        }
        out.append('e').append(exponent < 0 ? '-' : '+').append(Math.abs(exponent));
    }

    /** The shortest digits that stand for a number; Java alone never gives fewer than two. */
    private static BigDecimal shortest(double value) {
        BigDecimal digits = new BigDecimal(Double.toString(value));
        BigDecimal one = digits.round(new MathContext(1, RoundingMode.HALF_UP));
        return one.doubleValue() == value ? one : digits;
    }
}
