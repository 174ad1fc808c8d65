package org.datdot.chain;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.datdot.crypto.Blake2b;
import org.jspecify.annotations.Nullable;

/**
 * A checksum of a whole state that follows changes at the cost of the changes: the sum, lane by lane, of a BLAKE2b-512 of each
 * key and value (the construction of AdHash, Bellare and Micciancio 1997). It finds accidents of the disk; it is no commitment
 * against somebody who chooses the entries, and no part of a header. Immutable.
 */
final class StateCheck {
    /** How many bytes a checksum has. */
    static final int BYTES = 64;

    static final StateCheck EMPTY = new StateCheck(new byte[BYTES]);

    private final byte[] bytes;

    StateCheck(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a state's checksum has 64 bytes, not " + bytes.length);
        }
        this.bytes = bytes.clone();
    }

    /** The checksum with one entry more. */
    StateCheck with(byte[] key, byte[] value) {
        return new StateCheck(add(bytes, entry(key, value), 1));
    }

    /** The checksum after an entry changed from one value (or none) to another (or none). */
    StateCheck changed(byte[] key, byte @Nullable [] before, byte @Nullable [] after) {
        byte[] sum = bytes;
        if (before != null) {
            sum = add(sum, entry(key, before), -1);
        }
        if (after != null) {
            sum = add(sum, entry(key, after), 1);
        }
        return new StateCheck(sum);
    }

    private static byte[] entry(byte[] key, byte[] value) {
        byte[] keyLength = ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(key.length)
                .array();
        return Blake2b.hash(BYTES, null, keyLength, key, value);
    }

    private static byte[] add(byte[] sum, byte[] entry, int sign) {
        ByteBuffer left = ByteBuffer.wrap(sum).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer right = ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer out = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (out.hasRemaining()) {
            out.putLong(left.getLong() + sign * right.getLong());
        }
        return out.array();
    }

    byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StateCheck that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
