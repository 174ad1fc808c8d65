package org.datdot.hypercore;

/**
 * Blocks on their way to the disk, see {@link Hypercore#submit}. Appends of a store become durable in the order in which they
 * were submitted, whatever cores they are for: who waits for one has waited for all before it.
 */
public final class PendingAppend {
    private final CommitQueue commits;
    private final CoreChange change;
    private final long lengthBlocks;

    PendingAppend(CommitQueue commits, CoreChange change, long lengthBlocks) {
        this.commits = commits;
        this.change = change;
        this.lengthBlocks = lengthBlocks;
    }

    /** Length of the core with these blocks. */
    public long length() {
        return lengthBlocks;
    }

    /**
     * Waits until the blocks are durable and part of the core.
     *
     * @throws StorageException when they cannot be stored; the core is unchanged then
     */
    public void await() {
        commits.await(change);
    }
}
