package org.datdot.crypto;

import java.nio.charset.StandardCharsets;

/**
 * Constants that keep the signatures and hashes of different protocols apart: BLAKE2b of the protocol name's hash and one
 * byte (npm {@code hypercore-crypto}, {@code namespace}).
 */
public final class Namespaces {
    private Namespaces() {}

    /**
     * One constant of 32 bytes for each id.
     *
     * @param name the protocol's name
     * @param ids numbers of 0 to 255
     */
    public static byte[][] derive(String name, int... ids) {
        byte[] nameHash = Blake2b.hash(name.getBytes(StandardCharsets.UTF_8));
        byte[][] namespaces = new byte[ids.length][];
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] > 255) {
                throw new IllegalArgumentException("a namespace's id is 0 to 255, not " + ids[i]);
            }
            namespaces[i] = Blake2b.hash(nameHash, new byte[] {(byte) ids[i]});
        }
        return namespaces;
    }
}
