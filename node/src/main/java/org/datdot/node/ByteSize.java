package org.datdot.node;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of data in bytes, read from and written for people: {@code 10GB}, {@code 512 MiB}, {@code 1.5T}.
 *
 * @param bytes not negative
 */
public record ByteSize(long bytes) {
    private static final Pattern TEXT =
            Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([kmgt]?)(i?)b?", Pattern.CASE_INSENSITIVE);
    private static final Map<String, Integer> POWER = Map.of("", 0, "k", 1, "m", 2, "g", 3, "t", 4);
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

    /** Checks the range. */
    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size cannot be negative: " + bytes);
        }
    }

    /**
     * Reads a size; decimal units count in thousands, units with an i in 1,024s.
     *
     * @throws IllegalArgumentException with an example of what is understood
     */
    public static ByteSize parse(String text) {
        Matcher match = TEXT.matcher(text.strip());
        if (!match.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no size; write for example 500MB, 10GB or 1.5TiB");
        }
        int power = POWER.getOrDefault(match.group(2).toLowerCase(Locale.ROOT), 0);
        long base = match.group(3).isEmpty() ? 1000 : 1024;
        try {
            return new ByteSize(new BigDecimal(match.group(1))
                    .multiply(BigDecimal.valueOf(base).pow(power))
                    .toBigInteger()
                    .longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is more than can be counted", e);
        }
    }

    /** With three digits and a decimal unit: {@code 104.9 MB}. */
    @Override
    public String toString() {
        if (bytes < 1000) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = 0;
        while (value >= 999.95 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }
}
