package org.datdot.hypercore;

/**
 * An application's own way to encrypt the blocks of a core, in the place of {@link EncryptionKey}; see {@link
 * Hypercore#encrypted(BlockEncryption)}. Thread-safe, and the same for all blocks of a core. Source: the interface
 * HypercoreEncryption of npm hypercore's option {@code encryption}.
 */
public interface BlockEncryption {
    /** By how many bytes every block grows. */
    int paddingBytes();

    /**
     * What is stored of a block.
     *
     * @param index where it will stand
     * @param fork fork number of the core; a place may be written again under another one
     * @param plain the content; not changed
     * @return a new array, by {@link #paddingBytes()} longer
     */
    byte[] encrypt(long index, long fork, byte[] plain);

    /**
     * The content of a stored block, in a new array.
     *
     * @throws IllegalStateException when it cannot be an encrypted block
     */
    byte[] decrypt(long index, byte[] stored);
}
