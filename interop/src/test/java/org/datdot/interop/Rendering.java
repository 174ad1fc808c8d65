package org.datdot.interop;

import java.util.Collection;
import java.util.HexFormat;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How decoded values are written down to be compared: the twin of the first lines of interop/node/fuzz.js. */
public final class Rendering {
    private Rendering() {}

    /** Fields in parentheses: - for null, 1 and 0 for true and false. */
    public static String fields(@Nullable Object... values) {
        StringBuilder text = new StringBuilder("(");
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            if (i > 0) text.append(' ');
            if (value == null) text.append('-');
            else if (value instanceof Boolean flag) text.append(flag ? '1' : '0');
            else text.append(value);
        }
        return text.append(')').toString();
    }

    /** Items in brackets. */
    public static <T> String list(Collection<T> items, Function<T, String> render) {
        return items.stream().map(render).collect(Collectors.joining(" ", "[", "]"));
    }

    /** Bytes as hex, - for null. */
    public static String hex(byte @Nullable [] bytes) {
        return bytes == null ? "-" : HexFormat.of().formatHex(bytes);
    }
}
