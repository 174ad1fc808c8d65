package org.datdot.hypercore;

import org.jspecify.annotations.Nullable;

/**
 * What a reader asks of a core: the fields of the wire message {@code request} which decide the proof (npm hypercore
 * lib/messages.js). At most one of {@code block} and {@code hash} is set.
 *
 * @param block a block with the tree nodes that prove it, or null
 * @param hash a tree node with its proof, or null
 * @param seek the tree nodes that lead to a byte offset, or null
 * @param upgrade a newer signed head, or null
 * @param manifest whether the reader lacks the manifest
 */
public record ProofRequest(
        @Nullable BlockRequest block,
        @Nullable HashRequest hash,
        @Nullable SeekRequest seek,
        @Nullable UpgradeRequest upgrade,
        boolean manifest) {

    /** Asks for one block and nothing else. */
    public static ProofRequest ofBlock(long index, long nodes) {
        return new ProofRequest(new BlockRequest(index, nodes), null, null, null, false);
    }

    /** Asks for the head that lies {@code length} blocks beyond {@code start}. */
    public static ProofRequest ofUpgrade(long start, long length, boolean manifest) {
        return new ProofRequest(null, null, null, new UpgradeRequest(start, length), manifest);
    }

    /**
     * A block by its index.
     *
     * @param index block index
     * @param nodes how many parents of the block the reader does not have yet
     */
    public record BlockRequest(long index, long nodes) {}

    /**
     * A tree node by its flat-tree index.
     *
     * @param index flat-tree index
     * @param nodes how many parents of the node the reader does not have yet
     */
    public record HashRequest(long index, long nodes) {}

    /**
     * A byte offset.
     *
     * @param bytes offset in bytes from the start of the core
     * @param padding bytes at the start of each block which do not count (block encryption)
     */
    public record SeekRequest(long bytes, long padding) {}

    /**
     * A range of blocks the signed head shall grow by.
     *
     * @param start the reader's length in blocks
     * @param length how many blocks beyond {@code start}
     */
    public record UpgradeRequest(long start, long length) {}
}
