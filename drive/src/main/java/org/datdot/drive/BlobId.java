package org.datdot.drive;

/**
 * Where a blob lies in its core (npm hyperblobs): {@code blockLength} blocks from {@code blockOffset}, {@code byteLength}
 * bytes from {@code byteOffset}. With {@code blockMap} these blocks and bytes are not the blob but the list of its blocks,
 * which may lie anywhere in the core.
 */
public record BlobId(long blockOffset, long byteOffset, long blockLength, long byteLength, boolean blockMap) {

    /** JavaScript's largest exact integer: what a JSON number of a stock peer can hold. */
    static final long MAX = (1L << 53) - 1;

    /** Throws {@link IllegalArgumentException} when a number is negative or more than 2^53 - 1. */
    public BlobId {
        require("blockOffset", blockOffset);
        require("byteOffset", byteOffset);
        require("blockLength", blockLength);
        require("byteLength", byteLength);
        if (blockOffset + blockLength > MAX || byteOffset + byteLength > MAX) {
            throw new IllegalArgumentException("a blob ends after 2^53 - 1");
        }
    }

    private static void require(String name, long value) {
        if (value < 0 || value > MAX) {
            throw new IllegalArgumentException(name + " of a blob must be between 0 and 2^53 - 1, but is " + value);
        }
    }

    /** Index after the last block. */
    public long blockEnd() {
        return blockOffset + blockLength;
    }
}
