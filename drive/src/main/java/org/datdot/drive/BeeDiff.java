package org.datdot.drive;

import org.jspecify.annotations.Nullable;

/**
 * A key whose entry differs between two versions of a bee, as npm hyperbee's diff stream gives it. At least one is there.
 *
 * @param left the entry in the version that was asked, or null when the key is not in it
 * @param right the entry in the version it was compared with, or null
 */
public record BeeDiff(@Nullable BeeEntry left, @Nullable BeeEntry right) {

    /** The key in question. */
    public byte[] key() {
        BeeEntry present = left != null ? left : right;
        if (present == null) {
            throw new IllegalStateException("a difference of no key");
        }
        return present.key();
    }
}
