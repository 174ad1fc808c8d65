package org.datdot.crypto;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/**
 * Thirty-two bytes with a meaning. There is one subclass for each meaning, so that a key cannot be passed where a hash is
 * expected; two values are equal only within the same class.
 *
 * <p>Immutable: bytes are copied on the way in and out. Ordered as unsigned bytes. None of these values is secret.
 */
public abstract class Bytes32 implements Comparable<Bytes32> {
    /** How many bytes there are. */
    public static final int BYTES = 32;

    private final byte[] bytes;

    /**
     * @throws IllegalArgumentException when there are not exactly 32 bytes
     */
    protected Bytes32(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException(
                    "a " + getClass().getSimpleName() + " has 32 bytes, not " + bytes.length);
        }
        this.bytes = bytes.clone();
    }

    /** Takes 32 bytes out of an array. */
    protected Bytes32(byte[] source, int offset) {
        Objects.checkFromIndexSize(offset, BYTES, source.length);
        this.bytes = Arrays.copyOfRange(source, offset, offset + BYTES);
    }

    /** A copy of the bytes. */
    public final byte[] bytes() {
        return bytes.clone();
    }

    /** Copies the bytes into {@code target} from {@code offset} on. */
    public final void copyTo(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, BYTES);
    }

    /** The bytes as 64 lower-case hex digits. */
    public final String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    /** The bytes themselves, for reading only, inside this package. */
    final byte[] shared() {
        return bytes;
    }

    @Override
    public final int compareTo(Bytes32 other) {
        int order = Arrays.compareUnsigned(bytes, other.bytes);
        return order != 0
                ? order
                : getClass().getName().compareTo(other.getClass().getName());
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof Bytes32 that && that.getClass() == getClass() && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public final int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return hex();
    }
}
