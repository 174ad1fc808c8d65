package org.datdot.hypercore;

import java.nio.file.AccessDeniedException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

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

    static final String CORRUPT_ADVICE =
            "check the disk, then restore a backup or let the cores be downloaded again into a new directory";

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

    /** Tells what a failure means for whoever runs the store. */
    static StorageException of(String what, Exception cause) {
        String detail = what + ": " + cause.getMessage();
        String lower = detail.toLowerCase(Locale.ROOT);
        Status status = cause instanceof RocksDBException rocks ? rocks.getStatus() : null;
        Status.Code code = status == null ? null : status.getCode();
        Status.SubCode subCode = status == null ? null : status.getSubCode();
        if (subCode == Status.SubCode.NoSpace || lower.contains("no space left")) {
            return new StorageException(
                    StorageException.Kind.NO_SPACE,
                    detail + "; free some space, then open the store again (nothing stored before is lost)",
                    cause);
        }
        if (lower.contains("lock hold by current process") || lower.contains("resource temporarily unavailable")) {
            return new StorageException(
                    StorageException.Kind.LOCKED,
                    detail + "; the store is open in another process or instance: stop that one first",
                    cause);
        }
        if (code == Status.Code.Corruption) {
            return new StorageException(StorageException.Kind.CORRUPT, detail + "; " + CORRUPT_ADVICE, cause);
        }
        if (cause instanceof AccessDeniedException
                || cause instanceof ReadOnlyFileSystemException
                || lower.contains("permission denied")
                || lower.contains("read-only file system")) {
            return new StorageException(
                    StorageException.Kind.READ_ONLY,
                    detail + "; give this user the right to write there, or mount the file system writable",
                    cause);
        }
        return new StorageException(StorageException.Kind.IO, detail + "; check the disk and the directory", cause);
    }
}
