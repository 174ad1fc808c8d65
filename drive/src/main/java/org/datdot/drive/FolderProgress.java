package org.datdot.drive;

/** Told how far an import or export is, after every file and every few MiB, from whichever thread works. Returns soon. */
@FunctionalInterface
public interface FolderProgress {

    /** Tells nobody. */
    FolderProgress NONE = (files, totalFiles, bytes, totalBytes) -> {};

    /**
     * How far it is.
     *
     * @param files files and links done, of {@code totalFiles}
     * @param bytes bytes of content done, of {@code totalBytes}
     */
    void at(long files, long totalFiles, long bytes, long totalBytes);
}
