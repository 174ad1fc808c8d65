package org.datdot.hypercore;

import org.datdot.crypto.PublicKey;

/**
 * Hears what happens to a core, after it is on disk. Calls of one watcher come one after the other, in order, on a thread
 * of their own, so they may call back into the core and may take their time.
 */
public interface CoreWatcher {

    /** The core grew, here or because peers sent a longer head. */
    default void appended(TreeHead head) {}

    /** The core was cut after its first {@code ancestors} blocks and goes on under another fork number. */
    default void truncated(long ancestors, TreeHead head) {}

    /** Blocks came from peers. */
    default void downloaded(BlockRange blocks) {}

    /**
     * A block was sent to a peer. A watcher that is far behind does not hear of all of them.
     *
     * @param byteLength size of the block, without what encryption adds
     */
    default void uploaded(long index, long byteLength, PublicKey peer) {}

    /**
     * A block came from a peer and is true; it is on its way to the disk.
     *
     * @param byteLength size of the block, without what encryption adds
     */
    default void received(long index, long byteLength, PublicKey peer) {}

    /** A peer replicates the core from now on. */
    default void peerAdded(PublicKey peer) {}

    /** A peer replicates the core no more. */
    default void peerRemoved(PublicKey peer) {}

    /** Some peer holds more blocks from the first on without a gap than any peer did before. */
    default void remoteContiguousLength(long length) {}

    /** The handle or the store was closed: nothing follows. */
    default void closed() {}
}
