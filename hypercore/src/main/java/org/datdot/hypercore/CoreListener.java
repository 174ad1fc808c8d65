package org.datdot.hypercore;

import org.datdot.crypto.PublicKey;

/**
 * Told about changes of a core after they are committed to the store. Calls come with the core's lock held, from
 * whichever thread committed: an implementation does little, never waits, and never calls back into an append.
 */
public interface CoreListener {

    /** The signed head is another one, by a local append or truncation or a verified upgrade; {@code state.head()} is the new one. */
    default void onHead(CoreState state, TreeHead previous, boolean local) {}

    /**
     * The core was cut after its first {@code ancestors} blocks and has another fork now, by a local truncation or because
     * its writer rewrote it; {@code state.head()} is the new head, which may be longer again. Comes before
     * {@link #onDrop} of the blocks that went and {@link #onHead}.
     */
    default void onTruncate(CoreState state, TreeHead previous, long ancestors) {}

    /** The manifest became known. */
    default void onManifest(CoreState state) {}

    /** Blocks {@code [start, end)} are stored and may be announced. */
    default void onBlocks(CoreState state, long start, long end) {}

    /** Blocks {@code [start, end)} are gone (cleared or cut off). */
    default void onDrop(CoreState state, long start, long end) {}

    /** The core's signer has signed two histories: the core refuses further writes until it is reopened. */
    default void onConflict(CoreState state, CoreConflict conflict) {}

    /** Blocks {@code [start, end)} were received from peers and are stored. */
    default void onDownload(CoreState state, long start, long end) {}

    /** A block came from a peer and is true; it is on its way to the disk. Comes without the core's lock. */
    default void onReceive(CoreState state, long index, long byteLength, PublicKey peer) {}

    /** A block was sent to a peer. Comes without the core's lock, from any thread. */
    default void onUpload(CoreState state, long index, long byteLength, PublicKey peer) {}

    /** A peer has opened the core, or has closed it. */
    default void onPeer(CoreState state, PublicKey peer, boolean added) {}

    /** Some peer holds more blocks from the first on without a gap than any peer did before. */
    default void onRemoteContiguous(CoreState state, long length) {}

    /** The core is closed; nothing follows. */
    default void onClose(CoreState state) {}

    /** A write failed: the core refuses further writes until it is reopened. */
    default void onFailure(CoreState state, StorageException failure) {}
}
