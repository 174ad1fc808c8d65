package org.datdot.hypercore;

import org.jspecify.annotations.Nullable;

/**
 * The store on disk cannot be used as asked. The message says what to do; {@link #kind()} says it to programs. What was
 * stored before stays as it was: after a failed write the store refuses further writes until it is opened again.
 */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Kind {
        /** Another process (or another instance in this process) has the store open. */
        LOCKED,
        /** The database reports damaged files. */
        CORRUPT,
        /** The disk is full. */
        NO_SPACE,
        /** The store was written by an older or newer format than this program knows. */
        UNKNOWN_VERSION,
        /** The directory or its file system cannot be written. */
        READ_ONLY,
        /** The directory is a copy, or was moved: two copies that are both written would destroy each other's cores. */
        MOVED,
        /** The store, or a core in it, is closed. */
        CLOSED,
        /** The store belongs to another identity, or a core with other properties is stored under the key. */
        CONFLICT,
        /** Any other failure of reading or writing. */
        IO
    }

    private final Kind kind;

    /** An error of a kind, with a message that says what to do. */
    public StorageException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** An error of a kind, with a message that says what to do. */
    public StorageException(Kind kind, String message) {
        this(kind, message, null);
    }

    /** What is wrong. */
    public Kind kind() {
        return kind;
    }
}
