package org.datdot.crypto;

/** An Ed25519 public key: who signed, or who is at the other end of a connection. */
public final class PublicKey extends Bytes32 {
    /** Copies the 32 bytes of {@code bytes}. */
    public PublicKey(byte[] bytes) {
        super(bytes);
    }

    /** Copies 32 bytes of {@code source} from {@code offset} on. */
    public PublicKey(byte[] source, int offset) {
        super(source, offset);
    }
}
