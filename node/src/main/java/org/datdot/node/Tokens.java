package org.datdot.node;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * An amount of DatDot tokens as people write it; the ledger counts in units of a billionth.
 *
 * @param units not negative
 */
public record Tokens(long units) {
    /** Units of one token. */
    public static final long UNITS_PER_TOKEN = 1_000_000_000L;

    private static final int DECIMALS = 9;

    /** Checks the range. */
    public Tokens {
        if (units < 0) {
            throw new IllegalArgumentException("an amount of tokens cannot be negative: " + units);
        }
    }

    /**
     * Reads {@code 12}, {@code 0.5} and the like.
     *
     * @throws IllegalArgumentException when it is no number, negative, or finer than a unit
     */
    public static Tokens parse(String text) {
        try {
            return new Tokens(new BigDecimal(text.strip())
                    .movePointRight(DECIMALS)
                    .setScale(0, RoundingMode.UNNECESSARY)
                    .longValueExact());
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no amount of tokens; write for example 20 or 0.5 (at most nine decimals)", e);
        }
    }

    /** Without trailing zeros: {@code 12.5}. */
    @Override
    public String toString() {
        return BigDecimal.valueOf(units, DECIMALS).stripTrailingZeros().toPlainString();
    }
}
