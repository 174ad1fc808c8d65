package org.datdot.chain;

import java.nio.file.Path;
import java.util.Locale;
import org.datdot.chain.ChainException.Kind;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** Names what the database of a {@link ChainStore} fails with. */
final class StoreFailure {
    private StoreFailure() {}

    /** What to say of damage. */
    static String damaged(Path directory, String what) {
        return "the chain in " + directory + " is damaged: " + what
                + "; nothing was changed. Restore the directory from a copy, or move it away and start with an empty"
                + " one";
    }

    /** What to do about a failure, by what it is. */
    static ChainException of(Path directory, String action, RocksDBException e) {
        Status status = e.getStatus();
        String text = String.valueOf(e.getMessage());
        Status.Code code = status == null ? Status.Code.Undefined : status.getCode();
        Status.SubCode subCode = status == null ? Status.SubCode.None : status.getSubCode();
        if (text.contains("LOCK") && text.toLowerCase(Locale.ROOT).contains("lock ")) {
            return new ChainException(
                    Kind.IN_USE,
                    "the chain in " + directory + " is in use by another process; stop that one first, or give this one"
                            + " another directory",
                    e);
        }
        if (subCode == Status.SubCode.NoSpace || text.contains("No space left")) {
            return new ChainException(
                    Kind.NO_SPACE,
                    "no space left to " + action + " the chain in " + directory
                            + "; free some and start again, everything up to the last block is kept",
                    e);
        }
        if (code == Status.Code.Corruption
                || text.contains("Corruption")
                || text.contains("does not exist (create_if_missing is false)")) {
            return new ChainException(Kind.DAMAGED, damaged(directory, text), e);
        }
        return new ChainException(
                Kind.IO,
                "cannot " + action + " the chain in " + directory + ": " + text
                        + "; check the disk and its permissions",
                e);
    }
}
