package org.datdot.crypto;

/** The key derivation of Noise (HKDF, RFC 5869, without info) over HMAC-BLAKE2b: npm {@code noise-handshake} ({@code hkdf.js}). */
public final class Hkdf {
    private Hkdf() {}

    /**
     * Derives keys of 64 bytes each.
     *
     * @param salt Noise's chaining key
     * @param inputKeyMaterial what two sides agreed on; may be empty
     * @param outputs how many keys, 1 to 255
     */
    public static byte[][] derive(byte[] salt, byte[] inputKeyMaterial, int outputs) {
        if (outputs < 1 || outputs > 255) {
            throw new IllegalArgumentException("HKDF derives 1 to 255 keys, not " + outputs);
        }
        byte[] extracted = HmacBlake2b.digest(salt, inputKeyMaterial);
        byte[][] keys = new byte[outputs][];
        byte[] previous = {};
        for (int i = 0; i < outputs; i++) {
            previous = HmacBlake2b.digest(extracted, previous, new byte[] {(byte) (i + 1)});
            keys[i] = previous;
        }
        return keys;
    }
}
