package org.datdot.drive;

import org.jspecify.annotations.Nullable;

/**
 * Which keys an iterator of a {@link Hyperbee} returns, in which direction, and how many at most. Immutable; start from
 * {@link #all()}. Keys compare as unsigned bytes. Setting a bound replaces the one on the same side.
 */
public final class BeeRange {

    private static final BeeRange ALL = new BeeRange(null, true, null, true, false, Long.MAX_VALUE);

    final byte @Nullable [] lower;
    final boolean lowerIncluded;
    final byte @Nullable [] upper;
    final boolean upperIncluded;
    final boolean reversed;
    final long limit;

    private BeeRange(
            byte @Nullable [] lower,
            boolean lowerIncluded,
            byte @Nullable [] upper,
            boolean upperIncluded,
            boolean reversed,
            long limit) {
        this.lower = lower == null ? null : lower.clone();
        this.lowerIncluded = lowerIncluded;
        this.upper = upper == null ? null : upper.clone();
        this.upperIncluded = upperIncluded;
        this.reversed = reversed;
        this.limit = limit;
    }

    public static BeeRange all() {
        return ALL;
    }

    /** Keys greater than this one only. */
    public BeeRange gt(byte[] key) {
        return new BeeRange(key, false, upper, upperIncluded, reversed, limit);
    }

    /** This key and greater ones only. */
    public BeeRange gte(byte[] key) {
        return new BeeRange(key, true, upper, upperIncluded, reversed, limit);
    }

    /** Keys less than this one only. */
    public BeeRange lt(byte[] key) {
        return new BeeRange(lower, lowerIncluded, key, false, reversed, limit);
    }

    /** This key and smaller ones only. */
    public BeeRange lte(byte[] key) {
        return new BeeRange(lower, lowerIncluded, key, true, reversed, limit);
    }

    /** Greatest key first. */
    public BeeRange reverse() {
        return new BeeRange(lower, lowerIncluded, upper, upperIncluded, true, limit);
    }

    /** At most this many entries; 0 gives none. */
    public BeeRange limit(long entries) {
        if (entries < 0) {
            throw new IllegalArgumentException("limit must not be negative: " + entries);
        }
        return new BeeRange(lower, lowerIncluded, upper, upperIncluded, reversed, entries);
    }
}
