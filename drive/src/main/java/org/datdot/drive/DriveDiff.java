package org.datdot.drive;

import org.jspecify.annotations.Nullable;

/**
 * A name whose entry differs between two versions of a drive. At least one is there.
 *
 * @param left the entry in the version that was asked, or null when there is none
 * @param right the entry in the version it was compared with, or null
 */
public record DriveDiff(@Nullable DriveEntry left, @Nullable DriveEntry right) {

    /** The name in question. */
    public String path() {
        DriveEntry present = left != null ? left : right;
        if (present == null) {
            throw new IllegalStateException("a difference of no name");
        }
        return present.path();
    }
}
