package org.datdot.drive;

import org.jspecify.annotations.Nullable;

/**
 * A block does not decode as what its place in the drive says it is, or the tree it belongs to is impossible. Blocks are
 * verified against the writer's signature before they get here, so it is the writer who made it so: reading again does
 * not help, the writer has to.
 */
public final class CorruptDriveException extends DriveException {

    private static final long serialVersionUID = 1L;

    public CorruptDriveException(String message) {
        super(message);
    }

    public CorruptDriveException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
