package org.datdot.crypto;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/** A detached Ed25519 signature, 64 bytes. Immutable. */
public final class Signature {
    /** How many bytes a signature has. */
    public static final int BYTES = 64;

    private final byte[] bytes;

    /**
     * @throws IllegalArgumentException when there are not exactly 64 bytes
     */
    public Signature(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a signature has 64 bytes, not " + bytes.length);
        }
        this.bytes = bytes.clone();
    }

    /** Copies 64 bytes of {@code source} from {@code offset} on. */
    public Signature(byte[] source, int offset) {
        Objects.checkFromIndexSize(offset, BYTES, source.length);
        this.bytes = Arrays.copyOfRange(source, offset, offset + BYTES);
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Copies the bytes into {@code target} from {@code offset} on. */
    public void copyTo(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, BYTES);
    }

    /** The bytes as 128 lower-case hex digits. */
    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    /** The bytes themselves, for reading only, inside this package. */
    byte[] shared() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Signature that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return hex();
    }
}
