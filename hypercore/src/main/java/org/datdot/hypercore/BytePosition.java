package org.datdot.hypercore;

/**
 * Where a byte of a core lies.
 *
 * @param index the block that holds it; the core's length when the byte is the first one behind the end
 * @param offset bytes before it in that block
 */
public record BytePosition(long index, long offset) {}
