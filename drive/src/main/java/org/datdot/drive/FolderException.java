package org.datdot.drive;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A folder could not be imported or exported; the message names the file and says what to do. */
public final class FolderException extends IOException {

    private static final long serialVersionUID = 1L;

    public FolderException(String message) {
        super(message);
    }

    public FolderException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
