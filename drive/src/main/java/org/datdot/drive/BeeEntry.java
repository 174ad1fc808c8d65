package org.datdot.drive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One key of a hyperbee and its value.
 *
 * @param seq index of the block that wrote it
 * @param key the key; shared, do not modify
 * @param value the value, or null when the key was put without one; shared, do not modify
 */
@SuppressWarnings("ArrayRecordComponent") // equals below compares the content
public record BeeEntry(long seq, byte[] key, byte @Nullable [] value) {

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof BeeEntry that
                && seq == that.seq
                && Arrays.equals(key, that.key)
                && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(key) + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return "BeeEntry[" + seq + " " + new String(key, StandardCharsets.UTF_8) + "]";
    }
}
