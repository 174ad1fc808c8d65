package org.datdot.drive;

import org.jspecify.annotations.Nullable;

/** Something about a drive, its bee or its blobs could not be done; the message says what, and what to do about it. */
public class DriveException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public DriveException(String message) {
        super(message);
    }

    public DriveException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
