package org.datdot.crypto;

/** Any other BLAKE2b-256 hash. */
public final class Hash extends Bytes32 {
    /** Copies the 32 bytes of {@code bytes}. */
    public Hash(byte[] bytes) {
        super(bytes);
    }

    /** Copies 32 bytes of {@code source} from {@code offset} on. */
    public Hash(byte[] source, int offset) {
        super(source, offset);
    }
}
