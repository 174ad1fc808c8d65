package org.datdot.hypercore;

import java.io.IOException;

/**
 * Supplies the bytes of blocks which are not kept in the store itself, such as the originals inside encoded replicas.
 * Called from many threads at once, never with a core's lock held.
 */
@FunctionalInterface
public interface BlockSource {

    /**
     * The block's bytes, a fresh array the caller may keep.
     *
     * @throws IOException when the block cannot be produced; peers are told that it is not available
     */
    byte[] read(long index) throws IOException;
}
